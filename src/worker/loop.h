// The loop of a worker: decides when to take messages, what follows from each outcome, and when to stop.
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

/// How long a message waits for its next delivery after `deliveries` of them: the doubled time, plus up to half of it
/// at random, within the limits.
Millis backoff_after(const Backoff& backoff, std::uint64_t deliveries, std::minstd_rand& random);

/// One `weir work`; `run` is called once. Threads: one. The store and the options must outlive the object.
class Worker {
 public:
  Worker(Store& store, const WorkOptions& options, std::string consumer, std::unique_ptr<Commands> commands);

  /// Blocks until the worker is told to stop or has nothing more to do. Returns what `run_work` does.
  Result<int> run();

 private:
  enum class Stopping { no, gently, now };

  /// A worker looks at least this often for messages that others have given back or left behind.
  static constexpr Millis kMaxSweep{5'000};
  /// How soon the worker looks again (--until-empty) while other workers hold the last messages or could take some.
  static constexpr Millis kEmptySweep{250};

  Result<void> choose_targets();
  Result<void> loop();
  Result<bool> use_store();
  Result<void> bear(const Error& error);
  void take_signals();
  void begin_stopping();
  void stop_now();
  void forget_deaths();

  // Taking messages and keeping them.
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
  void receive(StreamEntries streams, SteadyTime since);
  SteadyTime held_since(const StreamEntries& read, SteadyTime began);
  Result<void> after_refusal(const Error& error);
  void note_failed_read(const Error& error, SteadyTime began);
  SteadyTime renew_at() const;
  bool may_begin() const;
  Result<void> renew();
  Result<void> renew_all();
  Result<void> write(const std::optional<Xreadgroup>& read);
  void put_back(const Message& message);
  void put_back_waiting();

  // Running commands and judging how they ended.
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
  Rationing* rationing_ = nullptr;  ///< the store, if messages are taken under terms
  Leases leases_;
  Settlement settlement_;
  std::unique_ptr<Commands> commands_;
  MissingFields missing_;
  SerialField serial_;
  News news_;
  StartFailures start_failures_;
  std::minstd_rand random_;

  std::deque<Message> waiting_;                      ///< taken but not begun, as no command slot is free
  std::deque<Settlement::Dead> deaths_;              ///< dead messages for which --on-dead is still to be run
  std::map<std::string, std::string> dead_letters_;  ///< for each stream, the stream of its dead letters
  std::map<std::string, std::set<Id>> lost_;         ///< messages that run here, but that another worker has taken over
  std::size_t next_stream_ = 0;                      ///< the stream to be read first next time
  SteadyTime sweep_at_{};
  SteadyTime kept_at_{};                     ///< every held message was taken or renewed then, or later
  std::optional<SteadyTime> away_since_;     ///< since when the store has not done all that was asked
  std::optional<Error> away_;                ///< why, if the store has done nothing since
  bool new_ones_first_ = false;              ///< in the last turn, messages that were due again were taken
  std::chrono::microseconds usual_run_{0};   ///< how long a run takes these days; 0: not known
  std::optional<SteadyTime> first_outcome_;  ///< of the outcomes that are not written yet
  SteadyTime last_move_{};                   ///< when a message was taken or begun, or a command ended
  std::optional<SteadyTime> lost_since_;     ///< a `take` that began then failed; its messages may be ours
  bool held_up_ = false;                     ///< a message is there that may not be taken yet
  bool drained_ = false;                     ///< the last read found nothing new
  int refusals_ = 0;                         ///< reads refused in a row
  std::uint64_t taken_ = 0;
  SteadyTime progress_at_{};
  SteadyTime count_at_{};                ///< when the waiting messages are to be counted again
  std::optional<InStreams> in_streams_;  ///< the result of the last count
  Stopping stopping_ = Stopping::no;
  int signal_ = 0;                     ///< the signal that ended the worker
  std::optional<Error> failure_;       ///< the command or the group is missing, which is reported at the end
  std::optional<SteadyTime> ends_at_;  ///< --max-time
  bool time_is_over_ = false;
  std::optional<SteadyTime> patience_until_;  ///< --grace
};

}  // namespace weir::worker
