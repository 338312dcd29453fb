#include "worker/process/commands.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "io/write.h"
#include "system/pipe.h"
#include "system/system_reason.h"
#include "text/shell_word.h"
#include "worker/process/running_command.h"
#include "worker/process/spawn.h"

namespace weir::worker {
namespace {

constexpr int kDataError = 65;  ///< EX_DATAERR

std::string duration(Millis time) {
  return time.count() % 1000 == 0 ? std::to_string(time.count() / 1000) + "s" : std::to_string(time.count()) + "ms";
}

tl::unexpected<Error> no_program(const std::string& name, NoProgram why) {
  const std::string it = "the command '" + name + "' is ";
  switch (why) {
    case NoProgram::folder:
      return fail(Failure::usage, it + "a folder", "no message was touched; give the path of a program");
    case NoProgram::not_a_file:
      return fail(Failure::usage, it + "not a file", "no message was touched; give the path of a program");
    case NoProgram::not_executable:
      return fail(Failure::usage, it + "not executable", "no message was touched; chmod +x " + shell_word(name));
    case NoProgram::missing:
      break;
  }
  return fail(Failure::usage, "there is no command '" + name + "'",
              "no message was touched; give its path, or one that is in $PATH");
}

}  // namespace

Result<std::unique_ptr<Commands>> Commands::make(const CommandOptions& options, const std::string& consumer) {
  WEIR_ASSIGN(auto command,
              CommandTemplate::parse(options.command, options.batch > 1, options.input != CommandInput::none));
  auto path = find_program(options.command.front());
  if (!path) {
    return no_program(options.command.front(), path.error());
  }
  WEIR_ASSIGN(Guardian guardian, Guardian::start(options.jobs));
  WEIR_ASSIGN(Poller poller, Poller::make());
  WEIR_ASSIGN(Signals signals, Signals::install());
  poller.watch_reading(signals.fd());
  return std::unique_ptr<Commands>(new Commands(options, consumer, std::move(command), std::move(*path),
                                                std::move(poller), std::move(signals), std::move(guardian)));
}

Commands::Commands(const CommandOptions& options, const std::string& consumer, CommandTemplate command,
                   std::string path, Poller poller, Signals signals, Guardian guardian)
    : options_(options),
      environment_(options, consumer),
      command_(std::move(command)),
      path_(std::move(path)),
      poller_(std::move(poller)),
      signals_(std::move(signals)),
      guardian_(std::move(guardian)),
      null_(open("/dev/null", O_RDWR | O_CLOEXEC)) {}

Commands::~Commands() {
  kill_all();
  for (const auto& run : runs_) {
    while (waitpid(run->pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

std::string Commands::input_for(const std::vector<Message>& messages) const {
  std::string input;
  for (const Message& message : messages) {
    if (options_.input == CommandInput::entry) {
      io::write_entry_line(input, message.stream, Entry{message.id, message.fields, message.deliveries});
    } else if (options_.input == CommandInput::fields) {
      input += message.fields.json();
      input += '\n';
    }
  }
  return input;
}

Result<std::optional<Ended>> Commands::start(std::vector<Message> messages) {
  const auto not_run = [&](Ended::How how, std::string reason) {
    Ended ended;
    ended.messages = std::move(messages);
    ended.how = how;
    ended.reason = std::move(reason);
    return ended;
  };
  const std::vector<Field> fields = messages.front().fields.pairs();
  auto arguments = command_.expand(messages.front(), fields, options_.missing == Missing::empty);
  if (!arguments) {
    CommandTemplate::Misfit& misfit = arguments.error();
    Ended ended = not_run(misfit.missing ? Ended::How::no_field : Ended::How::data_error, std::move(misfit.reason));
    ended.missing = std::move(misfit.missing).value_or("");
    return ended;
  }
  auto run = std::make_unique<Run>(messages, input_for(messages), !options_.into.empty());
  environment_.set(messages.front(), fields, options_.batch == 1);
  const int error = launch(*run, path_, *arguments);
  if (error == 0) {
    if (options_.timeout.count() > 0) {
      run->limit = later(std::chrono::steady_clock::now(), options_.timeout);
    }
    runs_.push_back(std::move(run));
    return std::nullopt;
  }
  if (error == E2BIG) {
    return not_run(Ended::How::data_error, "too large for the arguments of a command");
  }
  if (error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE || error == ETXTBSY) {
    return not_run(Ended::How::not_started, std::string("cannot start the command now: ") + system_reason(error));
  }
  return fail(Failure::usage, "cannot run '" + options_.command.front() + "': " + system_reason(error));
}

bool Commands::start_on_dead(const Message& message, const std::string& reason) {
  std::string input;
  io::write_entry_line(input, message.stream, Entry{message.id, message.fields, message.deliveries});
  auto run = std::make_unique<Run>(std::vector<Message>(), std::move(input), false);
  run->label = message.id;
  environment_.set(message, message.fields.pairs(), true);
  environment_.add("WEIR_REASON", reason);
  if (launch(*run, "/bin/sh", {"sh", "-c", options_.on_dead}) != 0) {
    return false;
  }
  if (options_.timeout.count() > 0) {
    run->limit = later(std::chrono::steady_clock::now(), options_.timeout);
  }
  runs_.push_back(std::move(run));
  return true;
}

/// Starts a command with the environment that was set.
int Commands::launch(Run& run, const std::string& path, const std::vector<std::string>& arguments) {
  Pipe in;
  if (!run.input.empty()) {
    in = make_pipe();
  }
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  if (!out.read || !err.read || (!run.input.empty() && !in.read)) {
    return errno;
  }
  if (in.write) {
    set_nonblocking(in.write.get());
    run.in = std::move(in.write);
    feed(run);  // fills the pipe before the command starts: usually the whole input fits
  }
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  const auto places = guardian_.places();
  run.place = &*std::find_if(places.begin(), places.end(), [](const auto& place) { return place.load() == 0; });
  Spawn request;
  request.path = path.c_str();
  request.arguments = pointers.data();
  request.environment = environment_.variables();
  request.input = in.read ? in.read.get() : null_.get();
  request.output = out.write.get();
  request.error = err.write.get();
  request.place = run.place;
  const auto pid = spawn(request);
  if (!pid) {
    return pid.error();
  }
  run.pid = *pid;
  set_nonblocking(out.read.get());
  set_nonblocking(err.read.get());
  run.out = std::move(out.read);
  run.err = std::move(err.read);
  for (const Fd* fd : {&run.in, &run.out, &run.err}) {
    if (*fd) {
      by_fd_[fd->get()] = &run;
    }
  }
  if (run.in) {
    poller_.watch_writing(run.in.get());
  }
  if (listening_) {
    poller_.watch_reading(run.out.get());
    poller_.watch_reading(run.err.get());
  }
  return 0;
}

std::vector<Ended> Commands::reap() {
  std::vector<Ended> result;
  while (true) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
      return result;
    }
    const auto found =
        std::find_if(runs_.begin(), runs_.end(), [&](const auto& run) { return run->pid == info.si_pid; });
    int status = 0;
    if (found == runs_.end()) {
      waitpid(info.si_pid, &status, 0);  // a child that this process had before it became a worker
      continue;
    }
    Run& run = **found;
    // Processes that the command left in its group end with it. The group's number is still valid, as the command was
    // not reaped yet.
    kill(-run.pid, SIGKILL);
    waitpid(run.pid, &status, 0);
    run.place->store(0);
    result.push_back(end(run, status));
    runs_.erase(found);
  }
}

Ended Commands::end(Run& run, int status) {
  close(run.in);
  for (const Stream which : {Stream::output, Stream::error}) {
    listen_to_rest(run, which);
    finish_stream(run, which);
  }
  Ended ended;
  ended.messages = std::move(run.messages);
  ended.last_lines = run.tail.text();
  ended.how = Ended::How::failure;
  const bool exited = WIFEXITED(status);
  ended.label = run.label;
  ended.took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - run.began);
  if (!options_.log.empty() && !ended.messages.empty()) {
    const Millis took = std::chrono::duration_cast<Millis>(ended.took);
    ended.run = RunRecord{exited ? WEXITSTATUS(status) : 0,
                          exited ? 0 : WTERMSIG(status),
                          run.started,
                          took,
                          run.log_output.text(),
                          run.log_errors.text()};
  }
  if (run.timed_out) {
    ended.reason = "timed out after " + duration(options_.timeout);
  } else if (exited && WEXITSTATUS(status) == 0 && !run.product_error.empty()) {
    ended.reason = run.product_error;
  } else if (exited && WEXITSTATUS(status) == 0) {
    ended.how = Ended::How::success;
    ended.produced = std::move(run.products);
  } else if (run.stopped) {
    ended.how = Ended::How::stopped;
    ended.reason = "the worker was stopped";
  } else if (exited) {
    ended.reason = "exit " + std::to_string(WEXITSTATUS(status));
    // In a batch nobody can say which message it was, so each message is tried alone next time.
    if (WEXITSTATUS(status) == options_.later_status) {
      ended.how = Ended::How::later;
    } else if (WEXITSTATUS(status) == kDataError && ended.messages.size() == 1) {
      ended.how = Ended::How::data_error;
    }
  } else {
    const int signal = WTERMSIG(status);
    ended.reason = "signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
  }
  return ended;
}

void Commands::for_each_message(const std::function<void(const Message&)>& f) const {
  for (const auto& run : runs_) {
    std::for_each(run->messages.begin(), run->messages.end(), f);
  }
}

void Commands::enforce_limits(SteadyTime now) {
  for (const auto& run : runs_) {
    if (run->kill_at && now >= *run->kill_at) {
      kill(-run->pid, SIGKILL);
      run->kill_at.reset();
    } else if (run->limit && now >= *run->limit) {
      kill(-run->pid, SIGTERM);
      run->limit.reset();
      run->timed_out = true;
      run->kill_at = later(now, options_.kill_after);
    }
  }
}

std::optional<SteadyTime> Commands::next_limit() const {
  std::optional<SteadyTime> next;
  for (const auto& run : runs_) {
    for (const auto& time : {run->limit, run->kill_at}) {
      if (time && (!next || *time < *next)) {
        next = time;
      }
    }
  }
  return next;
}

void Commands::stop_all(SteadyTime now) {
  for (const auto& run : runs_) {
    if (!run->kill_at && !run->stopped) {
      kill(-run->pid, SIGTERM);
      run->limit.reset();
      run->stopped = true;
      run->kill_at = later(now, options_.kill_after);
    }
  }
}

void Commands::kill_all() {
  for (const auto& run : runs_) {
    kill(-run->pid, SIGKILL);
    run->stopped = true;
    run->limit.reset();
    run->kill_at.reset();
  }
}

}  // namespace weir::worker
