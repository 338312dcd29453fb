// The commands that run: started, fed, listened to, limited in time, and ended.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/json_lines.h"
#include "system/clock.h"
#include "worker/process/command_options.h"
#include "worker/process/environment.h"
#include "worker/process/guardian.h"
#include "worker/process/lines.h"
#include "worker/process/message.h"
#include "worker/process/poller.h"
#include "worker/process/signals.h"
#include "worker/process/template.h"

namespace weir::worker {

/// What is to be told of a run.
struct RunRecord {
  int status = 0;  ///< of exit; of a signal see below
  int signal = 0;  ///< that ended it; 0: it exited
  UnixMs started{0};
  Millis took{0};
  std::string output;  ///< the last 4 KiB
  std::string errors;
};

/// How one run of the command ended.
struct Ended {
  enum class How {
    success,      ///< exit 0
    data_error,   ///< exit 65, or the message does not fit the command: never again
    failure,      ///< again later
    later,        ///< it said that it is too early: again later, and not counted
    stopped,      ///< the worker is stopping and ended it: again at once
    not_started,  ///< the system had no room for another process: again soon, and not counted
    no_field,     ///< it was not run: the message has no field `missing`
  };
  std::vector<Message> messages;  ///< none: it was the script for a dead letter
  How how = How::success;
  std::string reason;                 ///< unless success
  std::string missing;                ///< no_field: its name
  Id label;                           ///< of the (first) message
  std::chrono::microseconds took{0};  ///< 0: it was not run
  std::string last_lines;             ///< of its standard error
  std::vector<Fields> produced;       ///< with --into: what it printed
  std::optional<RunRecord> run;       ///< with --log, if it was run
};

/// Threads: one. While it lives, the process's signals are its own (`Signals`).
class Commands {
 public:
  /// Fails with Failure::usage if there is no such command.
  static Result<std::unique_ptr<Commands>> make(const CommandOptions& options, const std::string& consumer);
  /// Kills what still runs, and waits for its end.
  ~Commands();
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;

  std::size_t running() const { return runs_.size(); }
  /// Readable whenever `wait` has something to do.
  int wake_fd() const { return poller_.fd(); }

  /// Runs the command for `messages` (of one stream; with a batch of 1, one). Requires: fewer than `jobs` run.
  /// An answer means that it was not run. Fails if the command cannot be run at all, for any message.
  Result<std::optional<Ended>> start(std::vector<Message> messages);

  /// Runs the script of --on-dead for a message that has become a dead letter. False: there is no room for it now.
  /// Requires: fewer than `jobs` run.
  bool start_on_dead(const Message& message, const std::string& reason);

  /// Moves what can be moved between commands and worker, waiting at most `timeout` for it.
  void wait(Millis timeout);
  Signals::Taken take_signals() const { return signals_.take(); }
  /// Those that ended, with all they printed.
  std::vector<Ended> reap();

  /// Time limits: SIGTERM, later SIGKILL, to those whose time is over.
  void enforce_limits(SteadyTime now);
  std::optional<SteadyTime> next_limit() const;

  /// Ends all: SIGTERM now and SIGKILL after `kill_after`, or SIGKILL now.
  void stop_all(SteadyTime now);
  void kill_all();

  /// The fields that the command names.
  std::set<std::string> fields() const { return command_.fields(); }

  void for_each_message(const std::function<void(const Message&)>& f) const;

  /// Hands on what commands have printed, as far as readers take it; `wait` does so too.
  void pass_output();
  /// Readers are so slow that nothing new should be started.
  bool congested() const { return out_.congested() || err_.congested(); }
  /// A line on standard error, whole, in order with those of the commands, and safe on a terminal.
  void say(const std::string& line);
  /// The last line of the terminal that standard error is, until the next that is shown; empty: none any more. Other
  /// lines go above it. Requires: it is safe there, and fits.
  void show(std::string line) { shown_ = std::move(line); }
  /// Nobody reads standard output any more.
  bool output_closed() const { return out_.closed(); }
  /// Standard output cannot be written for another reason: its errno; 0: it can.
  int output_failure() const { return out_.failure(); }
  /// Waits, a little while, until slow readers have everything.
  void flush();

 private:
  struct Run;
  enum class Stream { output, error };

  Commands(const CommandOptions& options, const std::string& consumer, CommandTemplate command, std::string path,
           Poller poller, Signals signals, Guardian guardian);

  std::string input_for(const std::vector<Message>& messages) const;
  int launch(Run& run, const std::string& path, const std::vector<std::string>& arguments);
  void feed(Run& run);
  std::size_t listen(Run& run, Stream which);
  void listen_to_rest(Run& run, Stream which);
  void take_line(Run& run, Stream which, std::string_view line);
  void take_product(Run& run, std::string_view line);
  void finish_stream(Run& run, Stream which);
  void close(Fd& fd);
  Ended end(Run& run, int status);
  void update_watches();

  const CommandOptions& options_;
  Environment environment_;
  CommandTemplate command_;
  std::string path_;
  Poller poller_;
  Signals signals_;
  Guardian guardian_;
  Fd null_;
  Outlet out_{1};
  Outlet err_{2};
  std::string shown_;     ///< what is to be the last line of the terminal
  std::string standing_;  ///< what stands there
  bool out_watched_ = false;
  bool err_watched_ = false;
  bool listening_ = true;  ///< false: slow readers; commands wait
  io::LineParser parser_{io::Nested::refuse};
  std::vector<std::unique_ptr<Run>> runs_;
  std::unordered_map<int, Run*> by_fd_;
  std::vector<int> ready_;
};

}  // namespace weir::worker
