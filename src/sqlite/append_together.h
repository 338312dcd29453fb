// XADD of one message when several processes add at the same time: one process appends for all that wait. See
// file/append_slots.h for how they agree, and ARCHITECTURE.md for what it gains.
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

/// Threads: as the connection and the tables, which must outlive it.
class AppendTogether {
 public:
  AppendTogether(Connection& connection, Tables& tables) : connection_(connection), tables_(tables) {}

  /// Only for an entry that is answered with just its ID, once it is on the disk.
  bool may_append(const Xadd& entry) const {
    return connection_.options().durability == Durability::full && !connection_.is_in_parts() &&
           entry.id.kind == NewId::Kind::automatic && entry.make_stream && !entry.trim && !entry.idempotence;
  }

  /// Waits for its turn, or for the process that appends for others. If it fails for want of a turn, the message was
  /// not appended, unless the error says that it may have been: then another process that was appending it has stopped.
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
  std::optional<AppendSlots> slots_;  ///< made once several other processes append, too
  int tries_ = 0;                     ///< to claim a slot of its own
  bool is_crowded_ = false;           ///< several others appended when this process last did
  bool in_vain_ = false;              ///< the leader was waited for, but is stopped
};

}  // namespace weir::sqlite
