// Overwrites the remains of deleted rows, while others use the file.
//
// The remains lie between live rows, where nobody looks. They are overwritten in the file itself, while nobody may
// write into it (see moving_lock.h). Pages that have a later version in the log are left for the next round, and pages
// that always have one for a last turn. In the end the log is emptied, since its old frames hold such remains too.
//
// A process that has read a page before it was overwritten may write it back as it was. So each piece ends with a
// commit that changes nothing, after which every process discards the pages that it has read; pages that were written
// until then are looked at again.
#pragma once

#include <functional>

#include "sqlite/file/connection.h"
#include "sqlite/file/short_turns.h"
#include "stream/result.h"

namespace weir::sqlite {

/// Also fails with Failure::store if a reader needs the log for longer than --lock-timeout. Requires: no transaction,
/// and a pointer map (auto_vacuum). `tell` is called now and then.
Result<void> overwrite_deleted(Connection& connection, const LockFile& lock_file, ShortTurns& turns,
                               const std::function<void()>& tell);

}  // namespace weir::sqlite
