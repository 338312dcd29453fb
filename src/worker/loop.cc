#include "worker/loop.h"

#include <algorithm>
#include <csignal>

#include "io/terminal_text.h"
#include "stream/remote.h"
#include "system/clock.h"
#include "system/process_name.h"
#include "system/system_reason.h"
#include "worker/dead/dead_letter.h"
#include "worker/dead/targets.h"
#include "worker/work.h"

namespace weir::worker {
namespace {

using std::chrono::steady_clock;

/// A message that could not be started for lack of processes waits so long.
constexpr Millis kNoRoomWait{1'000};

std::string seconds(Millis time) {
  const auto tenths = (time.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "s";
}

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

Worker::Worker(Store& store, const WorkOptions& options, std::string consumer, std::unique_ptr<Commands> commands)
    : store_(store),
      options_(options),
      leases_(store, options, std::move(consumer)),
      settlement_(store, leases_, options),
      commands_(std::move(commands)),
      random_(std::random_device()()) {}

/// Before anything runs: what is done with a message that failed or succeeded must be possible then.
Result<void> Worker::choose_targets() {
  for (const std::string& stream : options_.streams) {
    WEIR_ASSIGN(const std::string dead, dead_letter_stream(store_, stream, options_.dead_letter));
    WEIR_TRY(check_together(store_, stream, "--dead-letter", dead));
    if (!options_.into.empty()) {
      WEIR_TRY(check_together(store_, stream, "--into", options_.into));
    }
    dead_letters_[stream] = dead;
  }
  return {};
}

Result<int> Worker::run() {
  WEIR_TRY(choose_targets());
  for (const std::string& stream : options_.streams) {
    WEIR_TRY(leases_.make_group(stream));
  }
  WEIR_TRY(leases_.remove_stale_consumers());
  store_.set_interrupt(commands_->wake_fd());
  if (options_.max_time) {
    ends_at_ = later(steady_clock::now(), *options_.max_time);
  }
  const Result<void> result = loop();
  if (result && time_is_over_ && options_.until_empty) {
    say_what_is_left();
  }
  store_.set_interrupt(-1);
  if (result && options_.consumer.empty() && is_at_hand(store_)) {
    leases_.leave();
  }
  commands_->flush();
  if (!result) {
    return tl::unexpected(result.error());
  }
  if (failure_) {
    return tl::unexpected(*failure_);
  }
  if (const int error = commands_->output_failure(); error != 0) {
    return fail(Failure::store, std::string("cannot write to standard output: ") + system_reason(error),
                "what the last commands printed is lost; messages that were not begun are given back");
  }
  return status();
}

// That the stream is not empty, though this was to run until it is.
void Worker::say_what_is_left() {
  for (const std::string& stream : options_.streams) {
    const auto infos = store_.run(XinfoGroups{stream});
    if (!infos) {
      continue;
    }
    for (const GroupInfo& group : infos->groups) {
      const std::uint64_t left = group.pending + group.lag.value_or(0);
      if (group.name == options_.group && left > 0) {
        commands_->say(
            "weir: the time is over, and '" + io::visible(stream).text + "' is not empty: " + std::to_string(left) +
            (left == 1 ? " message waits, " : " messages wait, ") + std::to_string(group.pending) + " of them pending");
      }
    }
  }
}

void Worker::say(const std::optional<std::string>& line) {
  if (line) {
    commands_->say(*line);
  }
}

Result<void> Worker::loop() {
  while (true) {
    take_signals();
    const auto now = steady_clock::now();
    commands_->enforce_limits(now);
    if (ends_at_ && now >= *ends_at_ && stopping_ == Stopping::no) {
      begin_stopping();
      time_is_over_ = true;
    }
    if (patience_until_ && now >= *patience_until_) {
      commands_->stop_all(now);
      patience_until_.reset();
    }
    for (Ended& ended : commands_->reap()) {
      judge(std::move(ended));
    }
    const auto over = use_store();
    if (!over) {
      WEIR_TRY(bear(over.error()));
      continue;
    }
    if (*over) {
      return {};
    }
    away_since_.reset();
  }
}

/// One turn of what needs the store. True: nothing is left to do.
Result<bool> Worker::use_store() {
  WEIR_TRY(renew());
  WEIR_TRY(take_messages());
  WEIR_TRY(start_commands());
  WEIR_ASSIGN(const bool over, finished());
  if (over) {
    WEIR_TRY(write(std::nullopt));
    return true;
  }
  WEIR_TRY(read_or_wait());
  return false;
}

/// A store may be away for a while: a server that is started again, a turn that somebody holds, a full disk. What runs
/// goes on, and the worker tries again until others may take over what it holds.
Result<void> Worker::bear(const Error& error) {
  constexpr Millis kPause{100};
  const auto now = steady_clock::now();
  const bool told = away_since_.has_value();
  away_since_ = away_since_.value_or(now);
  const bool holds = !idle() || !settlement_.empty();
  const bool over = now >= later(holds ? kept_at_ : *away_since_, options_.min_idle);
  const bool grace_over = stopping_ == Stopping::gently && !patience_until_;
  if (error.failure != Failure::store || error.lasting || stopping_ == Stopping::now || grace_over || over) {
    return tl::unexpected(error);
  }
  if (!told) {
    commands_->say("weir: " + error.message + "; trying again");
  }
  commands_->wait(std::min(kPause, options_.min_idle));
  return {};
}

void Worker::take_signals() {
  const Signals::Taken taken = commands_->take_signals();
  const int told = taken.stops + (stopping_ != Stopping::no && signal_ != 0 ? 1 : 0);
  if (taken.stops > 0) {
    signal_ = taken.last_stop;
    begin_stopping();
    if (told > 1) {
      stop_now();
    }
  }
  if (commands_->output_closed() && stopping_ == Stopping::no) {
    signal_ = SIGPIPE;
    begin_stopping();
    commands_->stop_all(steady_clock::now());
    patience_until_.reset();
  }
  if (commands_->output_failure() != 0) {
    begin_stopping();
  }
}

void Worker::begin_stopping() {
  if (stopping_ != Stopping::no) {
    return;
  }
  stopping_ = Stopping::gently;
  patience_until_ = later(steady_clock::now(), options_.grace);
  put_back_waiting();
}

void Worker::stop_now() {
  stopping_ = Stopping::now;
  patience_until_.reset();
  commands_->kill_all();
}

/// A message whose command was never begun: its count is put back, and anyone may have it at once.
void Worker::put_back(const Message& message) {
  settlement_.give_back(leases_.giving_back(message.stream, {message.id}, Millis(0), message.deliveries - 1));
}

void Worker::put_back_waiting() {
  for (const Message& message : waiting_) {
    put_back(message);
  }
  waiting_.clear();
}

Result<void> Worker::start_commands() {
  while (!waiting_.empty() && commands_->running() < options_.jobs) {
    std::vector<Message> messages;
    messages.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    // A message that has failed is tried alone, so that it cannot take the rest of a batch with it again.
    while (messages.front().deliveries == 1 && messages.size() < options_.batch && !waiting_.empty() &&
           waiting_.front().deliveries == 1 && waiting_.front().stream == messages.front().stream) {
      messages.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    auto started = commands_->start(messages);
    if (!started) {
      waiting_.insert(waiting_.begin(), messages.begin(), messages.end());
      failure_ = std::move(started).error();
      begin_stopping();
      return {};
    }
    if (*started) {
      judge(std::move(**started));
    } else {
      say(start_failures_.started(commands_->running(), steady_clock::now()));
    }
  }
  return {};
}

void Worker::judge(Ended ended) {
  const std::string stream = ended.messages.front().stream;
  auto& lost = lost_[stream];
  std::vector<Id> ids;
  bool ours = true;
  for (const Message& message : ended.messages) {
    ids.push_back(message.id);
    ours = lost.erase(message.id) == 0 && ours;
  }
  if (ended.how == Ended::How::success && !ours) {
    // One transaction for a batch: with one message gone, none of it is acknowledged.
    settlement_.give_back(leases_.giving_back(stream, ids, backoff_after(options_.backoff, 1, random_)));
    return;
  }
  if (ended.how == Ended::How::success && options_.into.empty()) {
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
      settlement_.give_back(leases_.giving_back(message.stream, {message.id}, Millis(0)));
      return;
    case Ended::How::not_started:
      --taken_;  // it has yet to be run
      settlement_.give_back(leases_.giving_back(message.stream, {message.id}, kNoRoomWait, message.deliveries - 1));
      sweep_at_ = std::min(sweep_at_, steady_clock::now() + kNoRoomWait);
      return;
    default:
      break;
  }
  if (ended.how == Ended::How::data_error || last) {
    bury(message, leases_.consumer(), message.deliveries, ended.reason, ended.last_lines);
    return;
  }
  const Millis wait = backoff_after(options_.backoff, message.deliveries, random_);
  settlement_.give_back(leases_.giving_back(message.stream, {message.id}, wait));
  sweep_at_ = std::min(sweep_at_, steady_clock::now() + wait);
  std::string line = "weir: " + to_string(message.id) + ": " + ended.reason + "; again in " + seconds(wait);
  if (options_.max_deliveries > 0) {
    line += " (" + std::to_string(message.deliveries) + " of " + std::to_string(options_.max_deliveries) + ")";
  }
  commands_->say(line);
}

void Worker::bury(const Message& message, const std::string& consumer, std::uint64_t deliveries,
                  const std::string& reason, const std::string& last_lines) {
  const std::string& stream = dead_letters_[message.stream];
  Xadd letter;
  letter.stream = stream;
  letter.fields = make_dead_letter(message, {options_.group, consumer, deliveries, reason, unix_now(), last_lines});
  settlement_.bury(message.stream, message.id, std::move(letter),
                   to_string(message.id) + ": " + reason + "; dead letter in " + stream);
}

int Worker::status() const {
  if (stopping_ == Stopping::now || signal_ == SIGPIPE) {
    return 128 + signal_;
  }
  if (dead_ > 0) {
    return 3;
  }
  return taken_ > 0 || signal_ != 0 ? 0 : 1;
}

Result<int> run_work(Store& store, const WorkOptions& options) {
  const std::string consumer = options.consumer.empty() ? process_name() : options.consumer;
  WEIR_ASSIGN(auto commands, Commands::make(options, consumer));
  Worker worker(store, options, consumer, std::move(commands));
  return worker.run();
}

}  // namespace weir::worker
