// Overwriting what is left of deleted rows, while others use the file.
//
// It lies between the rows that live, where nobody looks, and is overwritten in the file itself, while nobody may write
// into that (see moving_lock.h). Pages that have a later version in the log are left for the next round, and those that
// always have one for a last turn. In the end the log, whose old frames hold such bytes too, is emptied.
//
// Who has read a page before it was overwritten may write it again as it was. So after each piece comes a commit of
// nothing new, which makes everybody forget what they have read, and what was written until then is looked at again.
#pragma once

#include <functional>

#include "sqlite/file/connection.h"
#include "sqlite/file/short_turns.h"
#include "stream/result.h"

namespace weir::sqlite {

/// Fails with Failure::store, too, if a reader keeps the log for longer than --lock-timeout. Requires: no transaction,
/// and a pointer map (auto_vacuum). `tell` is called now and then.
Result<void> overwrite_deleted(Connection& connection, const LockFile& lock_file, ShortTurns& turns,
                               const std::function<void()>& tell);

}  // namespace weir::sqlite
