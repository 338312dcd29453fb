#include "top/minute.h"

#include <algorithm>

namespace weir::top {
namespace {

constexpr std::chrono::seconds kSpan{60};
constexpr std::chrono::seconds kStep{1};

}  // namespace

void Minute::note(std::uint64_t count, SteadyTime at) {
  if (samples_.empty()) {
    begun_ = at;
    last_ = count;
    samples_.push_back({at, 0});
    return;
  }
  const std::uint64_t more = count > last_ ? count - last_ : 0;
  last_ = count;
  if (more == 0) {
    return;
  }
  const std::uint64_t grown = samples_.back().grown + more;
  if (samples_.size() > 1 && at - samples_[samples_.size() - 2].at < kStep) {
    samples_.back() = {at, grown};
  } else {
    samples_.push_back({at, grown});
  }
  // The first sample that stays has the count of a minute ago.
  while (samples_.size() > 1 && at - samples_[1].at >= kSpan) {
    samples_.pop_front();
  }
}

std::optional<double> Minute::per_second(SteadyTime now) const {
  if (samples_.empty() || now - begun_ < kStep) {
    return std::nullopt;
  }
  std::uint64_t before = 0;
  for (const Sample& sample : samples_) {
    if (&sample != &samples_.front() && now - sample.at < kSpan) {
      break;
    }
    before = sample.grown;
  }
  const std::chrono::duration<double> over = std::min<SteadyTime::duration>(now - begun_, kSpan);
  return static_cast<double>(samples_.back().grown - before) / over.count();
}

}  // namespace weir::top
