// How a worker takes messages, keeps them, and finds out that no more are left.
#include <algorithm>

#include "worker/loop.h"

namespace weir::worker {
namespace {

using std::chrono::steady_clock;

constexpr Millis kLongWait{3'600'000};

}  // namespace

bool Worker::idle() const {
  return waiting_.empty() && commands_->running() == 0 && deaths_.empty();
}

SteadyTime Worker::renew_at() const {
  return later(kept_at_, options_.min_idle / 3);
}

/// Whether the messages that were taken are still ours for sure. They may not be if it took long to store or to learn
/// that they were taken, or if this process stood still meanwhile.
bool Worker::may_begin() const {
  return steady_clock::now() < later(kept_at_, options_.min_idle * 2 / 3);
}

/// Messages that are due again and new messages take turns, so that neither kind holds up the other.
Result<void> Worker::take_messages() {
  if (rationing_ != nullptr) {
    return settlement_.empty() ? Result<void>() : write(std::nullopt);
  }
  if (room() > 0 && !std::exchange(new_ones_first_, false) && steady_clock::now() >= sweep_at_) {
    WEIR_TRY(sweep());
  }
  if (settlement_.empty() || (room() == 0 && steady_clock::now() < write_at())) {
    return {};
  }
  // One transaction writes the last outcomes and takes new messages.
  std::optional<Xreadgroup> read;
  if (const std::size_t count = room(); count > 0 && !options_.strict) {
    read = leases_.reading({options_.streams[next_stream_]}, count);
    next_stream_ = (next_stream_ + 1) % options_.streams.size();
  }
  return write(read);
}

/// Receives a message that is delivered again. If that is once too often, its worker died, or somebody gave it back by
/// hand.
void Worker::receive(Message message, const std::string& previous_owner) {
  say(serial_.look_at(message));
  ++taken_;
  last_move_ = steady_clock::now();
  if (options_.max_deliveries == 0 || message.deliveries <= options_.max_deliveries) {
    waiting_.push_back(std::move(message));
    return;
  }
  const std::uint64_t begun = message.deliveries - 1;
  bury(message, previous_owner, begun,
       previous_owner.empty() ? "delivered " + std::to_string(begun) + " times"
                              : "its worker died in delivery " + std::to_string(begun),
       "");
}

Result<void> Worker::sweep() {
  if (!settlement_.empty()) {
    WEIR_TRY(write(std::nullopt));  // messages that are done but still pending would look as if we had left them behind
  }
  if (idle()) {
    kept_at_ = steady_clock::now();
  }
  const std::size_t room_for = room();
  const std::size_t before = waiting_.size();
  Millis next = std::min(kMaxSweep, options_.min_idle);
  for (const std::string& stream : options_.streams) {
    std::set<Id> held;
    const auto hold = [&](const Message& message) {
      if (message.stream == stream) {
        held.insert(message.id);
      }
    };
    commands_->for_each_message(hold);
    std::for_each(waiting_.begin(), waiting_.end(), hold);
    auto due = leases_.take_due(stream, room_for - (waiting_.size() - before), held);
    if (!due) {
      return after_refusal(due.error());
    }
    next = std::min(next, due->next);
    for (std::size_t i = 0; i < due->messages.size(); ++i) {
      receive(std::move(due->messages[i]), due->previous_owners[i]);
    }
    if (waiting_.size() - before >= room_for) {
      next = Millis(0);
      break;
    }
  }
  new_ones_first_ = waiting_.size() > before;
  sweep_at_ = steady_clock::now() + next;
  return {};
}

/// How long the worker has nothing to do but to wait for messages.
Millis Worker::patience() const {
  auto timer = next_timer();
  if (!settlement_.empty()) {
    timer = std::min(timer.value_or(write_at()), write_at());
  }
  return timer ? std::clamp(std::chrono::ceil<Millis>(*timer - steady_clock::now()), Millis(0), kLongWait) : kLongWait;
}

Result<void> Worker::read_or_wait() {
  commands_->pass_output();
  const Millis timeout = patience();
  const std::size_t count = room();
  if (count == 0) {
    commands_->wait(timeout);
    return {};
  }
  const bool only_look = options_.until_empty && !drained_ && !held_up_ && commands_->running() == 0;
  const bool may_wait = timeout.count() > 0 && !only_look && !away_since_;  // a store that failed must answer first
  if (rationing_ != nullptr) {
    return take_ration(count, may_wait ? timeout : Millis(0));
  }
  if (options_.strict) {
    WEIR_TRY(read_strictly(count));
    if (!waiting_.empty()) {
      return {};
    }
  }
  Xreadgroup read = leases_.reading(options_.streams,
                                    options_.strict ? 1 : std::max<std::size_t>(1, count / options_.streams.size()));
  if (may_wait) {
    read.block = timeout;
  }
  const SteadyTime began = steady_clock::now();
  auto entries = store_.run(read);
  if (!entries) {
    note_failed_read(entries.error(), began);
    return after_refusal(entries.error());
  }
  drained_ = entries->empty();
  const SteadyTime since = held_since(*entries, began);
  receive(std::move(*entries), since);
  commands_->wait(Millis(0));
  return {};
}

/// Reads from the first stream that has messages, then from the next.
Result<void> Worker::read_strictly(std::size_t count) {
  for (const std::string& stream : options_.streams) {
    if (waiting_.size() >= count) {
      return {};
    }
    const SteadyTime began = steady_clock::now();
    auto entries = store_.run(leases_.reading({stream}, count - waiting_.size()));
    if (!entries) {
      note_failed_read(entries.error(), began);
      return after_refusal(entries.error());
    }
    receive(std::move(*entries), began);
  }
  return {};
}

/// Since when the messages of a read that began at `began` are ours, or earlier. If the read waited, its beginning says
/// little, so the store is asked. If it does not answer, it has to before they are begun.
SteadyTime Worker::held_since(const StreamEntries& read, SteadyTime began) {
  const SteadyTime now = steady_clock::now();
  if (read.empty() || now < later(began, options_.min_idle / 3)) {
    return began;
  }
  const Entries& first = read.front();
  const auto age = leases_.age(first.stream, first.entries.front().id);
  return age && !*age ? began : std::max(began, now - (age ? **age : options_.min_idle * 2 / 3));
}

/// `since`: the messages are ours since then, or since later.
void Worker::receive(StreamEntries streams, SteadyTime since) {
  refusals_ = 0;
  last_move_ = steady_clock::now();
  if (idle()) {
    kept_at_ = since;
  }
  for (Entries& entries : streams) {
    for (Entry& entry : entries.entries) {
      if (entry.fields) {
        ++taken_;
        waiting_.push_back({entries.stream, entry.id, std::move(*entry.fields), entry.deliveries.value_or(1)});
      }
    }
  }
  // A read of several streams takes at least one message of each.
  while (options_.max_messages && taken_ > *options_.max_messages && !waiting_.empty()) {
    put_back(waiting_.back());
    waiting_.pop_back();
    --taken_;
  }
}

/// If a stream vanished while we worked, the stream and its group are made again, as at the start. If only the group
/// vanished, somebody destroyed it: a new group would be given all old messages again.
Result<void> Worker::after_refusal(const Error& error) {
  constexpr int kPatience = 3;
  if (failure_) {
    return {};
  }
  if (error.failure != Failure::refused || ++refusals_ > kPatience) {
    return tl::unexpected(error);
  }
  for (const std::string& stream : options_.streams) {
    WEIR_ASSIGN(const Leases::Group group, leases_.look_for_group(stream));
    if (group == Leases::Group::destroyed) {
      failure_ = Error{Failure::refused, "group '" + options_.group + "' of stream '" + stream + "' is gone",
                       "it was destroyed while this worker ran; start workers again if it is to be made anew, from "
                       "the first message on"};
      begin_stopping();
      return {};
    }
    if (group == Leases::Group::no_stream) {
      WEIR_TRY(leases_.make_group(stream));
    }
  }
  return {};
}

Result<void> Worker::renew() {
  if (idle() || steady_clock::now() < renew_at()) {
    return {};
  }
  constexpr int kTries = 3;
  for (int i = 0; i < kTries; ++i) {
    WEIR_TRY(renew_all());
    if (waiting_.empty() || may_begin()) {
      return {};
    }
  }
  return fail(Failure::store, "to renew messages takes longer than --min-idle", "give --min-idle a longer time");
}

Result<void> Worker::renew_all() {
  const auto now = steady_clock::now();
  std::map<std::string, std::vector<Id>> held;
  const auto collect = [&](const Message& message) {
    if (lost_[message.stream].count(message.id) == 0) {
      held[message.stream].push_back(message.id);
    }
  };
  commands_->for_each_message(collect);
  std::for_each(waiting_.begin(), waiting_.end(), collect);
  for (const auto& of_stream : held) {
    const std::string& stream = of_stream.first;
    auto kept = leases_.renew(stream, of_stream.second);
    if (!kept) {
      WEIR_TRY(after_refusal(kept.error()));
      continue;
    }
    const auto gone = [&](const Message& message) { return message.stream == stream && kept->count(message.id) == 0; };
    taken_ -= std::min<std::uint64_t>(taken_, std::erase_if(waiting_, gone));
    commands_->for_each_message([&](const Message& message) {
      if (gone(message) && lost_[stream].insert(message.id).second) {
        commands_->say("weir: " + to_string(message.id) +
                       ": taken over by another consumer, or deleted, while its command runs");
      }
    });
  }
  kept_at_ = now;
  return {};
}

Result<void> Worker::write(const std::optional<Xreadgroup>& read) {
  const SteadyTime began = steady_clock::now();
  const bool asks = read || !settlement_.empty();
  auto result = settlement_.write(read);
  if (!result) {
    if (read) {
      note_failed_read(result.error(), began);
    }
    return tl::unexpected(std::move(result).error());
  }
  if (asks) {
    away_.reset();
  }
  first_outcome_.reset();
  Settlement::Written& written = *result;
  news_.tally.dead += written.dead.size();
  for (Settlement::Dead& dead : written.dead) {
    if (tells_failures()) {
      commands_->say("weir: " + dead.news);
    }
    if (!options_.on_dead.empty()) {
      deaths_.push_back(std::move(dead));
    }
  }
  for (const std::string& complaint : written.complaints) {
    commands_->say("weir: " + complaint);
  }
  if (written.read_refused) {
    return after_refusal(*written.read_refused);
  }
  receive(std::move(written.read), began);
  return {};
}

/// A server may have delivered messages before its answer was lost: they are held under our name, and nobody runs them.
void Worker::note_failed_read(const Error& error, SteadyTime began) {
  if (error.failure == Failure::store) {
    leases_.look_for_strays(began);
    sweep_at_ = SteadyTime{};
  }
}

Result<bool> Worker::finished() {
  if (!idle()) {
    drained_ = false;
    return false;
  }
  if (stopping_ != Stopping::no || (options_.max_messages && taken_ >= *options_.max_messages)) {
    return true;
  }
  if (!options_.until_empty || !drained_) {
    return false;
  }
  WEIR_TRY(write(std::nullopt));
  std::optional<std::string> held_up;
  for (const std::string& stream : options_.streams) {
    const auto summary = store_.run(XpendingSummary{stream, options_.group});
    if (!summary) {
      WEIR_TRY(after_refusal(summary.error()));
      return false;
    }
    const std::size_t held_back = missing_.held_back(stream);
    if (held_back > 0 && held_back == summary->count && summary->released == summary->count) {
      failure_ = missing_.error();  // no message with the field will come
      return true;
    }
    WEIR_ASSIGN(const bool paused, is_held_up(stream));
    if (paused) {
      held_up = stream;
    } else if (summary->count > 0) {
      sweep_at_ = std::min(sweep_at_, steady_clock::now() + kEmptySweep);
      return false;
    }
  }
  if (held_up) {
    failure_ =
        Error{Failure::refused, "group '" + options_.group + "' of stream '" + *held_up + "' is paused, and not empty",
              "weir resume ends the pause"};
  }
  return true;
}

/// Whether the group is paused while it has messages to run. Then a worker that is to run until the stream is empty
/// cannot finish: it would wait until somebody resumes the group, and so would the next worker that cron starts.
Result<bool> Worker::is_held_up(const std::string& stream) {
  WEIR_ASSIGN(const auto pause, leases_.pause_of(stream));
  if (!pause) {
    return false;
  }
  WEIR_ASSIGN(const std::optional<GroupInfo> group, leases_.info(stream));
  return group && group->pending + group->lag.value_or(1) > 0;
}

std::optional<SteadyTime> Worker::next_timer() const {
  std::optional<SteadyTime> next = commands_->next_limit();
  const auto consider = [&](SteadyTime time) {
    if (!next || time < *next) {
      next = time;
    }
  };
  if (room() > 0) {
    consider(sweep_at_);
  }
  if (!idle()) {
    consider(renew_at());
  }
  if (ends_at_ && stopping_ == Stopping::no) {
    consider(*ends_at_);
  }
  if (options_.progress && (commands_->running() > 0 || count_at_ == SteadyTime{})) {
    consider(progress_at_);
  } else if (in_streams_ && in_streams_->held > 0) {
    consider(count_at_);
  }
  if (const auto stuck = stuck_at()) {
    consider(*stuck);
  }
  if (patience_until_) {
    consider(*patience_until_);
  }
  return next;
}

}  // namespace weir::worker
