// XADD of one message, by several processes at a time: one appends for all who wait. See file/append_slots.h for how
// they agree, and ARCHITECTURE.md for what it gives.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "sqlite/file/append_slots.h"
#include "sqlite/file/connection.h"
#include "sqlite/file/transaction.h"
#include "sqlite/tables/tables.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir::sqlite {

/// Threads, and what must outlive it: as its connection and its tables.
class AppendTogether {
 public:
  AppendTogether(Connection& connection, Tables& tables) : connection_(connection), tables_(tables) {}

  /// Only what is told nothing but an ID, when that is on the disk.
  bool may_append(const Xadd& entry) const {
    return connection_.options().durability == Durability::full && !connection_.is_in_parts() &&
           entry.id.kind == NewId::Kind::automatic && entry.make_stream && !entry.trim && !entry.idempotence;
  }

  /// Waits for its turn, or for the one who appends for others. Where it fails because it cannot have the turn, the
  /// message is not there, unless the error says that it may be: another was appending it, and is stopped in that.
  /// Requires: `may_append`.
  Result<MaybeId> append(const Xadd& entry);

 private:
  Result<MaybeId> ask_and_wait(const Xadd& entry);
  Result<MaybeId> lead(const Xadd& entry, std::chrono::milliseconds waited);
  Result<MaybeId> append_in_turn(const Xadd& entry, std::chrono::milliseconds waited, bool* with_others = nullptr);
  Result<MaybeId> without_a_turn(Error error);
  Result<std::optional<Id>> done_by_others();
  Result<MaybeId> append_alone(WriteTransaction& transaction, const Xadd& entry);
  Result<MaybeId> append_leading(WriteTransaction& transaction, const Xadd& entry, bool& with_others);
  void look_around(std::size_t others);

  Connection& connection_;
  Tables& tables_;
  std::optional<AppendSlots> slots_;  ///< since several others append, too
  int tries_ = 0;                     ///< to have one of its own there
  bool is_crowded_ = false;           ///< several others did when this one did so last
  bool in_vain_ = false;              ///< who leads was waited for, and is stopped
};

}  // namespace weir::sqlite
