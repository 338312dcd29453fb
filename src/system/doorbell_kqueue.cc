// A ring is a write to the file, which kqueue reports.
#include <fcntl.h>
#include <poll.h>
#include <sys/event.h>
#include <sys/time.h>
#include <unistd.h>

#include "system/doorbell.h"
#include "system/fd.h"

namespace weir {

struct Doorbell::Impl {
  int file;
  Fd queue;
};

// kqueue does not say where a write was: a ring anywhere in the file wakes all.
Doorbell::Doorbell(int fd, std::size_t) : impl_(std::make_unique<Impl>(Impl{fd, Fd()})) {}

Doorbell::~Doorbell() = default;

bool Doorbell::ring() noexcept {
  return ring_at(impl_->file, 0);
}

bool Doorbell::ring_for_one() noexcept {
  return ring();
}

bool Doorbell::ring_at(int fd, std::size_t) noexcept {
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = pwrite(fd, &byte, 1, 0);
  return true;
}

void Doorbell::listen() {
  if (!impl_->queue) {
    impl_->queue.reset(kqueue());
    if (!impl_->queue) {
      return;
    }
    fcntl(impl_->queue.get(), F_SETFD, FD_CLOEXEC);
    struct kevent change;
    EV_SET(&change, static_cast<uintptr_t>(impl_->file), EVFILT_VNODE, EV_ADD | EV_CLEAR, NOTE_WRITE, 0, nullptr);
    if (kevent(impl_->queue.get(), &change, 1, nullptr, 0, nullptr) < 0) {
      impl_->queue.reset();
      return;
    }
  }
  struct kevent old[8];
  const timespec now{};
  while (kevent(impl_->queue.get(), nullptr, 0, old, 8, &now) > 0) {
  }
}

Doorbell::Heard Doorbell::wait(std::chrono::milliseconds time, int interrupt) {
  pollfd fds[2] = {{impl_->queue.get(), POLLIN, 0}, {interrupt, POLLIN, 0}};
  const int ready = poll(fds, 2, static_cast<int>(time.count()));
  if (ready > 0 && fds[1].revents != 0) {
    return Heard::interrupted;
  }
  return ready == 0 ? Heard::nothing : Heard::ring;
}

bool Doorbell::works() const {
  return static_cast<bool>(impl_->queue);
}

}  // namespace weir
