#include "worker/process/guardian.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <new>
#include <utility>

#include "system/pipe.h"
#include "system/system_reason.h"

namespace weir::worker {
namespace {

/// The guardian keeps no descriptor of the worker open: no lock of the store, and no end of a pipe.
void close_all_but(int kept) {
  const int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) {
    dup2(null, fd);
  }
#if defined(__linux__)
  const auto edge = static_cast<unsigned>(kept);
  if ((kept <= 3 || close_range(3, edge - 1, 0) == 0) && close_range(edge + 1, ~0U, 0) == 0) {
    return;
  }
  // Linux has close_range since 5.9, and a container may forbid it.
#endif
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const int last = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 65'536));
  for (int fd = 3; fd < last; ++fd) {
    if (fd != kept) {
      ::close(fd);
    }
  }
}

[[noreturn]] void guard(std::span<std::atomic<pid_t>> places, int lifeline) {
  setsid();  // leaves the terminal's foreground group: Ctrl-C is for the worker
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) {
    std::signal(signal, SIG_IGN);
  }
  std::signal(SIGCHLD, SIG_DFL);
  close_all_but(lifeline);
  char byte = 0;
  while (::read(lifeline, &byte, 1) < 0 && errno == EINTR) {
  }
  for (const auto& place : places) {
    if (const pid_t group = place.load(); group > 0) {
      kill(-group, SIGKILL);
    }
  }
  _exit(0);
}

}  // namespace

Result<Guardian> Guardian::start(std::size_t places) {
  const auto failed = [] { return fail(Failure::store, std::string("cannot start: ") + system_reason(errno)); };
  const std::size_t bytes = places * sizeof(std::atomic<pid_t>);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return failed();
  }
  auto* first = static_cast<std::atomic<pid_t>*>(memory);
  for (std::size_t i = 0; i < places; ++i) {
    new (first + i) std::atomic<pid_t>(0);
  }
  Pipe lifeline = make_pipe();
  const pid_t pid = lifeline.read ? fork() : -1;
  if (pid < 0) {
    munmap(memory, bytes);
    return failed();
  }
  if (pid == 0) {
    lifeline.write.reset();  // else the guardian would keep its own pipe open
    guard({first, places}, lifeline.read.get());
  }
  return Guardian({first, places}, std::move(lifeline.write), pid);
}

Guardian::Guardian(Guardian&& other) noexcept
    : places_(std::exchange(other.places_, {})), lifeline_(std::move(other.lifeline_)), pid_(other.pid_) {}

Guardian::~Guardian() {
  if (places_.empty()) {
    return;  // this object was moved from
  }
  lifeline_.reset();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  munmap(places_.data(), places_.size_bytes());
}

}  // namespace weir::worker
