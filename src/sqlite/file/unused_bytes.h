// Unused bytes in a database's file: remains of rows that SQLite has moved or deleted.
//
// In a page of a table or index they lie between the cells; in a chain of overflow pages they lie at the end. Readers
// of the database never look at these bytes, so they can be overwritten while others read, and an interruption does no
// harm. See "Database File Format" in SQLite's documentation for all that is here.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sqlite/file/log_content.h"

namespace weir::sqlite {

/// The bytes of a page from `begin` up to, but not at, `end`.
struct ByteSpan {
  std::uint32_t begin;
  std::uint32_t end;
};

/// The rest of a row that is too long for its page lies in a chain of other pages.
struct OverflowChain {
  std::uint32_t first;  ///< the first page of the chain
  std::uint64_t bytes;  ///< in the whole chain
};

struct PageContent {
  std::vector<ByteSpan> unused;
  std::vector<OverflowChain> chains;
};

/// The content of a page of a table or an index, of which SQLite uses `usable` bytes. Nothing if the page is of another
/// kind, or is not as SQLite makes pages. Not for page 1.
std::optional<PageContent> read_page(const Bytes& page, std::uint32_t usable);

/// Overwrites unused bytes in the file itself. The file needs a pointer map (auto_vacuum), which says what each page
/// is.
/// Requires: nobody writes into the file (see moving_lock.h). Lifetime: within that of the connection.
class UnusedBytes {
 public:
  explicit UnusedBytes(sqlite3* db);

  /// Reads the file's layout. Returns SQLITE_OK or an error code.
  int begin();
  std::uint32_t pages() const { return pages_; }

  enum class Outcome {
    done,   ///< no unused bytes are left in this page
    later,  ///< a page that this needs has a later version in the log
    failed
  };
  /// Overwrites with zeros the unused bytes of this page, and those at the ends of the overflow chains that begin
  /// there. `in_log`: whether a page has a later version in the log; such a page is neither read nor written.
  Outcome overwrite(std::uint32_t page, const std::function<bool(std::uint32_t)>& in_log);
  /// The error code of the last `failed`.
  int code() const { return code_; }
  bool sync();

 private:
  struct MapEntry {
    unsigned char kind;
    std::uint32_t parent;
  };
  bool read(Bytes& bytes, std::uint64_t offset);
  bool read_page_of_file(Bytes& bytes, std::uint32_t page);
  std::uint32_t map_page_of(std::uint32_t page) const;
  std::optional<MapEntry> entry_of(std::uint32_t page);
  bool write_zeros(const Bytes& page, std::uint32_t number, ByteSpan span);
  Outcome overwrite_end(std::uint32_t owner, const OverflowChain& chain,
                        const std::function<bool(std::uint32_t)>& in_log);

  sqlite3_file* file_ = nullptr;
  std::uint32_t page_bytes_ = 0;
  std::uint32_t usable_ = 0;
  std::uint32_t pages_ = 0;
  std::uint32_t map_number_ = 0;  ///< the number of the page in `map_`; 0: none
  Bytes map_;
  Bytes page_;
  Bytes end_;
  int code_ = SQLITE_OK;
};

}  // namespace weir::sqlite
