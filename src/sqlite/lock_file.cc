#include "sqlite/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "util/lock_holder.h"

namespace weir {
namespace {

constexpr off_t kBellBytes = 4;
constexpr ByteRange kTurn{0, 0};
constexpr ByteRange kWaiters{1, 1};
constexpr ByteRange kCheckpoint{2, 2};
constexpr int kTicketBits = 32;
constexpr std::int64_t kLastTicket = (std::int64_t{1} << kTicketBits) - 1;

std::int64_t place(std::int64_t group, std::int64_t ticket) {
  return (group << kTicketBits) + ticket;
}

tl::unexpected<Error> cannot(const char* what, const std::string& path, int code) {
  if (code == ELOOP) {
    return fail(Failure::store, fmt::format("{}: is a symbolic link", path),
                "weir's lock file must be a file of its own: remove the link");
  }
  return fail(Failure::store, fmt::format("{}: cannot be {}: {}", path, what, std::strerror(code)),
              "weir needs to write this file to take its turn");
}

}  // namespace

Result<LockFile> LockFile::open(const std::string& database_path) {
  std::string path = database_path + "-lock";
  constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
  Fd fd(::open(path.c_str(), kFlags));
  if (!fd && errno == ENOENT) {
    // With the database's own mode and group, whatever the umask: who may write there may queue here.
    struct stat database {};
    if (stat(database_path.c_str(), &database) != 0) {
      return cannot("made", path, errno);
    }
    fd.reset(::open(path.c_str(), kFlags | O_CREAT | O_EXCL, 0600));
    if (fd) {
      if (fchown(fd.get(), static_cast<uid_t>(-1), database.st_gid) != 0 && errno != EPERM) {
        return cannot("made", path, errno);
      }
      fchmod(fd.get(), database.st_mode & 0666U);
    } else if (errno == EEXIST) {
      fd.reset(::open(path.c_str(), kFlags));
    }
  }
  if (!fd) {
    return cannot("opened", path, errno);
  }
  struct stat file {};
  if (fstat(fd.get(), &file) != 0 || !S_ISREG(file.st_mode)) {
    return fail(Failure::store, fmt::format("{}: is not a regular file", path));
  }
  if (file.st_size < kBellBytes && ftruncate(fd.get(), kBellBytes) != 0) {
    return cannot("written", path, errno);
  }
  return LockFile(std::move(fd), std::move(path));
}

Result<void> LockFile::take_turn(std::chrono::milliseconds timeout) const {
  switch (lock(fd_.get(), kTurn, LockKind::exclusive, Deadline::after(timeout))) {
    case LockOutcome::taken:
      return {};
    case LockOutcome::failed:
      return cannot("locked", path_, errno);
    case LockOutcome::timed_out:
      break;
  }
  const std::string holder = lock_holder(path_, kTurn.first);
  return fail(Failure::store,
              fmt::format("{}: busy: waited {} ms for the turn to write, which {} holds", path_, timeout.count(),
                          holder.empty() ? "another process" : holder),
              "wait longer with --lock-timeout, or look at what that process does");
}

void LockFile::end_turn() const {
  unlock(fd_.get(), kTurn);
}

bool LockFile::start_checkpoint(std::chrono::milliseconds timeout) const {
  return lock(fd_.get(), kCheckpoint, LockKind::exclusive, Deadline::after(timeout)) == LockOutcome::taken;
}

void LockFile::end_checkpoint() const {
  unlock(fd_.get(), kCheckpoint);
}

void LockFile::start_waiting() const {
  try_lock(fd_.get(), kWaiters, LockKind::shared);
}

void LockFile::stop_waiting() const {
  unlock(fd_.get(), kWaiters);
}

void LockFile::ring() const {
  if (locked_by_others(fd_.get(), kWaiters)) {
    bell().ring();
  }
}

Doorbell& LockFile::bell() const {
  if (!bell_) {
    bell_ = std::make_unique<Doorbell>(fd_.get());
  }
  return *bell_;
}

std::int64_t LockFile::join_line(std::int64_t group) const {
  // The last place taken, by bisection: each question is whether any place from the middle on is taken.
  std::int64_t low = 0;
  std::int64_t high = kLastTicket;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (locked_by_others(fd_.get(), {place(group, middle), place(group, kLastTicket)})) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  // Somebody else may be joining, too: then the next place is free.
  std::int64_t ticket = low;
  while (!try_lock(fd_.get(), {place(group, ticket), place(group, ticket)}, LockKind::exclusive) &&
         (errno == EAGAIN || errno == EACCES)) {
    ++ticket;
  }
  return ticket;
}

void LockFile::leave_line(std::int64_t group, std::int64_t ticket) const {
  unlock(fd_.get(), {place(group, ticket), place(group, ticket)});
}

std::optional<std::int64_t> LockFile::place_ahead(std::int64_t group, std::int64_t ticket) const {
  if (ticket == 0 || !locked_by_others(fd_.get(), {place(group, 0), place(group, ticket - 1)})) {
    return std::nullopt;
  }
  std::int64_t low = 0;
  std::int64_t high = ticket - 1;
  while (low < high) {
    const std::int64_t middle = high - (high - low) / 2;
    if (locked_by_others(fd_.get(), {place(group, middle), place(group, ticket - 1)})) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

bool LockFile::anyone_in_line(std::int64_t group) const {
  return locked_by_others(fd_.get(), {place(group, 0), place(group, kLastTicket)}).has_value();
}

bool LockFile::wait_for_place(std::int64_t group, std::int64_t ticket) const {
  const ByteRange range{place(group, ticket), place(group, ticket)};
  if (!lock_until_signal(fd_.get(), range, LockKind::shared)) {
    return false;
  }
  unlock(fd_.get(), range);
  return true;
}

}  // namespace weir
