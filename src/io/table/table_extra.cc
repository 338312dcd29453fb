#include "io/table/table_extra.h"

#include <algorithm>

#include "io/table/table_entries.h"

namespace weir::io {
namespace {

/// A name of this length leaves room for its value on any terminal.
constexpr std::size_t kLongestName = 32;

/// The most columns, whatever the length of rows and the number of names.
std::size_t most_columns(const TableStyle& style) {
  constexpr std::size_t kMost = 8;
  constexpr std::size_t kWidthForEach = 40;  // most of it is needed for weir's own columns
  return std::min(kMost, style.width / kWidthForEach);
}

/// Writes lists in brackets: `[1, two, [3]]`.
class Text {
 public:
  std::string operator()(const PlainValue& value) const { return std::visit(*this, value.value); }
  std::string operator()(std::monostate /*nothing*/) const { return "-"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(const std::vector<PlainValue>& values) const {
    std::string text = "[";
    for (const PlainValue& value : values) {
      text.append(text.size() > 1 ? ", " : "").append((*this)(value));
    }
    return text + "]";
  }
};

Cell none() {
  return Cell(std::string("-"), Ink::faint);
}

Cell cell(const PlainValue& value, const TableStyle& style) {
  return std::holds_alternative<std::monostate>(value.value) ? none() : Cell(value_text(Text()(value), style.width));
}

}  // namespace

void add_extra_rows(Grid& grid, const ExtraFields& fields, const TableStyle& style) {
  const std::size_t most = style.width == kAnyWidth ? kAnyWidth : kLongestName;
  for (const ExtraField& field : fields) {
    grid.row({Cell(visible(field.name, most), Ink::faint), cell(field.value, style)});
  }
}

void ExtraColumns::note(const ExtraFields& fields) {
  for (const ExtraField& field : fields) {
    auto column = std::ranges::find(columns_, field.name, &Column::name);
    if (column == columns_.end()) {
      if (columns_.size() > most_columns(style_)) {
        return;  // it is clear already that not all columns fit
      }
      column = columns_.insert(column, {field.name});
    }
    column->numbers = column->numbers && (std::holds_alternative<std::int64_t>(field.value.value) ||
                                          std::holds_alternative<std::monostate>(field.value.value));
  }
}

void ExtraColumns::settle() {
  const std::size_t most = most_columns(style_);
  others_ = columns_.size() > most;
  if (others_) {
    columns_.resize(most > 0 ? most - 1 : 0);
  }
}

void ExtraColumns::add_to(Grid& grid) const {
  for (const Column& column : columns_) {
    std::string title = column.name;
    std::ranges::transform(title, title.begin(), [](char c) {
      return c == '-' ? ' ' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    grid.column(visible(title, style_.width), column.numbers ? Grid::Align::right : Grid::Align::left,
                Grid::Fit::flexible);
  }
  if (others_) {
    grid.column("", Grid::Align::left, Grid::Fit::flexible);
  }
}

void ExtraColumns::add_cells(std::vector<Cell>& cells, const ExtraFields& fields) const {
  for (const Column& column : columns_) {
    const auto field = std::ranges::find(fields, column.name, &ExtraField::name);
    cells.push_back(field == fields.end() ? none() : cell(field->value, style_));
  }
  if (others_) {
    std::vector<Field> others;
    for (const ExtraField& field : fields) {
      if (std::ranges::find(columns_, field.name, &Column::name) == columns_.end()) {
        others.push_back({field.name, Text()(field.value)});
      }
    }
    cells.emplace_back(pairs_text(others, style_.width));
  }
}

}  // namespace weir::io
