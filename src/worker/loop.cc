#include "worker/loop.h"

#include <algorithm>
#include <csignal>
#include <new>

#include "io/output.h"
#include "io/terminal_text.h"
#include "stream/placement.h"
#include "stream/remote.h"
#include "system/clock.h"
#include "system/process_name.h"
#include "system/random.h"
#include "worker/dead/targets.h"
#include "worker/work.h"

namespace weir::worker {

using std::chrono::steady_clock;

Worker::Worker(Store& store, const WorkOptions& options, std::string consumer, std::unique_ptr<Commands> commands)
    : store_(store),
      options_(options),
      leases_(store, options, std::move(consumer)),
      settlement_(store, leases_, options),
      commands_(std::move(commands)),
      missing_(options.missing, commands_->fields(), options.terms.serial.has_value()),
      serial_(options.telling == Telling::quiet ? std::nullopt : options.terms.serial),
      news_(options),
      random_(random_number()) {
  if (options.terms.any()) {
    rationing_ = dynamic_cast<Rationing*>(&store);
  }
}

/// Checks, before any command runs, that failed and finished messages can go where they have to.
Result<void> Worker::choose_targets() {
  if (auto* placement = dynamic_cast<Placement*>(&store_); placement != nullptr && options_.terms.any()) {
    for (const std::string& stream : options_.streams) {
      WEIR_ASSIGN(const bool together, placement->lie_together(options_.streams.front(), stream));
      if (!together) {
        return fail(Failure::usage,
                    "in this cluster " + stream + " is in another slot than " + options_.streams.front() +
                        ", and --rate, --group-jobs and --serial take only streams of one slot",
                    "give them a common {tag} in their names");
      }
    }
  }
  for (const std::string& stream : options_.streams) {
    WEIR_ASSIGN(const std::string dead, dead_letter_stream(store_, stream, options_.dead_letter));
    WEIR_TRY(check_together(store_, stream, "--dead-letter", dead));
    if (!options_.into.empty()) {
      WEIR_TRY(check_together(store_, stream, "--into", options_.into));
    }
    if (!options_.log.empty()) {
      WEIR_TRY(check_together(store_, stream, "--log", options_.log));
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
  if (tells_lines()) {
    commands_->say(news_.beginning(look_at_streams()));
  }
  Result<void> result;
  try {
    result = loop();
  } catch (const std::bad_alloc&) {
    put_back_waiting();
    static_cast<void>(write(std::nullopt));  // if that fails, too, the messages wait for --min-idle
    throw;
  }
  commands_->show("");
  if (result && time_is_over_ && options_.until_empty) {
    say_what_is_left();
  }
  if (result && time_is_over_ && away_) {
    result = tl::unexpected(*away_);  // messages that waited could not be seen or taken
  }
  store_.set_interrupt(-1);
  if (result && options_.consumer.empty() && is_at_hand(store_)) {
    leases_.leave();
  }
  if (tells_lines()) {
    commands_->say(news_.summary());
  }
  commands_->flush();
  if (!result) {
    return tl::unexpected(result.error());
  }
  if (failure_) {
    return tl::unexpected(*failure_);
  }
  if (const int error = commands_->output_failure(); error != 0) {
    Error failed = io::output_failure(error);
    failed.hint = "what the last commands printed is lost; messages that were not begun are given back";
    return tl::unexpected(std::move(failed));
  }
  return status();
}

// Warns that a stream is not empty, although the worker was to run until it is.
void Worker::say_what_is_left() {
  for (const std::string& stream : options_.streams) {
    const auto group = leases_.info(stream);
    if (!group || !*group) {
      continue;
    }
    const std::uint64_t pending = (*group)->pending;
    const std::uint64_t left = pending + (*group)->lag.value_or(0);
    if (left > 0) {
      commands_->say("weir: the time is over, and '" + io::visible(stream).text +
                     "' is not empty: " + std::to_string(left) + (left == 1 ? " message waits, " : " messages wait, ") +
                     std::to_string(pending) + " of them pending");
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
      forget_deaths();
      patience_until_.reset();
    }
    for (Ended& ended : commands_->reap()) {
      judge(std::move(ended));
    }
    show_progress();
    const auto over = use_store();
    if (!over) {
      WEIR_TRY(bear(over.error()));
      continue;
    }
    if (*over) {
      return {};
    }
    away_since_.reset();
    away_.reset();
  }
}

/// Does everything in one turn that needs the store. True: nothing is left to do.
Result<bool> Worker::use_store() {
  give_up_what_is_stuck();
  WEIR_TRY(renew());
  WEIR_TRY(start_commands());  // so that commands run while we wait for the disk
  WEIR_TRY(take_messages());
  WEIR_TRY(start_commands());
  WEIR_ASSIGN(const bool over, finished());
  if (over) {
    WEIR_TRY(write(std::nullopt));
    return deaths_.empty();
  }
  WEIR_TRY(read_or_wait());
  return false;
}

/// The store may fail for a while: the server restarts, another process holds a turn, or the disk is full. Commands go
/// on running, and the worker tries again until other workers may take over its messages.
Result<void> Worker::bear(const Error& error) {
  constexpr Millis kPause{100};
  const auto now = steady_clock::now();
  const bool told = away_since_.has_value();
  away_since_ = away_since_.value_or(now);
  away_ = error;
  const bool holds = !idle() || !settlement_.empty();
  const bool over = now >= later(holds ? kept_at_ : *away_since_, options_.min_idle);
  const bool grace_over = stopping_ == Stopping::gently && !patience_until_;
  if (error.failure != Failure::store || error.cause == Cause::lasting || stopping_ == Stopping::now || grace_over ||
      over) {
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
    if (tells_lines() && stopping_ == Stopping::no) {
      commands_->say(news_.stopping(commands_->running()));
    }
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

void Worker::forget_deaths() {
  if (!deaths_.empty()) {
    commands_->say("weir: --on-dead was not run for " + std::to_string(deaths_.size()) + " dead letters");
    deaths_.clear();
  }
}

void Worker::stop_now() {
  stopping_ = Stopping::now;
  forget_deaths();
  patience_until_.reset();
  commands_->kill_all();
}

/// Gives back a message whose command was never begun: its delivery count is restored, and any worker may take it at
/// once.
void Worker::put_back(const Message& message) {
  settlement_.give_back(giving_back(message, Millis(0), message.deliveries - 1));
}

void Worker::put_back_waiting() {
  for (const Message& message : waiting_) {
    put_back(message);
  }
  waiting_.clear();
}

Result<void> Worker::start_commands() {
  while (!deaths_.empty() && commands_->running() < options_.jobs && stopping_ != Stopping::now) {
    if (!commands_->start_on_dead(deaths_.front().message, deaths_.front().reason)) {
      break;  // no room for another process: tried again in the next turn
    }
    deaths_.pop_front();
  }
  while (!waiting_.empty() && commands_->running() < options_.jobs && may_begin()) {
    std::vector<Message> messages;
    messages.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    // A message that has failed before runs alone, so that it cannot make a whole batch fail again.
    while (messages.front().deliveries == 1 && messages.size() < options_.batch && !waiting_.empty() &&
           waiting_.front().deliveries == 1 && waiting_.front().stream == messages.front().stream) {
      messages.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    missing_.look_at(messages.front().fields);
    last_move_ = steady_clock::now();
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

int Worker::status() const {
  if (stopping_ == Stopping::now || signal_ == SIGPIPE) {
    return 128 + signal_;
  }
  if (news_.tally.dead > 0) {
    return 3;
  }
  return taken_ > 0 || signal_ != 0 ? 0 : 1;
}

Result<int> run_work(Store& store, const WorkOptions& options) {
  WEIR_TRY(check_scripts(store));  // without the scripts, finished messages could not be acknowledged
  const std::string consumer = options.consumer.empty() ? process_name() : options.consumer;
  WEIR_ASSIGN(auto commands, Commands::make(options, consumer));
  Worker worker(store, options, consumer, std::move(commands));
  return worker.run();
}

}  // namespace weir::worker
