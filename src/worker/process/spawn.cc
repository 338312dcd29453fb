#include "worker/process/spawn.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "system/pipe.h"
#include "worker/process/signals.h"

namespace weir::worker {
namespace {

/// A background process group is stopped as soon as it uses the terminal, and nobody would bring it to the foreground.
/// Without a terminal, opening /dev/tty is an error that the command can report. A separate session would help, too;
/// but Linux makes a scheduling group for each session, so on a busy machine a short run takes half as long again.
void leave_terminal() {
  close(0);  // makes room for /dev/tty, whatever the limit is; the command's input becomes descriptor 0 afterwards
  const int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal >= 0) {
    ioctl(terminal, TIOCNOTTY);
    close(terminal);
  }
}

/// The child between fork and exec. After vfork the child borrows the parent's memory, so it may only make system calls
/// and store its errno. After fork the child reports its errno through a pipe.
[[noreturn]] void become(const Spawn& request, pid_t parent, volatile int& error, int report) {
  request.place->store(getpid());
  leave_terminal();
  setpgid(0, 0);
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
  if (getppid() != parent) {
    _exit(127);  // the worker died too early for the guardian or the kernel to end this child
  }
  if (dup2(request.input, 0) >= 0 && dup2(request.output, 1) >= 0 && dup2(request.error, 2) >= 0) {
    restore_default_signals();
    execve(request.path, request.arguments, request.environment);
  }
  error = errno;
  if (report >= 0) {
    const int why = error;
    [[maybe_unused]] const auto written = ::write(report, &why, sizeof why);
  }
  _exit(127);
}

#if defined(__linux__) && !defined(__SANITIZE_THREAD__)

/// vfork takes the same time however large the worker is, and the child's errno is known as soon as vfork returns.
__attribute__((noinline)) pid_t start(const Spawn& request, pid_t parent, volatile int& error) {
  const pid_t pid = vfork();
  if (pid == 0) {
    become(request, parent, error, -1);
  }
  return pid;
}

#else

pid_t start(const Spawn& request, pid_t parent, volatile int& error) {
  Pipe report = make_pipe();
  const pid_t pid = fork();
  if (pid == 0) {
    become(request, parent, error, report.write.get());
  }
  report.write.reset();
  int why = 0;
  if (pid > 0 && ::read(report.read.get(), &why, sizeof why) == static_cast<ssize_t>(sizeof why)) {
    error = why;
  }
  return pid;
}

#endif

std::optional<NoProgram> why_no_program(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    return NoProgram::missing;
  }
  if (!S_ISREG(status.st_mode)) {
    return S_ISDIR(status.st_mode) ? NoProgram::folder : NoProgram::not_a_file;
  }
  return access(path.c_str(), X_OK) == 0 ? std::nullopt : std::optional(NoProgram::not_executable);
}

}  // namespace

tl::expected<pid_t, int> spawn(const Spawn& request) {
  sigset_t all;
  sigset_t mask;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &mask);  // no handler of this process may run in the child
  volatile int error = 0;
  pid_t pid = start(request, getpid(), error);
  const int fork_error = errno;
  if (pid > 0 && error != 0) {
    while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  if (pid < 0 || error != 0) {
    request.place->store(0);
    return tl::unexpected<int>(pid < 0 ? fork_error : error);
  }
  return pid;
}

tl::expected<std::string, NoProgram> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (const auto why = why_no_program(name)) {
      return tl::unexpected(*why);
    }
    return name;
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (true) {
    const auto end = rest.find(':');
    const std::string folder(rest.substr(0, end));
    std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    if (!why_no_program(candidate)) {
      return candidate;
    }
    if (end == std::string_view::npos) {
      return tl::unexpected(NoProgram::missing);
    }
    rest.remove_prefix(end + 1);
  }
}

}  // namespace weir::worker
