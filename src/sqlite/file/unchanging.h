// A database at rest that lies where nothing can be made beside it: on a read-only medium, or in another's folder.
//
// SQLite wants its log and the log's index beside it, also to look. Without a log all that was stored is in the file,
// so it is read as it lies there. Others may be able to write it (they have other rights, or the same folder is mounted
// once more), and are not kept from it: whoever has read has to ask whether the file is still as it was.
//
// It is read by a descriptor of weir's own. Closing that would drop the locks that SQLite has on the file in this
// process; but it has none, as it has not opened it.
#pragma once

#include <optional>
#include <string>

#include "sqlite/database/database.h"
#include "stream/result.h"
#include "system/fd.h"

namespace weir::sqlite {

class Unchanging {
 public:
  /// Whether the database at `path`, which has no symbolic link at its end, is such a one for this user.
  static bool is(const std::string& path);
  /// Fails if it is in use all the same: it was renamed while somebody had it open.
  static Result<Unchanging> open(const std::string& path);

  /// Lifetime: within that of this.
  Result<Database> database() const { return Database::open_unchanging(file_.get(), path_); }
  /// Fails if somebody has begun to write since it was opened: then what was read may be wrong.
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
