// Shows fields of XINFO that only newer servers have.
#pragma once

#include <string>
#include <vector>

#include "io/table/table_grid.h"
#include "stream/reply.h"

namespace weir::io {

/// Adds a row for each field: its name and its value.
void add_extra_rows(Grid& grid, const ExtraFields& fields, const TableStyle& style);

/// Columns at the right of a table, one for each name that a row has. If there are too many for the terminal, or for
/// any reader, the last column has all other fields as `name=value`.
class ExtraColumns {
 public:
  /// Keeps a reference to `style`.
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
