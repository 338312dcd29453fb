// The lines of blocked readers: see lock_file.h.
//
// The kernel answers one kind of question: is there a lock in this range, and where is one? For each answer it walks
// through all locks of the file, so we ask rarely: a reader finds the end of the line and the nearest place ahead once,
// by halving, and afterwards asks about one byte only.
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "sqlite/file/lock_file.h"
#include "system/lock_holder.h"

namespace weir::sqlite {
namespace {

constexpr int kTicketBits = 32;
constexpr std::int64_t kLastTicket = (std::int64_t{1} << kTicketBits) - 1;
constexpr std::int64_t kLastGroup = INT32_MAX;

constexpr std::size_t kPlaceBells = 1024;
constexpr std::size_t kPassedOver = 2048;
constexpr std::uint64_t kSlots = 256;

std::int64_t place(std::int64_t group, std::int64_t ticket) {
  return (group << kTicketBits) + ticket;
}

/// Neighbours in a line, and the first ones of different lines, fall on different slots.
std::size_t slot(std::int64_t group, std::int64_t ticket) {
  constexpr std::uint64_t kSpread = 37;
  return (static_cast<std::uint64_t>(group) * kSpread + static_cast<std::uint64_t>(ticket)) % kSlots;
}

std::size_t bell_at(std::int64_t group, std::int64_t ticket) {
  return kPlaceBells + slot(group, ticket) * sizeof(std::uint32_t);
}

off_t mark_of(std::int64_t group, std::int64_t ticket) {
  return static_cast<off_t>(kPassedOver + slot(group, ticket) * sizeof(std::int64_t));
}

}  // namespace

/// A ticket from `first` to `last` that a reader has.
std::optional<std::int64_t> LockFile::taken_in(std::int64_t group, std::int64_t first, std::int64_t last) const {
  if (first > last || group < 1 || group > kLastGroup) {
    return std::nullopt;
  }
  const auto found = locked_by_others(fd_.get(), {place(group, first), place(group, last)});
  // A place is one byte: a longer lock is not weir's, and stands in no line.
  if (!found || found->first != found->last) {
    return std::nullopt;
  }
  return found->first - place(group, 0);
}

std::optional<std::int64_t> LockFile::nearest_before(std::int64_t group, std::int64_t ticket) const {
  auto nearest = taken_in(group, 0, ticket - 1);
  std::int64_t none_from = ticket;
  while (nearest && none_from - *nearest > 1) {
    const std::int64_t middle = *nearest + (none_from - *nearest) / 2;
    if (const auto nearer = taken_in(group, middle, none_from - 1)) {
      nearest = std::max(*nearer, middle);
    } else {
      none_from = middle;
    }
  }
  return nearest;
}

std::optional<std::int64_t> LockFile::nearest_after(std::int64_t group, std::int64_t ticket) const {
  auto nearest = taken_in(group, ticket + 1, kLastTicket);
  while (nearest) {
    const auto nearer = taken_in(group, ticket + 1, *nearest - 1);
    if (!nearer) {
      break;
    }
    nearest = nearer;
  }
  return nearest;
}

std::optional<std::int64_t> LockFile::join_line(std::int64_t group, std::int64_t behind) const {
  if (group < 1 || group > kLastGroup) {
    return std::nullopt;
  }
  const auto last = nearest_before(group, kLastTicket + 1);
  std::int64_t ticket = std::max(last.value_or(-1), behind) + 1;
  // Another reader may join at the same moment and take this place; then we try the next one.
  constexpr int kAttempts = 1000;
  for (int i = 0; i < kAttempts && ticket <= kLastTicket; ++i, ++ticket) {
    if (try_lock(fd_.get(), {place(group, ticket), place(group, ticket)}, LockKind::exclusive)) {
      come_back(group, ticket);  // removes a mark that is left of an earlier reader in this place
      return ticket;
    }
    if (errno != EAGAIN && errno != EACCES) {
      break;
    }
  }
  return std::nullopt;
}

void LockFile::leave_line(std::int64_t group, std::int64_t ticket) const noexcept {
  unlock(fd_.get(), {place(group, ticket), place(group, ticket)});
  std::optional<std::int64_t> next = nearest_after(group, ticket);
  while (next && is_passed_over(group, *next)) {
    next = nearest_after(group, *next);
  }
  // A reader of several streams sleeps on the bell for new messages.
  if (next && !Doorbell::ring_at(fd_.get(), bell_at(group, *next))) {
    bell().ring();
  }
}

std::optional<std::int64_t> LockFile::place_ahead(std::int64_t group, std::int64_t ticket) const {
  auto ahead = nearest_before(group, ticket);
  while (ahead && is_passed_over(group, *ahead)) {
    ahead = nearest_before(group, *ahead);
  }
  return ahead;
}

bool LockFile::is_taken(std::int64_t group, std::int64_t ticket) const {
  return taken_in(group, ticket, ticket).has_value();
}

bool LockFile::is_next_to_head(std::int64_t group, std::int64_t ahead) const {
  const auto before = taken_in(group, 0, ahead - 1);
  return !before || is_passed_over(group, *before);
}

bool LockFile::anyone_in_line(std::int64_t group) const {
  return taken_in(group, 0, kLastTicket).has_value();
}

bool LockFile::anyone_before(std::int64_t group, std::int64_t ticket) const {
  return taken_in(group, 0, ticket - 1).has_value();
}

bool LockFile::anyone_behind(std::int64_t group, std::int64_t ticket) const {
  return taken_in(group, ticket + 1, kLastTicket).has_value();
}

bool LockFile::may_be_stopped(std::int64_t group, std::int64_t ticket) const {
  const auto holder = lock_holder(path_, place(group, ticket));
  return !holder || holder->stopped;
}

bool LockFile::is_passed_over(std::int64_t group, std::int64_t ticket) const {
  std::int64_t passed = 0;
  return pread(fd_.get(), &passed, sizeof passed, mark_of(group, ticket)) == sizeof passed &&
         passed == place(group, ticket);
}

void LockFile::pass_over(std::int64_t group, std::int64_t ticket) const {
  const std::int64_t passed = place(group, ticket);
  [[maybe_unused]] const ssize_t written = pwrite(fd_.get(), &passed, sizeof passed, mark_of(group, ticket));
}

void LockFile::come_back(std::int64_t group, std::int64_t ticket) const {
  if (is_passed_over(group, ticket)) {
    const std::int64_t none = 0;
    [[maybe_unused]] const ssize_t written = pwrite(fd_.get(), &none, sizeof none, mark_of(group, ticket));
  }
}

std::unique_ptr<Doorbell> LockFile::bell_of_place(std::int64_t group, std::int64_t ticket) const {
  return std::make_unique<Doorbell>(fd_.get(), bell_at(group, ticket));
}

}  // namespace weir::sqlite
