// What follows from how a run of the command ended.
#include <algorithm>

#include "stream/remote.h"
#include "system/clock.h"
#include "text/duration.h"
#include "worker/dead/dead_letter.h"
#include "worker/loop.h"
#include "worker/run_log.h"

namespace weir::worker {
namespace {

using std::chrono::steady_clock;

/// How long a message waits if its command could not be started for lack of processes.
constexpr Millis kNoRoomWait{1'000};
/// How long a message is held back if it lacks a field that no message has had so far: the field name may be a typo.
constexpr Millis kDoubtWait{1'000};

}  // namespace

Millis backoff_after(const Backoff& backoff, std::uint64_t deliveries, std::minstd_rand& random) {
  Millis base = backoff.first;
  for (std::uint64_t i = 1; i < deliveries && base < backoff.most; ++i) {
    base *= 2;
  }
  const bool at_limit = base >= backoff.most;
  const Millis low = at_limit ? backoff.most - backoff.most / 4 : base;
  const Millis high = at_limit ? backoff.most : std::min(base + base / 2, backoff.most);
  std::uniform_int_distribution<Millis::rep> between(low.count(), high.count());
  return Millis(between(random));
}

/// Gives the message back and keeps the count of how often it was put off for later, which a server would forget.
Xnack Worker::giving_back(const Message& message, Millis wait, std::optional<std::uint64_t> deliveries) const {
  Xnack nack = leases_.giving_back(message.stream, {message.id}, wait, deliveries);
  if (message.laters > 0) {
    nack.laters = message.laters;
  }
  return nack;
}

void Worker::judge(Ended ended) {
  if (ended.messages.empty()) {
    if (ended.how != Ended::How::success) {
      commands_->say("weir: " + to_string(ended.label) + ": --on-dead: " + ended.reason);
    }
    return;
  }
  if (ended.took.count() > 0) {
    usual_run_ = usual_run_.count() == 0 ? ended.took : (7 * usual_run_ + ended.took) / 8;
  }
  last_move_ = steady_clock::now();
  first_outcome_ = first_outcome_.value_or(last_move_);
  const std::string stream = ended.messages.front().stream;
  if (ended.run) {
    settlement_.log(run_entry(options_.log, options_.group, leases_.consumer(), ended));
  }
  auto& lost = lost_[stream];
  std::vector<Id> ids;
  bool ours = true;
  for (const Message& message : ended.messages) {
    ids.push_back(message.id);
    ours = lost.erase(message.id) == 0 && ours;
  }
  if (ended.how == Ended::How::success && !ours) {
    // One transaction for the batch: if one message is gone, none is acknowledged.
    settlement_.give_back(leases_.giving_back(stream, ids, backoff_after(options_.backoff, 1, random_)));
    return;
  }
  if (ended.how == Ended::How::success && options_.into.empty()) {
    news_.tally.done += ids.size();
    settlement_.acknowledge(stream, std::move(ids));
    return;
  }
  if (ended.how == Ended::How::success) {
    std::vector<Request> products;
    for (Fields& fields : ended.produced) {
      Xadd add;
      add.stream = options_.into;
      add.fields = std::move(fields);
      products.emplace_back(std::move(add));
    }
    const auto fit = fits(store_, products);
    if (fit) {
      news_.tally.done += ids.size();
      settlement_.acknowledge_with(stream, std::move(ids), std::move(products));
      return;
    }
    ended.how = Ended::How::failure;
    ended.reason = "what it printed cannot be stored: " + fit.error().message;
  }
  if (ended.how == Ended::How::not_started) {
    say(start_failures_.failed(ended.reason, commands_->running(), steady_clock::now()));
  }
  for (const Message& message : ended.messages) {
    judge_failure(message, ended);
  }
}

void Worker::judge_failure(const Message& message, const Ended& ended) {
  const bool last = options_.max_deliveries > 0 && message.deliveries >= options_.max_deliveries;
  switch (ended.how) {
    case Ended::How::stopped:
      ++news_.tally.killed;
      settlement_.give_back(giving_back(message, Millis(0)));
      return;
    case Ended::How::not_started:
      --taken_;  // this message has yet to be run
      settlement_.give_back(giving_back(message, kNoRoomWait, message.deliveries - 1));
      sweep_at_ = std::min(sweep_at_, steady_clock::now() + kNoRoomWait);
      return;
    case Ended::How::no_field:
      judge_missing(message, ended);
      return;
    case Ended::How::later:
      if (message.laters < options_.max_laters) {
        put_off(message);
        return;
      }
      break;
    default:
      break;
  }
  if (ended.how == Ended::How::data_error || last) {
    bury(message, leases_.consumer(), message.deliveries, ended.reason, ended.last_lines);
    return;
  }
  const Millis wait = backoff_after(options_.backoff, message.deliveries, random_);
  settlement_.give_back(giving_back(message, wait));
  sweep_at_ = std::min(sweep_at_, steady_clock::now() + wait);
  const std::string too_often =
      ended.how == Ended::How::later ? ", too often (" + std::to_string(message.laters) + " times)" : "";
  std::string line =
      "weir: " + to_string(message.id) + ": " + ended.reason + too_often + "; again in " + short_time(wait);
  if (options_.max_deliveries > 0) {
    line += " (" + std::to_string(message.deliveries) + " of " + std::to_string(options_.max_deliveries) + ")";
  }
  ++news_.tally.failed;
  if (tells_failures()) {
    commands_->say(line);
  }
}

void Worker::bury(const Message& message, const std::string& consumer, std::uint64_t deliveries,
                  const std::string& reason, const std::string& last_lines) {
  const std::string& stream = dead_letters_[message.stream];
  Xadd letter;
  letter.stream = stream;
  letter.fields = make_dead_letter(message, {options_.group, consumer, deliveries, reason, unix_now(), last_lines});
  settlement_.bury({message, reason, to_string(message.id) + ": " + reason + "; dead letter in " + stream},
                   std::move(letter));
}

/// The command says that it is too early for this message.
void Worker::put_off(const Message& message) {
  ++news_.tally.later;
  const std::uint64_t laters = message.laters + 1;
  const Millis wait = options_.later_wait ? *options_.later_wait : backoff_after(options_.backoff, laters, random_);
  Xnack nack = giving_back(message, wait, message.deliveries - 1);
  nack.laters = laters;
  settlement_.give_back(std::move(nack));
  sweep_at_ = std::min(sweep_at_, steady_clock::now() + wait);
}

/// The message lacks a field that the command names.
void Worker::judge_missing(const Message& message, const Ended& ended) {
  const MissingFields::Verdict verdict = missing_.judge(message, ended.missing);
  if (verdict == MissingFields::Verdict::dead) {
    bury(message, leases_.consumer(), message.deliveries, ended.reason, ended.last_lines);
    return;
  }
  --taken_;  // this message has yet to be run
  const bool stop = verdict == MissingFields::Verdict::stop;
  const Millis wait = stop ? Millis(0) : kDoubtWait;
  settlement_.give_back(giving_back(message, wait, message.deliveries - 1));
  if (stop) {
    failure_ = missing_.error();
    begin_stopping();
    return;
  }
  sweep_at_ = std::min(sweep_at_, steady_clock::now() + wait);
  commands_->say("weir: " + to_string(message.id) + ": " + ended.reason + ", nor has any message so far; held back");
}

}  // namespace weir::worker
