// The running commands: starts them, feeds them, reads their output, limits their time and ends them.
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

/// What the run log tells of a run.
struct RunRecord {
  int status = 0;  ///< exit status; for a signal see below
  int signal = 0;  ///< the signal that ended the command; 0: it exited
  UnixMs started{0};
  Millis took{0};
  std::string output;  ///< the last 4 KiB
  std::string errors;
};

/// How one run of the command ended.
struct Ended {
  enum class How {
    success,      ///< exit 0
    data_error,   ///< exit 65, or the message does not fit the command: not delivered again
    failure,      ///< to be delivered again
    later,        ///< the command says that it is too early: delivered again, and not counted
    stopped,      ///< the stopping worker ended the command: delivered again at once
    not_started,  ///< the system had no room for another process: tried again soon, and not counted
    no_field,     ///< the command was not run, as the message has no field `missing`
  };
  std::vector<Message> messages;  ///< none: the command was the --on-dead script
  How how = How::success;
  std::string reason;                 ///< unless success
  std::string missing;                ///< no_field: the field's name
  Id label;                           ///< the ID of the first message
  std::chrono::microseconds took{0};  ///< 0: the command was not run
  std::string last_lines;             ///< the last lines on standard error
  std::vector<Fields> produced;       ///< with --into: the entries that the command printed
  std::optional<RunRecord> run;       ///< with --log, if the command was run
};

/// While the object exists, it handles the process's signals (`Signals`). Threads: one.
class Commands {
 public:
  /// Fails with Failure::usage if there is no such command.
  static Result<std::unique_ptr<Commands>> make(const CommandOptions& options, const std::string& consumer);
  /// Kills running commands and waits until they have ended.
  ~Commands();
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;

  std::size_t running() const { return runs_.size(); }
  /// Readable whenever `wait` has something to do.
  int wake_fd() const { return poller_.fd(); }

  /// Runs the command for `messages`, all from one stream and at most `batch` many. Requires: fewer than `jobs`
  /// commands run. An answer means that the command was not run. Fails if the command cannot be run for any message.
  Result<std::optional<Ended>> start(std::vector<Message> messages);

  /// Runs the --on-dead script for a message that has become a dead letter. False: there is no room for a process now.
  /// Requires: fewer than `jobs` commands run.
  bool start_on_dead(const Message& message, const std::string& reason);

  /// Moves input and output between commands and worker as far as possible, waiting at most `timeout` for it.
  void wait(Millis timeout);
  Signals::Taken take_signals() const { return signals_.take(); }
  /// The commands that have ended, with everything they printed.
  std::vector<Ended> reap();

  /// Sends SIGTERM, later SIGKILL, to commands whose time is over.
  void enforce_limits(SteadyTime now);
  std::optional<SteadyTime> next_limit() const;

  /// `stop_all` sends SIGTERM to all commands, and SIGKILL after `kill_after`; `kill_all` sends SIGKILL now.
  void stop_all(SteadyTime now);
  void kill_all();

  /// The fields that the command names.
  std::set<std::string> fields() const { return command_.fields(); }

  void for_each_message(const std::function<void(const Message&)>& f) const;

  /// Passes on what the commands have printed, as far as readers take it; `wait` does so too.
  void pass_output();
  /// Readers are so slow that no more commands should be started.
  bool congested() const { return out_.congested() || err_.congested(); }
  /// Writes a whole line to standard error, in order with the lines of commands, and made safe for a terminal.
  void say(const std::string& line);
  /// Shows `line` as the last line of the terminal, until the next call; other lines appear above it. Empty: no such
  /// line. Requires: standard error is a terminal, and `line` fits and is safe there.
  void show(std::string line) { shown_ = std::move(line); }
  /// Nobody reads standard output any more.
  bool output_closed() const { return out_.closed(); }
  /// The errno of another failure to write standard output; 0: none.
  int output_failure() const { return out_.failure(); }
  /// Waits a little while for slow readers to take everything.
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
  std::string shown_;     ///< the line that should be last on the terminal
  std::string standing_;  ///< the line that is last there now
  bool out_watched_ = false;
  bool err_watched_ = false;
  bool listening_ = true;  ///< false: readers are slow, so commands are not read from
  io::LineParser parser_{io::Nested::refuse};
  std::vector<std::unique_ptr<Run>> runs_;
  std::unordered_map<int, Run*> by_fd_;
  std::vector<int> ready_;
};

}  // namespace weir::worker
