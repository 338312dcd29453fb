// Fields of XINFO that only a newer server has, in a table.
#pragma once

#include <string>
#include <vector>

#include "io/table_grid.h"
#include "stream/reply.h"

namespace weir::io {

/// A row for each: its name, and its value.
void add_extra_rows(Grid& grid, const ExtraFields& fields, const TableStyle& style);

/// Columns at the right of a table: one for each name that a row of it has.
class ExtraColumns {
 public:
  template <typename Rows>
  explicit ExtraColumns(const Rows& rows) {
    for (const auto& row : rows) {
      note(row.extra);
    }
  }
  void add_columns(Grid& grid, const TableStyle& style) const;
  void add_cells(std::vector<Cell>& cells, const ExtraFields& fields, const TableStyle& style) const;

 private:
  void note(const ExtraFields& fields);
  std::vector<std::string> names_;
};

}  // namespace weir::io
