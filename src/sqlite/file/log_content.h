// What a write-ahead log holds, read without SQLite's taking it for the database's own.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace weir::sqlite {

using Bytes = std::vector<unsigned char>;

/// Up to the last commit.
struct LogContent {
  std::uint32_t page_bytes = 0;
  std::uint32_t pages = 0;                     ///< how many the database has after the last commit; 0: no commit
  std::map<std::uint32_t, std::int64_t> last;  ///< page: where it lies in the log
};

/// The log as a file of its own. It has no locks, so closing it drops none.
class LogFile {
 public:
  explicit LogFile(sqlite3* db);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  bool is_open() const { return opened_; }
  /// What was committed when it is read. Where the log is begun anew meanwhile: what was committed before or after.
  LogContent content() const;
  /// All of `bytes`, from there on.
  bool read(Bytes& bytes, std::int64_t offset) const;

 private:
  sqlite3_file* file() const;

  std::unique_ptr<std::max_align_t[]> space_;
  bool opened_ = false;
};

/// Whether the database has every page as the log has it last: then the log changes nothing. Files are read through
/// SQLite, which alone may open them.
bool is_log_in_database(sqlite3* db);

}  // namespace weir::sqlite
