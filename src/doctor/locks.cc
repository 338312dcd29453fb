// Tries locks and mapped memory between two processes, on a file without a name.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "doctor/file_checks.h"
#include "doctor/scratch.h"
#include "system/file_lock.h"
#include "system/system_reason.h"

namespace weir::doctor {
namespace {

constexpr std::string_view kLocks = "locks";
constexpr std::string_view kMemory = "shared memory";
constexpr const char* kElsewhere = "put the database on a disk of this machine, such as ext4, xfs, btrfs or zfs";

constexpr ByteRange kOurs{0, 0};       ///< held by the parent
constexpr ByteRange kFree{1, 1};       ///< the byte next to it, held by nobody
constexpr off_t kOursOfProcess = 2;    ///< held by the parent, as SQLite locks
constexpr off_t kTheirsOfProcess = 3;  ///< taken by the child, which dies with it

enum Fault : unsigned {
  kNone = 0,
  kTwice = 1,          ///< a second process got a lock that was held
  kTwiceOfSqlite = 2,  ///< the same, with a lock of the kind that SQLite takes
  kTooMuch = 4,        ///< a lock on one byte kept a process from the next byte
};

/// Takes a lock of SQLite's kind, which belongs to the process.
bool lock_for_process(int fd, off_t byte) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return fcntl(fd, F_SETLK, &lock) == 0;
}

class Map {
 public:
  explicit Map(int fd) : address_(mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) {}
  ~Map() {
    if (is_there()) {
      munmap(address_, kPage);
    }
  }
  Map(const Map&) = delete;
  Map& operator=(const Map&) = delete;
  bool is_there() const { return address_ != MAP_FAILED; }
  volatile char* bytes() const { return static_cast<volatile char*>(address_); }

 private:
  void* address_;
};

/// What another process finds through its own opening of the file.
unsigned look_from_outside(int fd, const Map& map) {
  unsigned faults = kNone;
  faults |= try_lock(fd, kOurs, LockKind::exclusive) ? kTwice : kNone;
  faults |= try_lock(fd, kFree, LockKind::exclusive) ? kNone : kTooMuch;
  faults |= lock_for_process(fd, kOursOfProcess) ? kTwiceOfSqlite : kNone;
  lock_for_process(fd, kTheirsOfProcess);
  if (map.is_there()) {
    *map.bytes() = 1;
  }
  return faults;
}

/// Nothing: no other process could be started.
std::optional<unsigned> ask_another_process(int fd, const Map& map) {
  const pid_t child = fork();
  if (child == 0) {
    _exit(static_cast<int>(look_from_outside(fd, map)));
  }
  int status = 0;
  pid_t ended = child;
  while (child > 0 && (ended = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
  }
  return child > 0 && ended == child && WIFEXITED(status) ? std::optional(static_cast<unsigned>(WEXITSTATUS(status)))
                                                          : std::nullopt;
}

std::string told(unsigned faults, bool outlives) {
  if ((faults & kTwice) != 0) {
    return "two processes were given the same lock at once";
  }
  if ((faults & kTwiceOfSqlite) != 0) {
    return "two processes were given the same lock at once, of the kind that SQLite takes";
  }
  if ((faults & kTooMuch) != 0) {
    return "a lock on one byte of a file holds for others";
  }
  return outlives ? "the lock of a process that has ended stays" : "";
}

}  // namespace

void try_locks(const Place& place, const Tell& tell) {
  const Scratch scratch = open_scratch(place.folder);
  const int code = scratch.one && scratch.two ? write_page(scratch.one.get(), 0) : errno;
  if (code != 0) {
    tell({State::warning, kLocks, std::string("could not be tried: ") + system_reason(code), "see to that first"});
    return;
  }
  if (!try_lock(scratch.one.get(), kOurs, LockKind::exclusive) ||
      !lock_for_process(scratch.one.get(), kOursOfProcess)) {
    tell({State::bad, kLocks, std::string("files cannot be locked here: ") + system_reason(errno), kElsewhere});
    return;
  }
  const Map ours(scratch.one.get());
  const Map theirs(scratch.two.get());
  const auto faults = ask_another_process(scratch.two.get(), theirs);
  if (!faults) {
    tell({State::warning, kLocks, "could not be tried: no other process could be started", "raise ulimit -u"});
    return;
  }
  const std::string what = told(*faults, !lock_for_process(scratch.one.get(), kTheirsOfProcess));
  if (what.empty()) {
    tell({State::ok, kLocks, "hold between processes, byte by byte, and end with them"});
  } else {
    tell({State::bad, kLocks, what + ": messages would be lost", kElsewhere});
  }
  if (!ours.is_there() || !theirs.is_there()) {
    tell({State::bad, kMemory, "files cannot be mapped here, which SQLite's log needs", kElsewhere});
  } else if (*ours.bytes() != 1) {
    tell({State::bad, kMemory, "what one process writes, another does not see", kElsewhere});
  } else {
    tell({State::ok, kMemory, "what one process writes, another sees"});
  }
}

}  // namespace weir::doctor
