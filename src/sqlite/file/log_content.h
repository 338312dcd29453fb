// Reads what a write-ahead log holds, before SQLite takes the log for the database's own.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace weir::sqlite {

using Bytes = std::vector<unsigned char>;

/// The pages in the log, up to its last commit.
struct LogContent {
  std::uint32_t page_bytes = 0;
  std::uint32_t pages = 0;                     ///< length of the database after the last commit; 0: no commit
  std::map<std::uint32_t, std::int64_t> last;  ///< for each page, where its last version lies in the log
};

/// The log, opened as a separate file. The log has no locks, so closing it drops none.
class LogFile {
 public:
  explicit LogFile(sqlite3* db);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  bool is_open() const { return opened_; }
  /// The commits that are there when the log is read. If the log is begun anew meanwhile: those before or those after
  /// that.
  LogContent content() const;
  /// Fills all of `bytes` from `offset` on.
  bool read(Bytes& bytes, std::int64_t offset) const;

 private:
  sqlite3_file* file() const;

  std::unique_ptr<std::max_align_t[]> space_;
  bool opened_ = false;
};

/// Whether the database already has the last version of every page in the log: then the log changes nothing. The files
/// are read through SQLite, since nobody else may open them.
bool is_log_in_database(sqlite3* db);

}  // namespace weir::sqlite
