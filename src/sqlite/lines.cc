#include "sqlite/lines.h"

#include <algorithm>

namespace weir::sqlite {

/// A reader that waits for messages held for an hour must not keep messages held for a second from others, so each time
/// has a line of its own. A line is a number. Groups use the numbers from 1 on; hardly any file ever reaches the upper
/// half, which is used here. If two lines get the same number they are one, which only makes a reader wait for its
/// turn.
std::int64_t line_for_claims(std::int64_t group, Millis min_idle) {
  constexpr unsigned kBits = 30;
  constexpr std::uint64_t kMix = 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = static_cast<std::uint64_t>(group) * kMix;
  mixed = (mixed ^ (mixed >> kBits) ^ static_cast<std::uint64_t>(min_idle.count())) * kMix;
  return static_cast<std::int64_t>((std::uint64_t{1} << kBits) | (mixed >> (64U - kBits)));
}

bool PatientPlace::is_turn(Id next, bool at_head) {
  constexpr std::chrono::seconds kPatience{1};
  // Patience with a reader that is not stopped: the machine may be very busy.
  constexpr std::chrono::seconds kLongPatience{10};
  // Who has not looked for longer was stopped itself.
  constexpr std::chrono::seconds kAsleep{9};
  if (at_head) {
    return true;
  }
  const SteadyTime now = std::chrono::steady_clock::now();
  if (next != left_lying_ || now - last_seen_ > kAsleep) {
    left_lying_ = next;
    lying_since_ = now;
  }
  last_seen_ = now;
  const auto lying = now - lying_since_;
  return lying >= kPatience && place_.pass_over_ahead(lying >= kLongPatience);
}

void SharedLines::join(std::int64_t line, std::uint64_t place) {
  const std::lock_guard lock(mutex_);
  std::vector<Run>& runs = lines_[line];
  if (runs.empty() || runs.back().place->anyone_behind()) {
    const PlaceInLine* behind = runs.empty() ? nullptr : &*runs.back().place;
    runs.push_back({PatientPlace(file_, line, behind), {}});
  }
  runs.back().clients.insert(place);
}

void SharedLines::leave(std::int64_t line, std::uint64_t place) {
  const std::lock_guard lock(mutex_);
  const auto at = lines_.find(line);
  if (at == lines_.end()) {
    return;
  }
  std::vector<Run>& runs = at->second;
  for (Run& run : runs) {
    run.clients.erase(place);
  }
  std::erase_if(runs, [](const Run& run) { return run.clients.empty(); });
  if (runs.empty()) {
    lines_.erase(at);
  }
}

bool SharedLines::at_head(Run& run) {
  run.place->come_back();
  run.first = run.first || !run.place->anyone_before();
  return run.first || run.place->at_head();
}

SharedLines::Run* SharedLines::first_of(std::int64_t line) {
  const auto at = lines_.find(line);
  return at == lines_.end() ? nullptr : &at->second.front();
}

bool SharedLines::is_first(std::int64_t line, std::uint64_t place) {
  const std::lock_guard lock(mutex_);
  const auto at = lines_.find(line);
  if (at == lines_.end()) {
    return false;
  }
  const auto run = std::ranges::find_if(at->second, [&](const Run& each) { return each.clients.contains(place); });
  return run != at->second.end() && at_head(*run);
}

bool SharedLines::others_are_in(std::int64_t line) {
  const std::lock_guard lock(mutex_);
  return file_.anyone_in_line(line);  // the places of this process's clients are not visible through `file_`
}

bool SharedLines::at_head(std::int64_t line) {
  const std::lock_guard lock(mutex_);
  Run* run = first_of(line);
  return run != nullptr && at_head(*run);
}

bool SharedLines::is_turn(std::int64_t line, Id next) {
  const std::lock_guard lock(mutex_);
  Run* run = first_of(line);
  return run != nullptr && run->place.is_turn(next, at_head(*run));
}

}  // namespace weir::sqlite
