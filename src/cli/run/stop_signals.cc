#include "cli/run/stop_signals.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "system/pipe.h"

namespace weir::cli {
namespace {

constexpr std::array kStops = {SIGTERM, SIGINT, SIGHUP};

std::atomic<int> noted{0};
static_assert(std::atomic<int>::is_always_lock_free);
std::array<struct sigaction, kStops.size()> before;

/// Readable from the first signal on. Made when first used, and kept.
const Pipe& wake() {
  static const Pipe pipe = make_pipe();
  return pipe;
}
std::atomic<int> wake_end{-1};

extern "C" void note_stop(int signal) {
  const int saved = errno;
  noted = signal;
  [[maybe_unused]] const auto written = ::write(wake_end, "", 1);
  errno = saved;
}

// Also SIGPIPE, which ends a process whose output nobody reads.
constexpr std::array kEnds = {SIGTERM, SIGINT, SIGHUP, SIGPIPE};

// Because of SA_RESETHAND, the signal raised here ends the process.
extern "C" void erase_line_and_end(int signal) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kEraseLine.data(), kEraseLine.size());
  ::raise(signal);
}

bool ends_the_process(const struct sigaction& action) {
  return action.sa_handler == SIG_DFL || action.sa_handler == erase_line_and_end;
}

struct sigaction handled_once(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  return action;
}

}  // namespace

void erase_line_at_end(bool on) {
  struct sigaction action = handled_once(erase_line_and_end);
  if (!on) {
    action.sa_handler = SIG_DFL;
  }
  for (const int signal : kEnds) {
    struct sigaction now {};
    sigaction(signal, nullptr, &now);
    if (ends_the_process(now)) {
      sigaction(signal, &action, nullptr);
    }
  }
}

StopSignals::StopSignals() {
  wake_end = wake().write.get();
  const struct sigaction action = handled_once(note_stop);
  sigset_t handled;
  sigemptyset(&handled);
  for (std::size_t i = 0; i < kStops.size(); ++i) {
    sigaction(kStops[i], nullptr, &before[i]);
    if (ends_the_process(before[i])) {
      sigaction(kStops[i], &action, nullptr);
      sigaddset(&handled, kStops[i]);
    }
  }
  pthread_sigmask(SIG_UNBLOCK, &handled, &blocked_before_);
}

StopSignals::~StopSignals() {
  pthread_sigmask(SIG_SETMASK, &blocked_before_, nullptr);
  for (std::size_t i = 0; i < kStops.size(); ++i) {
    sigaction(kStops[i], &before[i], nullptr);
  }
}

const std::atomic<int>& stop_signal() {
  return noted;
}

void stop_by(int signal) {
  noted = signal;
}

int stop_descriptor() {
  return wake().read.get();
}

bool wait_readable_or_stop(int fd) {
  std::array<pollfd, 2> fds{{{fd, POLLIN, 0}, {-1, POLLIN, 0}}};
  if (::poll(fds.data(), 1, 0) > 0) {
    return true;
  }
  const StopSignals stop;
  fds[1].fd = wake().read.get();
  while (noted == 0 && ::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) {
  }
  return noted == 0;
}

void end_by_stop_signal() {
  if (noted != 0) {
    sigset_t last;
    sigemptyset(&last);
    sigaddset(&last, noted);
    pthread_sigmask(SIG_UNBLOCK, &last, nullptr);
    ::raise(noted);
  }
}

}  // namespace weir::cli
