// Who closes a database last leaves it complete: the file alone holds every message, and can be copied or moved.
//
// What the log holds is written into the database, but not synced, which would cost more than the message itself. The
// log stays, and is on the disk: after loss of power SQLite replays it. So nobody may start the log anew before the
// database is synced. SQLite does so if it believes that all of the log has been moved, and it believes what stands in
// the log's index. Therefore pages are moved only under the exclusive lock of the database, which is held until the
// connection is closed: nobody else is connected, and who comes next finds an index without an owner, clears it, and
// takes the whole log for not yet moved.
//
// All connections, weir's and others', hold a shared lock of the database for as long as they live, so the kernel
// knows who is the last.
#pragma once

#include <sqlite3.h>

namespace weir::sqlite {

/// Whether nobody else has the database open. Then nobody can open it before this connection is closed; if somebody
/// has, those who come wait as well: close soon. Waits for others that are just leaving.
bool become_last(sqlite3* db);

/// Writes all that the log holds into the database, without a sync. False: not all of it. Requires: become_last, and
/// that the log is on the disk.
bool empty_log_unsynced(sqlite3* db);

}  // namespace weir::sqlite
