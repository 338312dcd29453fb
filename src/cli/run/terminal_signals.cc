#include "cli/run/terminal_signals.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "system/pipe.h"

namespace weir::cli {
namespace {

constexpr std::array kSignals = {SIGWINCH, SIGTSTP};

std::atomic<bool> stop_wanted{false};
static_assert(std::atomic<bool>::is_always_lock_free);
std::array<struct sigaction, kSignals.size()> before;

/// Made when first used, and kept.
const Pipe& wake() {
  static const Pipe pipe = [] {
    Pipe made = make_pipe();
    set_nonblocking(made.read.get());
    set_nonblocking(made.write.get());
    return made;
  }();
  return pipe;
}
std::atomic<int> wake_end{-1};

extern "C" void note_terminal(int signal) {
  const int saved = errno;
  if (signal == SIGTSTP) {
    stop_wanted = true;
  }
  [[maybe_unused]] const auto written = ::write(wake_end, "", 1);
  errno = saved;
}

void catch_signal(int signal, struct sigaction* earlier) {
  struct sigaction action {};
  action.sa_handler = note_terminal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, earlier);
}

}  // namespace

TerminalSignals::TerminalSignals() {
  wake_end = wake().write.get();
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], nullptr, &before[i]);
    if (kSignals[i] == SIGWINCH || before[i].sa_handler == SIG_DFL) {
      catch_signal(kSignals[i], nullptr);
    }
  }
}

TerminalSignals::~TerminalSignals() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &before[i], nullptr);
  }
}

int TerminalSignals::descriptor() {
  return wake().read.get();
}

bool TerminalSignals::take() {
  std::array<char, 64> bytes;
  while (::read(wake().read.get(), bytes.data(), bytes.size()) > 0) {
  }
  return stop_wanted.exchange(false);
}

void TerminalSignals::stop() {
  struct sigaction ours {};
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  sigemptyset(&plain.sa_mask);
  sigaction(SIGTSTP, &plain, &ours);
  ::raise(SIGTSTP);
  sigaction(SIGTSTP, &ours, nullptr);
}

}  // namespace weir::cli
