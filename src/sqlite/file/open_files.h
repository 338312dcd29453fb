// Whether the files that a connection has open are still there under their names.
//
// A database that was removed, renamed or replaced can be written to as long as it is open, and nobody else will ever
// see what was written. The same holds for its log and for the log's index, and without a common lock file two
// processes have no common turn.
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

/// Threads: one at a time. It opens nothing and owns no descriptor.
class OpenFiles {
 public:
  /// Remembers the log and its index. Requires: SQLite has just opened them; it keeps them open until it closes.
  void remember_log(const std::string& database);
  void remember_lock_file(const LockFile& file);

  /// Fails if a name leads to nothing, or to another file, saying which. One stat for each file, or one for their
  /// folder where that shows that nothing has changed since the last time; nothing is opened.
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

  bool checked_ = false;               ///< once at least: a process that looks only once need not look at the folder
  std::optional<std::string> folder_;  ///< empty: its marks say nothing
  std::optional<FolderMark> mark_;     ///< of the folder just before each file was looked at last
  std::chrono::steady_clock::time_point each_checked_;
};

}  // namespace weir::sqlite
