// The loop of a worker: when to take messages, what to make of each outcome, when to stop.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "stream/rationing.h"
#include "worker/leases.h"
#include "worker/missing_fields.h"
#include "worker/news.h"
#include "worker/process/commands.h"
#include "worker/settlement.h"
#include "worker/start_failures.h"

namespace weir::worker {

/// How long to wait before the next delivery, after `deliveries` of them: between the doubled time and half as much
/// again, within the limits.
Millis backoff_after(const Backoff& backoff, std::uint64_t deliveries, std::minstd_rand& random);

/// One `weir work`, for one `run`. Threads: one. The store and the options must outlive it.
class Worker {
 public:
  Worker(Store& store, const WorkOptions& options, std::string consumer, std::unique_ptr<Commands> commands);

  /// Blocks until it is told to stop, or has nothing more to do. See `run_work` for what it gives.
  Result<int> run();

 private:
  enum class Stopping { no, gently, now };

  /// The longest that a worker goes without looking for messages that others have put back or left behind.
  static constexpr Millis kMaxSweep{5'000};
  /// How soon to look again while others still hold the last messages (--until-empty), or have something to take.
  static constexpr Millis kEmptySweep{250};

  Result<void> choose_targets();
  Result<void> loop();
  Result<bool> use_store();
  Result<void> bear(const Error& error);
  void take_signals();
  void begin_stopping();
  void stop_now();
  void forget_deaths();

  // Taking and keeping.
  std::size_t room() const;
  std::size_t ahead() const;
  SteadyTime write_at() const;
  std::optional<SteadyTime> stuck_at() const;
  void give_up_what_is_stuck();
  Xnack giving_back(const Message& message, Millis wait, std::optional<std::uint64_t> deliveries = std::nullopt) const;
  bool idle() const;
  Result<void> take_messages();
  Result<void> sweep();
  Result<void> read_or_wait();
  Result<void> read_strictly(std::size_t count);
  Result<void> take_ration(std::size_t count, Millis timeout);
  Millis patience() const;
  void receive(Message message, const std::string& previous_owner);
  void receive(StreamEntries streams);
  Result<void> after_refusal(const Error& error);
  void note_failed_read(const Error& error, SteadyTime began);
  SteadyTime renew_at() const;
  Result<void> renew();
  Result<void> write(const std::optional<Xreadgroup>& read);
  void put_back(const Message& message);
  void put_back_waiting();

  // Running and judging.
  Result<void> start_commands();
  void judge(Ended ended);
  void judge_failure(const Message& message, const Ended& ended);
  void put_off(const Message& message);
  void judge_missing(const Message& message, const Ended& ended);
  void bury(const Message& message, const std::string& consumer, std::uint64_t deliveries, const std::string& reason,
            const std::string& last_lines);

  // Ending.
  Result<bool> finished();
  Result<bool> is_held_up(const std::string& stream);
  std::optional<SteadyTime> next_timer() const;
  int status() const;
  void say_what_is_left();
  void say(const std::optional<std::string>& line);
  bool tells_lines() const { return options_.telling == Telling::lines; }
  bool tells_failures() const { return options_.telling != Telling::quiet; }
  void show_progress();
  std::vector<AtFirst> look_at_streams();
  std::optional<InStreams> look_at_what_waits();

  Store& store_;
  const WorkOptions& options_;
  Rationing* rationing_ = nullptr;  ///< of the store, if messages are taken under terms
  Leases leases_;
  Settlement settlement_;
  std::unique_ptr<Commands> commands_;
  MissingFields missing_;
  SerialField serial_;
  News news_;
  StartFailures start_failures_;
  std::minstd_rand random_;

  std::deque<Message> waiting_;                      ///< taken, but not begun: no command is free
  std::deque<Settlement::Dead> deaths_;              ///< for which --on-dead is still to be run
  std::map<std::string, std::string> dead_letters_;  ///< for each stream, that of its dead letters
  std::map<std::string, std::set<Id>> lost_;         ///< running, but taken over by another worker
  std::size_t next_stream_ = 0;                      ///< whose turn it is to be read first
  SteadyTime sweep_at_{};
  SteadyTime kept_at_{};                     ///< all that is held was taken or renewed then, or later
  std::optional<SteadyTime> away_since_;     ///< the store has not done all that it was asked since then
  std::optional<Error> away_;                ///< why, if nothing was done since
  bool new_ones_first_ = false;              ///< the last turn was that of the messages that were due again
  std::chrono::microseconds usual_run_{0};   ///< how long the command takes of late; 0: not known
  std::optional<SteadyTime> first_outcome_;  ///< of those that are not written yet
  SteadyTime last_move_{};                   ///< a message was taken, or begun, or a command ended
  std::optional<SteadyTime> lost_since_;     ///< what a `take` that began then has given may never have come
  bool held_up_ = false;                     ///< there is something that may not be taken yet
  bool drained_ = false;                     ///< the last read found nothing new
  int refusals_ = 0;                         ///< reads refused since the last that was not
  std::uint64_t taken_ = 0;
  SteadyTime progress_at_{};
  SteadyTime count_at_{};                ///< when what waits is to be counted again
  std::optional<InStreams> in_streams_;  ///< what waited then
  Stopping stopping_ = Stopping::no;
  int signal_ = 0;                     ///< that ended it, if one did
  std::optional<Error> failure_;       ///< the command or the group is gone: report it at the end
  std::optional<SteadyTime> ends_at_;  ///< --max-time
  bool time_is_over_ = false;
  std::optional<SteadyTime> patience_until_;  ///< --grace
};

}  // namespace weir::worker
