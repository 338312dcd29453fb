// What the screen should show.
#pragma once

#include <optional>
#include <vector>

#include "io/table/table_grid.h"
#include "top/listing.h"

namespace weir::top {

struct Line {
  enum class Fill {
    none,
    bar,       ///< the first line, or a line for typing
    selected,  ///< the cursor is on this line
  };
  std::vector<io::Cell> cells;  ///< placed without gaps; cells that are too wide are cut
  Fill fill = Fill::none;
};

struct Frame {
  std::vector<Line> lines;
  std::optional<std::size_t> typed_line;  ///< the line in which the user types, after its last character
};

struct Size {
  std::size_t height = 24;
  std::size_t width = 80;
  friend bool operator==(const Size&, const Size&) = default;
};

/// Columns side by side, for a screen of a given width. `widths`: the widths that columns have needed so far.
class Layout {
 public:
  Layout(const std::vector<Column>& columns, const std::vector<std::size_t>& widths, std::size_t width);

  Line heading() const;
  Line row(const std::vector<io::Cell>& cells) const;

 private:
  const std::vector<Column>& columns_;
  std::vector<std::size_t> room_;  ///< 0: the column was left out
  std::size_t gap_;
};

/// `left` and, if there is room, `right` at the right edge.
Line line_of(io::Cell left, io::Cell right, std::size_t width);
Line line_of(io::Cell cell);

io::Cell blanks(std::size_t count);

}  // namespace weir::top
