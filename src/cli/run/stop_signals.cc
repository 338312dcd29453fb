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

/// Readable from the first signal on. Made at its first use, and kept.
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

}  // namespace

StopSignals::StopSignals() {
  wake_end = wake().write.get();
  struct sigaction action {};
  action.sa_handler = note_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kStops.size(); ++i) {
    sigaction(kStops[i], nullptr, &before[i]);
    if (before[i].sa_handler == SIG_DFL) {
      sigaction(kStops[i], &action, nullptr);
    }
  }
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kStops.size(); ++i) {
    sigaction(kStops[i], &before[i], nullptr);
  }
}

const std::atomic<int>& stop_signal() {
  return noted;
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
    ::raise(noted);
  }
}

}  // namespace weir::cli
