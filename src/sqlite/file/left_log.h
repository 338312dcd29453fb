// A log that was left by a database which is no longer there.
#pragma once

#include <string>

#include "stream/result.h"

namespace weir::sqlite {

/// Fails if files beside `path`, where there is no database, would be taken by SQLite or weir for those of a database
/// put there. An empty log is harmless: a process that only looked at an earlier database leaves one, and the next
/// process to open it makes its index anew. `database`: the database that this process has open; its files are not
/// touched.
Result<void> check_left_log(const std::string& path, const std::string& database);

/// Fails if a log beside `path`, where there is no database or an empty one, may be the only place of messages: SQLite
/// deletes the log that it finds there. After an orderly end the database that was there is complete without its log.
/// Changes nothing, and opens neither file.
Result<void> check_log_is_spare(const std::string& path);

}  // namespace weir::sqlite
