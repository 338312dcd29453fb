#include "worker/process/signals.h"

#include <array>
#include <cerrno>
#include <csignal>

#include "system/pipe.h"
#include "system/system_reason.h"

namespace weir::worker {
namespace {

constexpr std::array kCaught = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};

volatile std::sig_atomic_t pipe_end = -1;
std::array<struct sigaction, kCaught.size()> before;
sigset_t blocked_before;
struct sigaction pipe_before;

/// Each signal writes one byte. A full pipe loses the byte, but its reader wakes anyway.
extern "C" void note_signal(int signal) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(signal);
  [[maybe_unused]] const auto written = ::write(pipe_end, &byte, 1);
  errno = saved;
}

}  // namespace

Result<Signals> Signals::install() {
  Pipe pipe = make_pipe();
  if (!pipe.read) {
    return fail(Failure::store, std::string("cannot wait for commands: ") + system_reason(errno));
  }
  set_nonblocking(pipe.read.get());
  set_nonblocking(pipe.write.get());
  pipe_end = pipe.write.get();
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kCaught.size(); ++i) {
    sigaction(kCaught[i], nullptr, &before[i]);
    const bool may_be_ignored = kCaught[i] == SIGINT || kCaught[i] == SIGHUP;
    if (!may_be_ignored || before[i].sa_handler != SIG_IGN) {
      action.sa_flags = kCaught[i] == SIGCHLD ? SA_NOCLDSTOP | SA_RESTART : 0;
      sigaction(kCaught[i], &action, nullptr);
    }
  }
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &pipe_before);
  sigset_t needed;
  sigemptyset(&needed);
  for (const int signal : kCaught) {
    sigaddset(&needed, signal);
  }
  pthread_sigmask(SIG_UNBLOCK, &needed, &blocked_before);
  return Signals(std::move(pipe.read), std::move(pipe.write));
}

Signals::~Signals() {
  if (!read_) {
    return;  // this object was moved from
  }
  pthread_sigmask(SIG_SETMASK, &blocked_before, nullptr);
  for (std::size_t i = 0; i < kCaught.size(); ++i) {
    sigaction(kCaught[i], &before[i], nullptr);
  }
  sigaction(SIGPIPE, &pipe_before, nullptr);
  pipe_end = -1;
}

Signals::Taken Signals::take() const {
  Taken taken;
  std::array<unsigned char, 256> bytes;
  ssize_t count = 0;
  while ((count = ::read(read_.get(), bytes.data(), bytes.size())) > 0) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      if (bytes[i] != SIGCHLD) {
        ++taken.stops;
        taken.last_stop = bytes[i];
      }
    }
  }
  return taken;
}

void restore_default_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    sigaction(signal, &action, nullptr);  // signals that cannot be changed refuse this
  }
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace weir::worker
