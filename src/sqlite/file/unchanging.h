// A database that is not in use, and beside which no file can be made: on a read-only medium, or in another user's
// folder.
//
// Even to read, SQLite wants to make its log and the log's index beside the database. Without a log the file holds all
// that was stored, so the file alone is read. Others may be able to write to it (they have other rights, or the same
// folder is mounted elsewhere), and nothing keeps them from it. So after reading, the caller has to check that the file
// has not changed.
//
// The file is read by weir's own descriptor. Closing that would drop SQLite's locks on the file in this process, but
// SQLite has none, since it has not opened the file.
#pragma once

#include <optional>
#include <string>

#include "sqlite/database/database.h"
#include "stream/result.h"
#include "system/fd.h"

namespace weir::sqlite {

class Unchanging {
 public:
  /// Whether the database at `path` is such a one for this user. Requires: `path` does not end in a symbolic link.
  static bool is(const std::string& path);
  /// Fails if the database is in use after all: it was renamed while somebody had it open.
  static Result<Unchanging> open(const std::string& path);

  /// Lifetime: within that of this object.
  Result<Database> database() const { return Database::open_unchanging(file_.get(), path_); }
  /// Fails if somebody has begun to write since `open`: then what was read may be wrong.
  Result<void> check() const;

 private:
  struct Mark {
    std::int64_t size = 0;
    std::int64_t written = 0;  ///< ns
    std::int64_t changed = 0;  ///< ns
    bool operator==(const Mark&) const = default;
  };
  Unchanging(Fd file, std::string path) : file_(std::move(file)), path_(std::move(path)), mark_(mark()) {}
  std::optional<Mark> mark() const;

  Fd file_;
  std::string path_;
  std::optional<Mark> mark_;
};

}  // namespace weir::sqlite
