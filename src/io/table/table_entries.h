// Writes entries as a table that grows page by page.
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

/// The columns are ID, time, age, deliveries if known, and fields. Fields that most entries of the first page have get
/// columns; the others follow as `name=value`. The first page decides which columns there are. If a later page has none
/// of these fields, a new table begins.
class EntryTable {
 public:
  /// `streams`: entries may be from several streams, so each row names its stream.
  EntryTable(const TableStyle& style, bool streams) : style_(style), streams_(streams) {}

  /// `now`: ages are counted from this time.
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
  std::map<std::string, std::size_t, std::less<>> columns_;  ///< the fields with columns, and their order
  std::optional<Grid> grid_;
};

/// A value in a column; an empty value is `""`.
TerminalText value_text(std::string_view value, std::size_t most);

/// `name=value name="two words"`.
TerminalText pairs_text(std::span<const Field> fields, std::size_t most);

}  // namespace weir::io
