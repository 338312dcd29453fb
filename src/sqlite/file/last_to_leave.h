// The last process to close a database leaves it complete: the file alone holds every message, and can be copied or
// moved.
//
// That process writes the log into the database, but does not sync the database, since a sync would cost more than the
// message itself. The log stays, and is on the disk: after loss of power SQLite replays it. So nobody may begin the log
// anew before the database is synced. SQLite would do so if the log's index says that all of the log has been moved.
// Therefore pages are moved only under the exclusive lock of the database, held until the connection is closed. Then
// nobody else is connected, and the next process to connect finds an index without an owner, clears it, and treats the
// whole log as not yet moved.
//
// All connections, weir's and others', hold a shared lock of the database for as long as they live, so the kernel knows
// which one is the last.
#pragma once

#include <sqlite3.h>

namespace weir::sqlite {

/// Whether this connection is the only one that has the database open. True: nobody else can open the database until
/// this connection is closed. False: somebody has it open, and others that try to open it may have to wait until this
/// connection is closed. So close it soon. Waits for connections that are just closing.
bool become_last(sqlite3* db);

/// Writes the whole log into the database, without a sync. False: not the whole log was written. Requires: become_last,
/// and that the log is on the disk.
bool empty_log_unsynced(sqlite3* db);

}  // namespace weir::sqlite
