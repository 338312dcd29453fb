// The campaign loads this library before weir. It makes one call of the C library fail, end short, or be the last.
//
//   WEIR_FAULT=CALLS:N:HOW   the Nth of the named calls fails (separated by commas; N+: each call from the
//                            Nth on), counted in each process named weir; HOW is an errno, `short`, `kill` or `stop`
//   WEIR_FAULT_DONE=FILE     the file is made when the fault happens, so that a test that counts N up knows when to end
//   WEIR_CLOCK=FILE          the file has eight bytes: the seconds by which the time of day is off, read at each look
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace {

enum class How { none, fail, cut, kill, stop };

struct Plan {
  char calls[256] = {};
  char done[1024] = {};
  long at = 0;
  bool from_then_on = false;
  How how = How::none;
  int error = 0;
  std::atomic<long> count{0};
};
Plan plan;
const std::int64_t* clock_offset = nullptr;

/// malloc is called long before anything can be read here, and by what reads it.
std::atomic<bool> ready{false};

bool is_named(std::string_view call) {
  std::string_view left = plan.calls;
  while (!left.empty()) {
    const std::size_t comma = std::min(left.find(','), left.size());
    if (left.substr(0, comma) == call) {
      return true;
    }
    left.remove_prefix(std::min(comma + 1, left.size()));
  }
  return false;
}

/// What is to happen to this call.
How fate(std::string_view call) {
  if (!ready.load(std::memory_order_acquire) || !is_named(call)) {
    return How::none;
  }
  const long n = ++plan.count;
  if (n != plan.at && !(plan.from_then_on && n > plan.at)) {
    return How::none;
  }
  const long file = syscall(SYS_openat, AT_FDCWD, plan.done, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0) {
    syscall(SYS_close, file);
  }
  if (plan.how == How::kill) {
    syscall(SYS_kill, getpid(), SIGKILL);
  }
  if (plan.how == How::stop) {
    syscall(SYS_kill, getpid(), SIGSTOP);
  }
  return plan.how;
}

bool fails(std::string_view call) {
  if (fate(call) != How::fail) {
    return false;
  }
  errno = plan.error;
  return true;
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

__attribute__((constructor)) void read_plan() {
  if (const char* file = std::getenv("WEIR_CLOCK")) {
    const long fd = syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC, 0);
    void* at =
        fd < 0 ? MAP_FAILED : mmap(nullptr, sizeof *clock_offset, PROT_READ, MAP_SHARED, static_cast<int>(fd), 0);
    clock_offset = at == MAP_FAILED ? nullptr : static_cast<const std::int64_t*>(at);
  }
  const char* text = std::getenv("WEIR_FAULT");
  const char* done = std::getenv("WEIR_FAULT_DONE");
  if (text == nullptr || done == nullptr || std::string_view(program_invocation_short_name) != "weir") {
    return;
  }
  const std::string_view words = text;
  const std::size_t first = words.find(':');
  const std::size_t second = words.find(':', first + 1);
  if (second == std::string_view::npos || first >= sizeof plan.calls || std::strlen(done) >= sizeof plan.done) {
    return;
  }
  words.copy(plan.calls, first);
  std::strcpy(plan.done, done);
  char* end = nullptr;
  plan.at = std::strtol(text + first + 1, &end, 10);
  plan.from_then_on = *end == '+';
  const std::string_view how = words.substr(second + 1);
  plan.how = how == "short" ? How::cut : how == "kill" ? How::kill : how == "stop" ? How::stop : How::fail;
  plan.error = std::atoi(how.data());
  ready.store(true, std::memory_order_release);
}

std::size_t cut(How how, std::size_t size) {
  return how == How::cut && size > 1 ? size / 2 : size;
}

}  // namespace

// What is declared here has the C library's names and types on purpose.
extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return fails("open") ? -1 : static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open(path, flags, mode);
}

ssize_t read(int fd, void* to, size_t size) {
  const How how = fate("read");
  if (how == How::fail) {
    errno = plan.error;
    return -1;
  }
  static const auto real = next<ssize_t (*)(int, void*, size_t)>("read");
  return real(fd, to, cut(how, size));
}

ssize_t recv(int fd, void* to, size_t size, int flags) {
  const How how = fate("recv");
  if (how == How::fail) {
    errno = plan.error;
    return -1;
  }
  static const auto real = next<ssize_t (*)(int, void*, size_t, int)>("recv");
  return real(fd, to, cut(how, size), flags);
}

