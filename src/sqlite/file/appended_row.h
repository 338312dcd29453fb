// What has become of what processes asked others to append: see append_slots.h.
//
// A row of weir_meta, with 24 bytes for each slot: the number under which was asked last, and the ID of the entry. It
// is written by the transaction that appends the entry. So one is there if and only if the other is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sqlite/database/database.h"
#include "stream/id.h"

namespace weir::sqlite {

class AppendedRow {
 public:
  static constexpr std::size_t kSlots = 32;
  struct Place {
    std::size_t slot = 0;
    std::uint64_t number = 0;  ///< of what is asked there
    friend bool operator==(const Place&, const Place&) = default;
  };

  /// Requires: a write transaction. Failures are kept by the database.
  explicit AppendedRow(Database& db);
  void save(Database& db) const;

  /// Nothing: what is asked there has not been appended.
  std::optional<Id> id_of(const Place& place) const;
  void note(const Place& place, Id id);

 private:
  struct Slot {
    std::uint64_t number = 0;
    std::uint64_t ms = 0;
    std::uint64_t seq = 0;
  };
  std::vector<Slot> slots_;  ///< those that have been used
};

}  // namespace weir::sqlite
