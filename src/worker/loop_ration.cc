// How a worker takes messages under terms that all workers of its group keep together.
#include <algorithm>

#include "worker/loop.h"

namespace weir::worker {

using std::chrono::steady_clock;

/// Takes messages as far as the terms allow. If they allow none, waits at most `timeout`.
Result<void> Worker::take_ration(std::size_t count, Millis timeout) {
  Ration ration;
  ration.streams = options_.streams;
  ration.begin = options_.strict ? 0 : next_stream_;
  next_stream_ = (next_stream_ + 1) % options_.streams.size();
  ration.group = options_.group;
  ration.consumer = leases_.consumer();
  ration.terms = options_.terms;
  ration.want = count;
  ration.new_first = std::exchange(new_ones_first_, !new_ones_first_);
  const bool sweeps = steady_clock::now() >= sweep_at_;
  if (lost_since_) {
    ration.strays = Leases::since(*lost_since_);
  }
  if (sweeps) {
    ration.idle = options_.min_idle;
  }
  if (sweeps || ration.strays) {
    commands_->for_each_message([&](const Message& message) { ration.held[message.stream].insert(message.id); });
  }
  const auto began = steady_clock::now();
  auto taken = rationing_->take(ration);
  if (taken) {
    lost_since_.reset();
  } else if (taken.error().failure == Failure::store && !lost_since_) {
    lost_since_ = began;
  }
  if (!taken) {
    return after_refusal(taken.error());
  }
  refusals_ = 0;
  if (sweeps) {
    sweep_at_ = steady_clock::now() + std::min(kMaxSweep, options_.min_idle);
  }
  if (idle()) {
    kept_at_ = began;
  }
  for (Rationed::Message& message : taken->messages) {
    receive({message.stream, message.entry.id, std::move(*message.entry.fields), message.entry.deliveries.value_or(1),
             message.laters},
            message.previous_owner);
  }
  drained_ = taken->messages.empty() && !taken->more;
  held_up_ = taken->messages.empty() && taken->more;
  if (taken->messages.empty() && timeout > Millis(0)) {
    WEIR_TRY(rationing_->await_more(std::min(timeout, taken->next.value_or(timeout))));
  }
  commands_->wait(Millis(0));
  return {};
}

}  // namespace weir::worker
