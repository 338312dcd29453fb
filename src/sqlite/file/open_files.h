// Whether the files that a connection has open are still there under their names.
//
// A process can go on writing to a database that was removed, renamed or replaced, and nobody else will ever see what
// it writes. The same holds for the log and for the log's index. And two processes with different lock files would
// write in the same turn.
#pragma once

#include <sqlite3.h>
#include <sys/stat.h>

#include <chrono>
#include <optional>
#include <string>

#include "sqlite/file/lock_file.h"
#include "stream/result.h"
#include "system/folder_mark.h"

namespace weir::sqlite {

/// Threads: one at a time. Opens nothing and owns no descriptor.
class OpenFiles {
 public:
  /// Remembers the log and its index. Requires: SQLite has just opened them; it keeps them open until it closes.
  void remember_log(const std::string& database);
  void remember_lock_file(const LockFile& file);

  /// Fails if a name leads to no file or to another file; the error says which. Costs one stat for each file, or a
  /// single one for the folder if that shows that nothing has changed since the last check; opens nothing.
  Result<void> check(sqlite3* database);

 private:
  Result<void> check_each(sqlite3* database) const;
  std::optional<FolderMark> mark_of_folder(sqlite3* database);

  struct File {
    std::string path;
    dev_t device;
    ino_t inode;

    Result<void> check(const char* hint) const;
  };
  std::optional<File> log_;
  std::optional<File> index_;
  std::optional<File> lock_file_;

  bool checked_ = false;               ///< at least once: a process that checks only once need not look at the folder
  std::optional<std::string> folder_;  ///< empty: the folder's marks say nothing
  std::optional<FolderMark> mark_;     ///< the folder's mark just before the last check of each file
  std::chrono::steady_clock::time_point each_checked_;
};

}  // namespace weir::sqlite
