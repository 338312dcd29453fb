// Fields of XINFO that only a newer server has, in a table.
#pragma once

#include <string>
#include <vector>

#include "io/table/table_grid.h"
#include "stream/reply.h"

namespace weir::io {

/// A row for each: its name, and its value.
void add_extra_rows(Grid& grid, const ExtraFields& fields, const TableStyle& style);

/// Columns at the right of a table, one for each name that a row of it has. Where that were too many for the terminal,
/// or for any reader, the last is for all the others, as `name=value`.
class ExtraColumns {
 public:
  /// `style` is kept by reference.
  template <typename Rows>
  ExtraColumns(const Rows& rows, const TableStyle& style) : style_(style) {
    for (const auto& row : rows) {
      note(row.extra);
    }
    settle();
  }
  void add_to(Grid& grid) const;
  void add_cells(std::vector<Cell>& cells, const ExtraFields& fields) const;

 private:
  struct Column {
    std::string name;
    bool numbers = true;
  };

  void note(const ExtraFields& fields);
  void settle();

  const TableStyle& style_;
  std::vector<Column> columns_;
  bool others_ = false;
};

}  // namespace weir::io
