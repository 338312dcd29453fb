// Entries as a table that grows page by page.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/table/table_grid.h"
#include "stream/reply.h"

namespace weir::io {

/// ID, time, age, deliveries where they are known, and the fields: those that most entries of the first page have in
/// columns, the others as `name=value` after them. Whether a column is there is settled with the first page; when a
/// page has none of the fields that have columns, a new table begins.
class EntryTable {
 public:
  /// `streams`: there is more than one, so each row says whose it is.
  EntryTable(const TableStyle& style, bool streams) : style_(style), streams_(streams) {}

  /// `now`: from which ages are counted.
  void add(std::string& out, const StreamEntries& page, UnixMs now);
  void add(std::string& out, const Entries& page, UnixMs now);

 private:
  struct Row {
    std::string_view stream;
    const Entry* entry;
    std::vector<Field> fields;
  };

  void add(std::string& out, std::vector<Row> rows);
  void begin(std::span<const Row> rows);
  void choose_fields(std::span<const Row> rows, std::size_t room);
  bool fits(std::span<const Row> rows) const;
  void add_row(Row& row);

  TableStyle style_;
  bool streams_;
  bool times_ = false;
  bool deliveries_ = false;
  std::map<std::string, std::size_t, std::less<>> columns_;  ///< the fields that have some, and their order
  std::optional<Grid> grid_;
};

/// A value as it stands in a column: `""` if it is empty.
TerminalText value_text(std::string_view value, std::size_t most);

/// `name=value name="two words"`.
TerminalText pairs_text(std::span<const Field> fields, std::size_t most);

}  // namespace weir::io