ssize_t write(int fd, const void* from, size_t size) {
  const How how = fate("write");
  if (how == How::fail) {
    errno = plan.error;
    return -1;
  }
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return real(fd, from, cut(how, size));
}

ssize_t pread64(int fd, void* to, size_t size, off64_t at) {
  const How how = fate("pread");
  if (how == How::fail) {
    errno = plan.error;
    return -1;
  }
  return syscall(SYS_pread64, fd, to, cut(how, size), at);
}

ssize_t pread(int fd, void* to, size_t size, off_t at) {
  return pread64(fd, to, size, at);
}

ssize_t pwrite64(int fd, const void* from, size_t size, off64_t at) {
  const How how = fate("pwrite");
  if (how == How::fail) {
    errno = plan.error;
    return -1;
  }
  return syscall(SYS_pwrite64, fd, from, cut(how, size), at);
}

ssize_t pwrite(int fd, const void* from, size_t size, off_t at) {
  return pwrite64(fd, from, size, at);
}

int ftruncate64(int fd, off64_t size) {
  return fails("ftruncate") ? -1 : static_cast<int>(syscall(SYS_ftruncate, fd, size));
}

int ftruncate(int fd, off_t size) {
  return ftruncate64(fd, size);
}

int fsync(int fd) {
  return fails("fsync") ? -1 : static_cast<int>(syscall(SYS_fsync, fd));
}

int fdatasync(int fd) {
  return fails("fsync") ? -1 : static_cast<int>(syscall(SYS_fdatasync, fd));
}

int posix_fallocate64(int fd, off64_t from, off64_t size) {
  if (fails("fallocate")) {
    return plan.error;
  }
  static const auto real = next<int (*)(int, off64_t, off64_t)>("posix_fallocate64");
  return real(fd, from, size);
}

int posix_fallocate(int fd, off_t from, off_t size) {
  return posix_fallocate64(fd, from, size);
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  return fails("link") ? -1 : static_cast<int>(syscall(SYS_linkat, from_folder, from, to_folder, to, flags));
}

int unlink(const char* path) {
  return fails("unlink") ? -1 : static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

void* mmap64(void* where, size_t size, int protection, int flags, int fd, off64_t at) {
  if (fails("mmap")) {
    return MAP_FAILED;
  }
  // NOLINTNEXTLINE(performance-no-int-to-ptr): this is how the system gives an address
  return reinterpret_cast<void*>(syscall(SYS_mmap, where, size, protection, flags, fd, at));
}

void* mmap(void* where, size_t size, int protection, int flags, int fd, off_t at) {
  return mmap64(where, size, protection, flags, fd, at);
}

int fcntl64(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  const long argument = va_arg(rest, long);
  va_end(rest);
  const bool is_lock = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
  return is_lock && fails("lock") ? -1 : static_cast<int>(syscall(SYS_fcntl, fd, command, argument));
}

int fcntl(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  const long argument = va_arg(rest, long);
  va_end(rest);
  return fcntl64(fd, command, argument);
}

int poll(pollfd* of, nfds_t count, int timeout) {
  if (fails("poll")) {
    return -1;
  }
  static const auto real = next<int (*)(pollfd*, nfds_t, int)>("poll");
  return real(of, count, timeout);
}

int pipe2(int* ends, int flags) {
  return fails("pipe") ? -1 : static_cast<int>(syscall(SYS_pipe2, ends, flags));
}

int close_range(unsigned first, unsigned last, int flags) {
  return fails("close_range") ? -1 : static_cast<int>(syscall(SYS_close_range, first, last, flags));
}

pid_t fork() {
  if (fails("fork")) {
    return -1;
  }
  static const auto real = next<pid_t (*)()>("fork");
  return real();
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  if (fails("thread")) {
    return plan.error;
  }
  static const auto real = next<int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  return real(thread, attributes, start, argument);
}

void* __libc_malloc(size_t size);  // NOLINT(bugprone-reserved-identifier): the C library's name
void* malloc(size_t size) {
  return fails("malloc") ? nullptr : __libc_malloc(size);
}

int clock_gettime(clockid_t which, timespec* time) {
  const long done = syscall(SYS_clock_gettime, which, time);
  if (done == 0 && which == CLOCK_REALTIME && clock_offset != nullptr) {
    time->tv_sec += *clock_offset;
  }
  return static_cast<int>(done);
}

}  // extern "C"
