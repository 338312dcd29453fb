// How much a read may still take of all its streams together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stream/fields.h"
#include "stream/request.h"

namespace weir::sqlite {

class ReadRoom {
 public:
  /// `of_all`: how many bytes the answers of this and other requests may still take together, if that is bounded.
  ReadRoom(const ReadLimit& limit, std::optional<std::uint64_t>& of_all) : left_(limit), of_all_(of_all) {}

  /// Whether no more entries may be taken.
  bool is_used_up() const { return used_up_ || left_.entries == std::uint64_t{0}; }
  /// How many entries may be taken where `count` is the most; nothing: any number.
  std::optional<std::uint64_t> most(std::optional<std::uint64_t> count) const {
    return count && left_.entries ? std::min(count, left_.entries) : count ? count : left_.entries;
  }

  /// Takes up the room of an entry. False: it does not fit, and nothing more may be taken. The first entry always fits.
  /// `fields`: nothing if the entry was deleted.
  bool take(const std::optional<Fields>& fields) {
    std::uint64_t bytes = 0;
    if (left_.bytes && fields) {
      fields->each([&](std::string_view name, std::string_view value) { bytes += name.size() + value.size(); });
    }
    used_up_ = is_used_up() || (any_ && left_.bytes && bytes > *left_.bytes) ||
               !take_of_all(fields ? fields->json().size() : 0);
    if (used_up_) {
      return false;
    }
    if (left_.entries) {
      --*left_.entries;
    }
    if (left_.bytes) {
      *left_.bytes -= std::min(bytes, *left_.bytes);
    }
    return true;
  }
  /// The same for an entry to which only the common bound applies. `size`: the bytes of its fields.
  bool take_of_all(std::uint64_t size) {
    // Roughly the bytes that an entry costs beside its fields.
    constexpr std::uint64_t kOfEach = 64;
    const std::uint64_t cost = kOfEach + size;
    // Once an entry did not fit, no later one is taken, even if it is smaller: the answer would have a gap.
    is_cut_ = is_cut_ || (any_ && of_all_ && cost > *of_all_);
    if (of_all_ && !is_cut_) {
      *of_all_ -= std::min(cost, *of_all_);
    }
    any_ = true;
    return !is_cut_;
  }
  /// The same for a row that has a name.
  bool take_row(std::string_view name) {
    constexpr std::uint64_t kOfEachRow = 64;
    return take_of_all(kOfEachRow + name.size());
  }
  /// Whether the common bound left no room.
  bool is_cut() const { return is_cut_; }

 private:
  ReadLimit left_;
  std::optional<std::uint64_t>& of_all_;
  bool is_cut_ = false;
  bool any_ = false;
  bool used_up_ = false;
};

}  // namespace weir::sqlite
