// Records what became of messages that processes asked others to append: see append_slots.h.
//
// A row of weir_meta has 24 bytes for each slot: the number of the slot's last request, and the ID of its entry. The
// transaction that appends the entry writes the row. So the record is there if and only if the entry is.
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
    std::uint64_t number = 0;  ///< of the request there
    friend bool operator==(const Place&, const Place&) = default;
  };

  /// Requires: a write transaction. The database keeps failures.
  explicit AppendedRow(Database& db);
  void save(Database& db) const;

  /// Nothing: the request there has not been appended.
  std::optional<Id> id_of(const Place& place) const;
  void note(const Place& place, Id id);

 private:
  struct Slot {
    std::uint64_t number = 0;
    std::uint64_t ms = 0;
    std::uint64_t seq = 0;
  };
  std::vector<Slot> slots_;  ///< the slots that have been used
};

}  // namespace weir::sqlite
