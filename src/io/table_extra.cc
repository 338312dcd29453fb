#include "io/table_extra.h"

#include <algorithm>

#include "io/table_entries.h"

namespace weir::io {
namespace {

/// Lists in brackets: `[1, two, [3]]`.
class Text {
 public:
  std::string operator()(const PlainValue& value) const { return std::visit(*this, value.value); }
  std::string operator()(std::monostate /*nothing*/) const { return "-"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(const std::vector<PlainValue>& values) const {
    std::string text = "[";
    for (const PlainValue& value : values) {
      text += (text.size() > 1 ? ", " : "") + (*this)(value);
    }
    return text + "]";
  }
};

Cell cell(const PlainValue& value, const TableStyle& style) {
  return Cell(value_text(Text()(value), style.width));
}

}  // namespace

void add_extra_rows(Grid& grid, const ExtraFields& fields, const TableStyle& style) {
  for (const ExtraField& field : fields) {
    grid.row({Cell(visible(field.name, style.width), Ink::faint), cell(field.value, style)});
  }
}

void ExtraColumns::note(const ExtraFields& fields) {
  for (const ExtraField& field : fields) {
    if (std::find(names_.begin(), names_.end(), field.name) == names_.end()) {
      names_.push_back(field.name);
    }
  }
}

void ExtraColumns::add_columns(Grid& grid, const TableStyle& style) const {
  for (std::string title : names_) {
    std::transform(title.begin(), title.end(), title.begin(), [](char c) {
      return c == '-' ? ' ' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    grid.column(visible(title, style.width), Grid::Align::left, Grid::Fit::flexible);
  }
}

void ExtraColumns::add_cells(std::vector<Cell>& cells, const ExtraFields& fields, const TableStyle& style) const {
  for (const std::string& name : names_) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const ExtraField& f) { return f.name == name; });
    cells.push_back(field == fields.end() ? Cell(std::string("-"), Ink::faint) : cell(field->value, style));
  }
}

}  // namespace weir::io
