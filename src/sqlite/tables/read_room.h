// What a read may still take of all its streams together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "stream/fields.h"
#include "stream/request.h"

namespace weir::sqlite {

class ReadRoom {
 public:
  explicit ReadRoom(const ReadLimit& limit) : left_(limit) {}

  /// Whether nothing more may be taken.
  bool is_used_up() const { return used_up_ || left_.entries == std::uint64_t{0}; }
  /// How many entries may be taken where `count` is the most; nothing: any number.
  std::optional<std::uint64_t> most(std::optional<std::uint64_t> count) const {
    return count && left_.entries ? std::min(count, left_.entries) : count ? count : left_.entries;
  }

  /// Takes up the room of an entry. False: it does not fit, and no more is to be taken. The first always fits.
  /// `fields`: nothing if it was deleted.
  bool take(const std::optional<Fields>& fields) {
    std::uint64_t bytes = 0;
    if (left_.bytes && fields) {
      fields->each([&](std::string_view name, std::string_view value) { bytes += name.size() + value.size(); });
    }
    used_up_ = is_used_up() || (any_ && left_.bytes && bytes > *left_.bytes);
    if (used_up_) {
      return false;
    }
    any_ = true;
    if (left_.entries) {
      --*left_.entries;
    }
    if (left_.bytes) {
      *left_.bytes -= std::min(bytes, *left_.bytes);
    }
    return true;
  }

 private:
  ReadLimit left_;
  bool any_ = false;
  bool used_up_ = false;
};

}  // namespace weir::sqlite
