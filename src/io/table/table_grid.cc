#include "io/table/table_grid.h"

#include <algorithm>

namespace weir::io {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeast = 6;  // a flexible column is not made narrower than this

}  // namespace

void append_inked(std::string& out, const TableStyle& style, Ink ink, std::string_view text) {
  // The background is unknown: bold, faint and red are readable on light and on dark.
  const char* begin = ink == Ink::strong ? "\x1b[1m" : ink == Ink::faint ? "\x1b[2m" : "\x1b[31m";
  if (!style.color || ink == Ink::plain || text.empty()) {
    out.append(text);
  } else {
    out.append(begin).append(text).append("\x1b[0m");
  }
}

void Grid::column(TerminalText title, Align align, Fit fit) {
  columns_.push_back({Cell(std::move(title), Ink::strong), align, fit});
}

void Grid::column(std::string title, Align align, Fit fit) {
  columns_.push_back({Cell(std::move(title), Ink::strong), align, fit});
}

std::size_t Grid::total() const {
  std::size_t sum = 0;
  for (const Column& column : columns_) {
    sum += column.width + (column.width > 0 && sum > 0 ? kGap : 0);
  }
  return sum;
}

void Grid::lay_out() {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    column.width = std::max(column.width, column.title.text.width);
    for (const auto& row : rows_) {
      if (i < row.size() && (i + 1 < row.size() || row.size() == columns_.size())) {
        column.width = std::max(column.width, row[i].text.width);
      }
    }
  }
  // The widest column is made narrower first.
  for (std::size_t sum = total(); sum > style_.width; --sum) {
    Column* widest = nullptr;
    for (Column& column : columns_) {
      const bool can = column.fit == Fit::flexible && column.width > kLeast;
      if (can && (widest == nullptr || column.width > widest->width)) {
        widest = &column;
      }
    }
    if (widest == nullptr) {
      break;
    }
    --widest->width;
  }
}

void Grid::write_row(std::string& out, const std::vector<Cell>& cells) {
  std::size_t at = 0;    // where the next cell begins
  std::size_t done = 0;  // how far this line is written
  bool doubtful = false;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Column& column = columns_[i];
    const bool spans = i + 1 == cells.size() && cells.size() < columns_.size();
    if (column.width == 0 && !spans) {
      continue;
    }
    at += at > 0 ? kGap : 0;
    std::size_t room = column.width;
    if (spans) {
      room = style_.width == kAnyWidth ? kAnyWidth : std::max(style_.width, at + kLeast) - at;
    }
    const TerminalText text = column.fit == Fit::whole && !spans ? cells[i].text : cut(cells[i].text, room);
    if (text.width > 0) {
      const std::size_t pad = column.align == Align::right && !spans && room > text.width ? room - text.width : 0;
      const std::size_t start = std::max(at + pad, done);
      out.append(start - done, ' ');
      if (doubtful && style_.cursor) {
        // Only the terminal knows where the cursor is, so it is told in which column to go on.
        out.append("\x1b[").append(std::to_string(start + 1)).append("G");
      }
      doubtful = doubtful || text.doubtful;
      append_inked(out, style_, cells[i].ink, text.text);
      done = start + text.width;
    }
    at += column.width;
  }
  out.push_back('\n');
}

void Grid::write(std::string& out) {
  if (rows_.empty()) {
    return;
  }
  lay_out();
  if (!begun_) {
    std::vector<Cell> titles;
    titles.reserve(columns_.size());
    for (const Column& column : columns_) {
      titles.push_back(column.title);
    }
    if (std::any_of(titles.begin(), titles.end(), [](const Cell& title) { return title.text.width > 0; })) {
      write_row(out, titles);
    }
    begun_ = true;
  }
  for (const auto& row : rows_) {
    write_row(out, row);
  }
  rows_.clear();
}

}  // namespace weir::io
