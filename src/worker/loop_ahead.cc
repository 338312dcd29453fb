// How many messages a worker takes at a time. If runs are short, the worker takes some messages ahead, so that it does
// not wait for the disk between two runs.
#include <algorithm>

#include "worker/loop.h"

namespace weir::worker {

using std::chrono::steady_clock;

/// How many messages to take besides those that run. If a run is short, waiting for the disk between two runs would
/// take as long as the run. So the messages for a short time are taken together, and their outcomes are written
/// together. 0 if another worker could start such messages at once, or if messages of an earlier stream would have to
/// wait. 0 also if messages to be delivered again may be due: those are taken one by one, so that none is blamed if
/// another one kills the worker.
std::size_t Worker::ahead() const {
  constexpr std::chrono::microseconds kMoment{20'000};
  constexpr std::chrono::microseconds kShort{5'000};
  if (options_.batch > 1 || options_.streams.size() > 1 ||
      (options_.max_deliveries > 0 && options_.max_deliveries < 3) || options_.strict ||
      steady_clock::now() >= sweep_at_ || rationing_ != nullptr || usual_run_.count() == 0 || usual_run_ > kShort) {
    return 0;
  }
  constexpr std::size_t kMost = 256;
  return std::min(kMost, options_.jobs * static_cast<std::size_t>(kMoment / usual_run_));
}

/// When the present outcomes have to be written: not at once while messages are at hand, as more outcomes will follow.
SteadyTime Worker::write_at() const {
  constexpr Millis kTogether{5};
  return waiting_.empty() || !first_outcome_ || stopping_ != Stopping::no ? SteadyTime{}
                                                                          : later(*first_outcome_, kTogether);
}

/// When messages that were taken ahead have waited too long behind running commands.
std::optional<SteadyTime> Worker::stuck_at() const {
  constexpr Millis kStuck{100};
  return waiting_.empty() || options_.streams.size() > 1 ? std::nullopt : std::optional(later(last_move_, kStuck));
}

/// The running commands are no longer short, so messages waiting for them are given back for other workers.
void Worker::give_up_what_is_stuck() {
  const auto stuck = stuck_at();
  if (!stuck || steady_clock::now() < *stuck) {
    return;
  }
  taken_ -= std::min<std::uint64_t>(taken_, waiting_.size());
  put_back_waiting();
  // A few short runs have to come before messages are taken ahead again.
  constexpr std::chrono::microseconds kLong{40'000};
  usual_run_ = kLong;
  sweep_at_ = std::min(sweep_at_, steady_clock::now() + kEmptySweep);
}

std::size_t Worker::room() const {
  const std::size_t more = ahead();
  if (stopping_ != Stopping::no || waiting_.size() > more / 2 || commands_->congested()) {
    return 0;
  }
  const std::size_t room = (options_.jobs - commands_->running()) * options_.batch + more - waiting_.size();
  if (options_.max_messages) {
    return std::min<std::size_t>(room, *options_.max_messages - std::min(taken_, *options_.max_messages));
  }
  return room;
}

}  // namespace weir::worker
