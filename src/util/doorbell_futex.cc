// The bell is a counter in the first four bytes of the file, which all map, and a futex on it.
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstdint>
#include <thread>

#include "util/doorbell.h"
#include "util/fd.h"

namespace weir {
namespace {

using Counter = std::atomic<std::uint32_t>;
static_assert(sizeof(Counter) == 4 && Counter::is_always_lock_free);

void futex_wait(Counter* counter, std::uint32_t expected, const timespec* time) {
  syscall(SYS_futex, counter, FUTEX_WAIT, expected, time, nullptr, 0);
}

void futex_wake(Counter* counter) {
  syscall(SYS_futex, counter, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

/// Makes the bell readable for poll, for a wait that also watches a descriptor.
class Listener {
 public:
  explicit Listener(Counter* counter)
      : counter_(counter), heard_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), seen_(counter->load()), thread_([this] {
          while (!stop_) {
            futex_wait(counter_, seen_, nullptr);
            if (const std::uint32_t now = counter_->load(); now != seen_) {
              seen_ = now;
              eventfd_write(heard_.get(), 1);
            }
          }
          done_ = true;
        }) {}
  ~Listener() {
    stop_ = true;
    // A wake that comes just before the thread sleeps is lost.
    while (!done_) {
      futex_wake(counter_);
      std::this_thread::yield();
    }
    thread_.join();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Doorbell::Heard wait(std::chrono::milliseconds time, int interrupt) {
    std::array<pollfd, 2> fds{{{heard_.get(), POLLIN, 0}, {interrupt, POLLIN, 0}}};
    const int ready = poll(fds.data(), fds.size(), static_cast<int>(time.count()));
    if (ready > 0 && fds[1].revents != 0) {
      return Doorbell::Heard::interrupted;
    }
    eventfd_t count = 0;
    eventfd_read(heard_.get(), &count);
    return ready == 0 ? Doorbell::Heard::nothing : Doorbell::Heard::ring;
  }

 private:
  Counter* counter_;
  Fd heard_;
  std::uint32_t seen_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

}  // namespace

struct Doorbell::Impl {
  Counter* counter = nullptr;  ///< null: the file cannot be mapped
  std::uint32_t seen = 0;
  std::unique_ptr<Listener> listener;
};

Doorbell::Doorbell(int fd) : impl_(std::make_unique<Impl>()) {
  void* memory = mmap(nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory != MAP_FAILED) {
    impl_->counter = static_cast<Counter*>(memory);
  }
}

Doorbell::~Doorbell() {
  impl_->listener.reset();
  if (impl_->counter != nullptr) {
    munmap(impl_->counter, sizeof(Counter));
  }
}

void Doorbell::ring() {
  if (impl_->counter != nullptr) {
    ++*impl_->counter;
    futex_wake(impl_->counter);
  }
}

void Doorbell::listen() {
  if (impl_->counter != nullptr) {
    impl_->seen = impl_->counter->load();
  }
}

Doorbell::Heard Doorbell::wait(std::chrono::milliseconds time, int interrupt) {
  if (impl_->counter == nullptr) {
    pollfd fd{interrupt, POLLIN, 0};
    return poll(&fd, 1, static_cast<int>(time.count())) > 0 ? Heard::interrupted : Heard::nothing;
  }
  if (interrupt >= 0) {
    if (!impl_->listener) {
      impl_->listener = std::make_unique<Listener>(impl_->counter);
    }
    // What rang between listen() and the listener's first look.
    const auto patience = impl_->counter->load() != impl_->seen ? std::chrono::milliseconds(0) : time;
    const Heard heard = impl_->listener->wait(patience, interrupt);
    return heard == Heard::nothing && impl_->counter->load() != impl_->seen ? Heard::ring : heard;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  const timespec limit{static_cast<time_t>(seconds.count()),
                       static_cast<long>(std::chrono::nanoseconds(time - seconds).count())};
  futex_wait(impl_->counter, impl_->seen, &limit);
  return impl_->counter->load() != impl_->seen ? Heard::ring : Heard::nothing;
}

bool Doorbell::works() const {
  return impl_->counter != nullptr;
}

}  // namespace weir
