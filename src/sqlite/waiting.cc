#include "sqlite/waiting.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include <array>
#include <cerrno>

namespace weir {
namespace {

// How often to look without a bell. With one, it is for writers that are not weir, and for one that was killed
// between its commit and its ring.
constexpr std::chrono::milliseconds kSlowLook{250};
constexpr std::chrono::milliseconds kLookWithoutBell{50};
// In the line: only to notice that the head of it is stopped (Ctrl-Z) and takes nothing.
constexpr std::chrono::milliseconds kLookInLine{1000};

/// Sleeps until one of two descriptors is readable; the second may be -1.
Woken sleep_on(int lock, int interrupt, std::chrono::milliseconds time) {
  std::array<pollfd, 2> fds{{{lock, POLLIN, 0}, {interrupt, POLLIN, 0}}};
  const int ready = poll(fds.data(), fds.size(), static_cast<int>(time.count()));
  if (ready > 0 && fds[1].revents != 0) {
    return Woken::interrupted;
  }
  return ready == 0 ? Woken::slow_look : Woken::maybe;
}

/// Runs the wait for a lock in a thread, and says by a pipe that it is over.
/// SIGALRM, with a handler that does nothing, ends it early.
class LockThread {
 public:
  LockThread(const LockFile& file, std::int64_t group, std::int64_t ticket) {
    std::array<int, 2> ends{-1, -1};
    if (pipe(ends.data()) != 0) {
      return;
    }
    read_end_.reset(ends[0]);
    write_end_.reset(ends[1]);
    for (const int end : ends) {
      fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, &old_action_);
    thread_ = std::thread([this, &file, group, ticket] {
      while (!stop_ && !file.wait_for_place(group, ticket)) {
      }
      done_ = true;
      [[maybe_unused]] const ssize_t written = write(write_end_.get(), "", 1);
    });
  }
  ~LockThread() {
    if (!thread_.joinable()) {
      return;
    }
    stop_ = true;
    // A signal that comes just before the thread blocks is lost: so it is sent until the thread has noticed.
    pollfd over{read_end_.get(), POLLIN, 0};
    while (!done_) {
      pthread_kill(thread_.native_handle(), SIGALRM);
      constexpr int kAgainMs = 1;
      poll(&over, 1, kAgainMs);
    }
    thread_.join();
    sigaction(SIGALRM, &old_action_, nullptr);
  }
  LockThread(const LockThread&) = delete;
  LockThread& operator=(const LockThread&) = delete;

  int poll_fd() const { return read_end_.get(); }

 private:
  Fd read_end_;
  Fd write_end_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> done_ = false;
  struct sigaction old_action_ {};
  std::thread thread_;
};

}  // namespace

BellWaiter::BellWaiter(const LockFile& file) : file_(file) {
  file_.start_waiting();
}

Woken BellWaiter::sleep(const Deadline& deadline, int interrupt) {
  Doorbell& bell = file_.bell();
  switch (bell.wait(deadline.left(bell.works() ? kSlowLook : kLookWithoutBell), interrupt)) {
    case Doorbell::Heard::ring:
      return Woken::maybe;
    case Doorbell::Heard::interrupted:
      return Woken::interrupted;
    case Doorbell::Heard::nothing:
      break;
  }
  return Woken::slow_look;
}

PlaceInLine::PlaceInLine(const LockFile& file, std::int64_t group)
    : file_(&file), group_(group), ticket_(file.join_line(group)) {}

PlaceInLine::~PlaceInLine() {
  if (file_ != nullptr) {
    file_->leave_line(group_, ticket_);
  }
}

PlaceInLine::PlaceInLine(PlaceInLine&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)), group_(other.group_), ticket_(other.ticket_) {}

PlaceInLine& PlaceInLine::operator=(PlaceInLine&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(group_, other.group_);
  std::swap(ticket_, other.ticket_);
  return *this;
}

Woken PlaceInLine::sleep(const Deadline& deadline, int interrupt) const {
  const auto ahead = file_->place_ahead(group_, ticket_);
  if (!ahead) {
    return Woken::maybe;
  }
  const LockThread thread(*file_, group_, *ahead);
  return sleep_on(thread.poll_fd(), interrupt, deadline.left(kLookInLine));
}

}  // namespace weir
