// How many messages a worker takes at a time. Where runs are short it takes some ahead, so that the disk is not waited
// for between two of them.
#include <algorithm>

#include "worker/loop.h"

namespace weir::worker {

using std::chrono::steady_clock;

/// How many messages to have at hand besides those that run. Where a run is short, waiting for the disk between two
/// would take as long: so as many as are run in a moment are taken together, and their outcomes are written together.
/// None where what another worker could take at once, or what is first, would be held up; nor where a look for messages
/// to be delivered again is due: those are taken one by one, so that none is blamed for what another did to the worker.
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

/// When the outcomes that there are have to be written. Not at once if messages are at hand: more will be.
SteadyTime Worker::write_at() const {
  constexpr Millis kTogether{5};
  return waiting_.empty() || !first_outcome_ || stopping_ != Stopping::no ? SteadyTime{}
                                                                          : later(*first_outcome_, kTogether);
}

/// When messages that were taken ahead have waited too long for those that run.
std::optional<SteadyTime> Worker::stuck_at() const {
  constexpr Millis kStuck{100};
  return waiting_.empty() || options_.streams.size() > 1 ? std::nullopt : std::optional(later(last_move_, kStuck));
}

/// What runs is no longer short: others may have what waits for it.
void Worker::give_up_what_is_stuck() {
  const auto stuck = stuck_at();
  if (!stuck || steady_clock::now() < *stuck) {
    return;
  }
  taken_ -= std::min<std::uint64_t>(taken_, waiting_.size());
  put_back_waiting();
  // Some short runs have to come before messages are taken ahead again.
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
