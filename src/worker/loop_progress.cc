// What a worker shows on a terminal while it works.
#include <unistd.h>

#include <algorithm>

#include "system/terminal.h"
#include "worker/loop.h"

namespace weir::worker {
namespace {

using std::chrono::steady_clock;

/// One less than there are: in the last one some terminals go on to the next line.
std::size_t columns() {
  constexpr std::size_t kUsual = 80;
  return std::max<std::size_t>(terminal_columns(STDERR_FILENO).value_or(kUsual), 2) - 1;
}

}  // namespace

/// What the group has not been given, and what is pending but not in our hands.
std::optional<std::uint64_t> Worker::count_waiting() {
  std::uint64_t waiting = 0;
  for (const std::string& stream : options_.streams) {
    const auto group = leases_.info(stream);
    if (!group || !*group || !(*group)->lag) {
      return std::nullopt;
    }
    waiting += *(*group)->lag + (*group)->pending;
  }
  return waiting - std::min<std::uint64_t>(waiting, commands_->running());
}

void Worker::show_progress() {
  constexpr Millis kPause{200};
  constexpr Millis kCountPause{1'000};
  const auto now = steady_clock::now();
  if (!options_.progress || now < progress_at_) {
    return;
  }
  const bool first = progress_at_ == SteadyTime{};
  progress_at_ = now + (first ? kCountPause : kPause);  // what is done in a moment needs no line
  if (first) {
    return;
  }
  if (now >= count_at_) {
    count_at_ = now + kCountPause;
    in_streams_ = count_waiting();
  }
  commands_->show(news_.progress({commands_->running(), in_streams_}, columns()));
}

}  // namespace weir::worker
