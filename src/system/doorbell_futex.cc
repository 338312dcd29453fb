// The bell is a counter in the first page of the file, with a futex on it. All processes map that page.
//
// The process itself never touches the page: that would be a SIGBUS if the page is gone (somebody truncated the file)
// or cannot be allocated (a full disk). So the kernel counts and compares; it only answers with an error.
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <system_error>
#include <thread>

#include "system/doorbell.h"
#include "system/fd.h"
#include "system/no_signals.h"

namespace weir {
namespace {

constexpr std::size_t kPage = 4096;
/// How long a wait sleeps if there is no futex to sleep on.
constexpr std::chrono::milliseconds kDeaf{50};
/// How long a listener sleeps at most: if the file is truncated meanwhile, nothing can wake the listener any more.
constexpr std::chrono::milliseconds kListenerSleep{1000};

class Counter {
 public:
  Counter(int fd, std::size_t offset) : fd_(fd), offset_(offset) {}
  ~Counter() {
    if (page_ != MAP_FAILED) {
      munmap(page_, kPage);
    }
  }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  /// Maps the page at the first call: most processes never ring. All functions but `now` require that this returned
  /// true.
  bool mapped() {
    if (page_ == MAP_FAILED) {
      page_ = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    }
    return page_ != MAP_FAILED;
  }

  std::uint32_t now() const {
    std::uint32_t value = 0;
    return pread(fd_, &value, sizeof value, static_cast<off_t>(offset_)) == sizeof value ? value : 0;
  }

  /// Counts one ring and wakes up to `sleepers`; returns how many were woken.
  long count_and_wake(int sleepers) noexcept {
    constexpr std::uint32_t kAddOne = FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0);
    return syscall(SYS_futex, address(), FUTEX_WAKE_OP, sleepers, nullptr, address(), kAddOne);
  }

  void wake() { syscall(SYS_futex, address(), FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0); }

  /// Sleeps while the counter is `expected`, for `time` at most.
  void sleep(std::uint32_t expected, std::chrono::milliseconds time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
    const timespec limit{static_cast<time_t>(seconds.count()),
                         static_cast<long>(std::chrono::nanoseconds(time - seconds).count())};
    if (syscall(SYS_futex, address(), FUTEX_WAIT, expected, &limit, nullptr, 0) == 0 || errno == ETIMEDOUT ||
        errno == EINTR || (errno == EAGAIN && now() != expected)) {
      return;
    }
    poll(nullptr, 0, static_cast<int>(std::min(time, kDeaf).count()));  // the page, or its part of the file, is gone
  }

 private:
  void* address() const { return static_cast<char*>(page_) + offset_; }
  int fd_;
  std::size_t offset_;
  void* page_ = MAP_FAILED;
};

/// A thread that makes rings visible to poll, for a wait that also watches a descriptor.
class Listener {
 public:
  explicit Listener(Counter& counter)
      : counter_(counter), heard_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), seen_(counter.now()) {
    const NoSignals none;
    thread_ = std::thread([this] { listen(); });
  }
  ~Listener() {
    stop_ = true;
    // A wake just before the thread sleeps is lost, and so is every wake once the file was truncated.
    constexpr int kWithoutSleep = 100;
    for (int tries = 0; !done_; ++tries) {
      counter_.wake();
      poll(nullptr, 0, tries < kWithoutSleep ? 0 : 1);
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
  void listen() {
    while (!stop_) {
      counter_.sleep(seen_, kListenerSleep);
      if (const std::uint32_t now = counter_.now(); now != seen_) {
        seen_ = now;
        eventfd_write(heard_.get(), 1);
      }
    }
    done_ = true;
  }

  Counter& counter_;
  Fd heard_;
  std::uint32_t seen_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

Doorbell::Heard wait_for_interrupt(std::chrono::milliseconds time, int interrupt) {
  pollfd fd{interrupt, POLLIN, 0};
  return poll(&fd, 1, static_cast<int>(time.count())) > 0 ? Doorbell::Heard::interrupted : Doorbell::Heard::nothing;
}

}  // namespace

struct Doorbell::Impl {
  Impl(int fd, std::size_t offset) : counter(fd, offset) {}
  Counter counter;
  std::uint32_t seen = 0;
  std::unique_ptr<Listener> listener;
};

Doorbell::Doorbell(int fd, std::size_t offset) : impl_(std::make_unique<Impl>(fd, offset)) {}

Doorbell::~Doorbell() = default;

bool Doorbell::ring() noexcept {
  return impl_->counter.mapped() && impl_->counter.count_and_wake(INT_MAX) > 0;
}

bool Doorbell::ring_for_one() noexcept {
  return impl_->counter.mapped() && impl_->counter.count_and_wake(1) > 0;
}

bool Doorbell::ring_at(int fd, std::size_t offset) noexcept {
  Counter counter(fd, offset);
  return counter.mapped() && counter.count_and_wake(INT_MAX) > 0;
}

void Doorbell::listen() {
  impl_->seen = impl_->counter.now();
}

Doorbell::Heard Doorbell::wait(std::chrono::milliseconds time, int interrupt) {
  Counter& counter = impl_->counter;
  if (!counter.mapped()) {
    return wait_for_interrupt(time, interrupt);
  }
  if (interrupt < 0) {
    counter.sleep(impl_->seen, time);
    return counter.now() != impl_->seen ? Heard::ring : Heard::nothing;
  }
  if (!impl_->listener) {
    try {
      impl_->listener = std::make_unique<Listener>(counter);
    } catch (const std::system_error&) {  // no more threads: the waiting process looks more often
      const Heard heard = wait_for_interrupt(std::min(time, kDeaf), interrupt);
      return heard == Heard::nothing && counter.now() != impl_->seen ? Heard::ring : heard;
    }
  }
  // The listener does not notice rings between listen() and its own first look.
  const auto patience = counter.now() != impl_->seen ? std::chrono::milliseconds(0) : time;
  const Heard heard = impl_->listener->wait(patience, interrupt);
  return heard == Heard::nothing && counter.now() != impl_->seen ? Heard::ring : heard;
}

bool Doorbell::works() const {
  return impl_->counter.mapped();
}

}  // namespace weir
