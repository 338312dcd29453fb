#include "top/frame.h"

#include <algorithm>

namespace weir::top {
namespace {

constexpr std::size_t kNarrow = 60;  ///< a screen with fewer columns is narrow
// For columns whose text may be cut.
constexpr std::size_t kNarrowestName = 12;
constexpr std::size_t kNarrowestOther = 20;

/// A column that names rows is not narrowed below a quarter of the screen.
std::size_t least(const Column& column, std::size_t needed, std::size_t screen) {
  constexpr std::size_t kPart = 4;
  const std::size_t enough = column.gives_way == 0 ? std::max(kNarrowestName, screen / kPart) : kNarrowestOther;
  return column.flexible ? std::min(needed, enough) : needed;
}

}  // namespace

Layout::Layout(const std::vector<Column>& columns, const std::vector<std::size_t>& widths, std::size_t width)
    : columns_(columns), room_(columns.size(), 0), gap_(width < kNarrow ? 1 : 2) {
  std::vector<bool> shown(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    shown[i] = widths[i] > 0;
  }
  const auto needed = [&] {
    std::size_t all = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      all += shown[i] ? least(columns[i], widths[i], width) + gap_ : 0;
    }
    return all;
  };
  while (needed() > width + gap_) {
    std::size_t first = columns.size();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (shown[i] && columns[i].gives_way > 0 &&
          (first == columns.size() || columns[i].gives_way > columns[first].gives_way)) {
        first = i;
      }
    }
    if (first == columns.size()) {
      break;
    }
    shown[first] = false;
  }
  std::size_t left = width + gap_ > needed() ? width + gap_ - needed() : 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (shown[i]) {
      room_[i] = least(columns[i], widths[i], width);
      const std::size_t more = std::min(widths[i] - room_[i], left);
      room_[i] += more;
      left -= more;
    }
  }
}

Line Layout::heading() const {
  std::vector<io::Cell> titles;
  titles.reserve(columns_.size());
  for (const Column& column : columns_) {
    titles.emplace_back(column.title, io::Ink::strong);
  }
  return row(titles);
}

Line Layout::row(const std::vector<io::Cell>& cells) const {
  Line line;
  for (std::size_t i = 0; i < columns_.size() && i < cells.size(); ++i) {
    if (room_[i] == 0) {
      continue;
    }
    io::Cell cell(io::cut(cells[i].text, room_[i]), cells[i].ink);
    const std::size_t blank = room_[i] - cell.text.width;
    if (!line.cells.empty()) {
      line.cells.push_back(blanks(gap_));
    }
    if (columns_[i].right) {
      line.cells.push_back(blanks(blank));
    }
    line.cells.push_back(std::move(cell));
    if (!columns_[i].right) {
      line.cells.push_back(blanks(blank));
    }
  }
  return line;
}

io::Cell blanks(std::size_t count) {
  return io::Cell(std::string(count, ' '));
}

Line line_of(io::Cell cell) {
  Line line;
  line.cells.push_back(std::move(cell));
  return line;
}

Line line_of(io::Cell left, io::Cell right, std::size_t width) {
  const std::size_t both = left.text.width + right.text.width;
  Line line = line_of(std::move(left));
  if (both < width) {
    line.cells.push_back(blanks(width - both));
    line.cells.push_back(std::move(right));
  }
  return line;
}

}  // namespace weir::top
