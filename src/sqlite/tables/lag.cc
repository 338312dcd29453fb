#include "sqlite/tables/lag.h"

namespace weir::sqlite {
namespace {

// The user can set the counters to any number, so sums wrap around, as in Redis.
std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

/// Whether a deleted entry may lie after `id`.
bool tombstone_after(const StreamShape& stream, Id id) {
  return stream.length > 0 && stream.max_deleted != kMinId && id <= stream.max_deleted;
}

/// How many entries had been added when `id` was.
std::optional<std::int64_t> added_up_to(const StreamShape& stream, Id id) {
  if (stream.added == 0) {
    return 0;
  }
  if (stream.length == 0 && id < stream.last) {
    return stream.added;
  }
  if (id != kMinId && id < stream.max_deleted) {
    return std::nullopt;
  }
  if (id == stream.last) {
    return stream.added;
  }
  if (id > stream.last) {
    return std::nullopt;
  }
  if (stream.max_deleted == kMinId || stream.max_deleted < stream.first) {
    if (id < stream.first) {
      return difference(stream.added, stream.length);
    }
    if (id == stream.first) {
      return difference(stream.added, stream.length - 1);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> group_lag(const StreamShape& stream, Id delivered,
                                      std::optional<std::int64_t> entries_read) {
  if (stream.added == 0 || stream.length == 0) {
    return 0;
  }
  if (delivered < stream.first && stream.max_deleted < stream.first) {
    return stream.length;
  }
  if (entries_read && !tombstone_after(stream, delivered)) {
    return difference(stream.added, *entries_read);
  }
  const auto read = added_up_to(stream, delivered);
  return read ? std::optional(difference(stream.added, *read)) : std::nullopt;
}

std::optional<std::int64_t> entries_read_after(const StreamShape& stream, Id delivered,
                                               std::optional<std::int64_t> entries_read, Id id) {
  if (entries_read && delivered >= stream.first && !tombstone_after(stream, delivered)) {
    return sum(*entries_read, 1);
  }
  return added_up_to(stream, id);
}

}  // namespace weir::sqlite
