// How SQLite comes to the files of weir's databases: as its own file system does it, but for how the log is written
// (log_writing.h), and which locks go together (log_moving.h).
#pragma once

namespace weir::sqlite {

/// Its name for sqlite3_open_v2. It lies over the one that is SQLite's default now; null if it cannot be had.
const char* file_system();

}  // namespace weir::sqlite
