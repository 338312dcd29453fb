// Bytes in a database's file that belong to nothing: what SQLite leaves in its pages of rows that were moved or
// deleted.
//
// In a page of a table or index they lie between its cells; a chain of overflow pages ends with them. Whoever reads the
// database never looks at them, so they can be overwritten while others read, and at any moment that it ends it has
// done no harm. See "Database File Format" in SQLite's documentation for all that is here.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sqlite/file/log_content.h"

namespace weir::sqlite {

/// Of a page, from `begin` up to `end`.
struct ByteSpan {
  std::uint32_t begin;
  std::uint32_t end;
};

/// What is too long for its page: the rest lies in a chain of others.
struct OverflowChain {
  std::uint32_t first;  ///< its first page
  std::uint64_t bytes;  ///< in all of it
};

struct PageContent {
  std::vector<ByteSpan> unused;
  std::vector<OverflowChain> chains;
};

/// What there is in a page of a table or an index, of which `usable` bytes are SQLite's. Nothing if it is none, or is
/// not one that SQLite would have made. Page 1 is not such a page.
std::optional<PageContent> read_page(const Bytes& page, std::uint32_t usable);

/// A file as it lies there. It has to have a pointer map (auto_vacuum), which says what each page is.
/// Requires: nobody writes into the file (see moving_lock.h). Lifetime: within that of the connection.
class UnusedBytes {
 public:
  explicit UnusedBytes(sqlite3* db);

  /// Reads how the file is laid out. SQLITE_OK, or why not.
  int begin();
  std::uint32_t pages() const { return pages_; }

  enum class Outcome {
    done,   ///< nothing is left there
    later,  ///< what is to be read for it is also in the log
    failed
  };
  /// Overwrites with zeros what belongs to nothing in this page and at the ends of what begins there. `in_log`: whether
  /// a page has a later version there; such a one is neither read nor written.
  Outcome overwrite(std::uint32_t page, const std::function<bool(std::uint32_t)>& in_log);
  /// Of the last `failed`.
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
  std::uint32_t map_number_ = 0;  ///< of the page in `map_`; 0: none
  Bytes map_;
  Bytes page_;
  Bytes end_;
  int code_ = SQLITE_OK;
};

}  // namespace weir::sqlite
