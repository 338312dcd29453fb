// What a worker shows on a terminal while it works.
#include <unistd.h>

#include <algorithm>

#include "system/terminal.h"
#include "worker/loop.h"

namespace weir::worker {
namespace {

using std::chrono::steady_clock;

/// One column less than the terminal has: after the last column, some terminals begin a new line.
std::size_t columns() {
  constexpr std::size_t kUsual = 80;
  return std::max<std::size_t>(terminal_columns(STDERR_FILENO).value_or(kUsual), 2) - 1;
}

}  // namespace

/// Runs before the first message is taken.
std::vector<AtFirst> Worker::look_at_streams() {
  std::vector<AtFirst> found;
  for (const std::string& stream : options_.streams) {
    const auto pause = leases_.pause_of(stream);
    const auto info = store_.run(XinfoStream{stream});
    found.push_back({pause ? *pause : std::nullopt, info && info->last_generated_id == kMinId});
  }
  return found;
}

/// Counts messages that the group was not given yet, and pending messages that this worker does not hold.
std::optional<InStreams> Worker::look_at_what_waits() {
  InStreams found;
  found.paused = true;
  for (const std::string& stream : options_.streams) {
    const auto group = leases_.info(stream);
    if (!group || !*group || !(*group)->lag) {
      return std::nullopt;
    }
    found.waiting += *(*group)->lag + (*group)->pending;
    found.held += (*group)->pending - std::min((*group)->pending, (*group)->released);
    found.paused = found.paused && (*group)->paused;
  }
  const std::uint64_t running = commands_->running();
  found.waiting -= std::min(found.waiting, running);
  // A busy worker need not explain why nothing happens, so it leaves out messages that others hold.
  found.held = idle() && settlement_.empty() ? found.held : 0;
  if (found.held > 0) {
    found.taken_over = leases_.next_of_the_dead();
  }
  return found;
}

void Worker::show_progress() {
  constexpr Millis kPause{200};
  constexpr Millis kCountPause{1'000};
  const auto now = steady_clock::now();
  if (!options_.progress || now < progress_at_) {
    return;
  }
  const bool first = progress_at_ == SteadyTime{};
  progress_at_ = now + (first ? kCountPause : kPause);  // what is over in a moment needs no line
  if (first) {
    return;
  }
  if (now >= count_at_) {
    count_at_ = now + kCountPause;
    in_streams_ = look_at_what_waits();
  }
  commands_->show(news_.progress({commands_->running(), in_streams_}, columns()));
}

}  // namespace weir::worker
