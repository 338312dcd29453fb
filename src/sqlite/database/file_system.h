// The file system (VFS) through which SQLite uses weir's databases. It is SQLite's own, but for how the log is written
// (log_writing.h) and how locks on the log are taken (log_moving.h).
#pragma once

namespace weir::sqlite {

/// The name of the file system for sqlite3_open_v2. It is layered over SQLite's current default. Null if it cannot be
/// set up.
const char* file_system();

}  // namespace weir::sqlite
