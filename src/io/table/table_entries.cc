#include "io/table/table_entries.h"

#include <algorithm>
#include <map>
#include <utility>

#include "io/table/table_time.h"

namespace weir::io {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastForAField = 10;

void append(TerminalText& out, const TerminalText& more) {
  out.text += more.text;
  out.width += more.width;
  out.doubtful = out.doubtful || more.doubtful;
}

bool is_number(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  const std::size_t whole = std::min(text.find_first_not_of(kDigits), text.size());
  text.remove_prefix(whole);
  if (whole > 0 && text.starts_with('.') && text.size() > 1) {
    text.remove_prefix(1);
    return text.find_first_not_of(kDigits) == std::string_view::npos;
  }
  return whole > 0 && text.empty();
}

// What we know about a field's column before the layout.
struct FieldColumn {
  std::string_view name;
  std::size_t entries = 0;
  std::size_t width = 0;
  bool numbers = true;
};

}  // namespace

TerminalText value_text(std::string_view value, std::size_t most) {
  return value.empty() ? TerminalText{"\"\"", 2} : visible(value, most);
}

TerminalText pairs_text(std::span<const Field> fields, std::size_t most) {
  TerminalText out;
  for (const Field& field : fields) {
    if (out.width > most) {
      break;
    }
    append(out, out.width > 0 ? TerminalText{" ", 1} : TerminalText{});
    append(out, visible(field.name, most));
    const bool quotes = field.value.empty() || field.value.find_first_of(" \"=") != std::string::npos;
    append(out, quotes ? TerminalText{"=\"", 2} : TerminalText{"=", 1});
    append(out, visible(field.value, most));
    append(out, quotes ? TerminalText{"\"", 1} : TerminalText{});
  }
  return cut(out, most);
}

void EntryTable::add(std::string& out, const StreamEntries& page, UnixMs now) {
  style_.now = now;
  std::vector<Row> rows;
  for (const Entries& entries : page) {
    for (const Entry& entry : entries.entries) {
      rows.push_back({entries.stream, &entry, {}});
    }
  }
  add(out, std::move(rows));
}

void EntryTable::add(std::string& out, const Entries& page, UnixMs now) {
  style_.now = now;
  std::vector<Row> rows;
  rows.reserve(page.entries.size());
  for (const Entry& entry : page.entries) {
    rows.push_back({page.stream, &entry, {}});
  }
  add(out, std::move(rows));
}

void EntryTable::add(std::string& out, std::vector<Row> rows) {
  if (rows.empty()) {
    return;
  }
  for (Row& row : rows) {
    if (row.entry->fields) {
      row.fields = row.entry->fields->pairs();
    }
  }
  if (!grid_ || !fits(rows)) {
    if (grid_) {
      out.push_back('\n');
    }
    begin(rows);
  }
  for (Row& row : rows) {
    add_row(row);
  }
  grid_->write(out);
}

bool EntryTable::fits(std::span<const Row> rows) const {
  return columns_.empty() || std::any_of(rows.begin(), rows.end(), [this](const Row& row) {
           return row.fields.empty() || std::any_of(row.fields.begin(), row.fields.end(), [this](const Field& field) {
                    return columns_.contains(field.name);
                  });
         });
}

void EntryTable::begin(std::span<const Row> rows) {
  const auto longest = [rows](auto&& length) {
    std::size_t most = 0;
    for (const Row& row : rows) {
      most = std::max(most, length(row));
    }
    return most;
  };
  grid_.emplace(style_);
  times_ = std::any_of(rows.begin(), rows.end(), [](const Row& row) { return time_of(row.entry->id).has_value(); });
  deliveries_ = std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.entry->deliveries.has_value(); });
  std::size_t taken = longest([](const Row& row) { return to_string(row.entry->id).size(); });
  if (streams_) {
    grid_->column("STREAM", Grid::Align::left, Grid::Fit::flexible);
    taken +=
        kGap + std::clamp(longest([](const Row& row) { return row.stream.size(); }), std::size_t{6}, kLeastForAField);
  }
  grid_->column("ID");
  if (times_) {
    grid_->column(style_.utc ? "TIME (UTC)" : "TIME", Grid::Align::right);
    grid_->column("AGE", Grid::Align::right);
    const std::size_t time = longest([this](const Row& row) {
      const auto at = time_of(row.entry->id);
      return at ? time_text(*at, style_.now, style_.utc, style_.narrow()).size() : 0;
    });
    taken += kGap + std::max<std::size_t>(time, style_.utc ? 10 : 4) + kGap + 3;
  }
  if (deliveries_) {
    grid_->column("TRY", Grid::Align::right);
    taken += kGap + 3;
  }
  choose_fields(rows, style_.width > taken ? style_.width - taken : 0);
  grid_->column("", Grid::Align::left, Grid::Fit::flexible);
}

void EntryTable::choose_fields(std::span<const Row> rows, std::size_t room) {
  std::vector<FieldColumn> columns;
  std::map<std::string_view, std::size_t> places;
  std::size_t live = 0;
  for (const Row& row : rows) {
    live += row.fields.empty() ? 0 : 1;
    for (const Field& field : row.fields) {
      const auto [place, is_new] = places.emplace(field.name, columns.size());
      if (is_new) {
        columns.push_back({field.name, 0, visible(field.name, style_.width).width, true});
      }
      FieldColumn& column = columns[place->second];
      ++column.entries;
      column.width = std::max(column.width, value_text(field.value, kLeastForAField).width);
      column.numbers = column.numbers && is_number(field.value);
    }
  }
  // Chooses fields that most entries have and that fit; the remaining fields need room, too.
  const auto choose = [&](std::size_t left) {
    std::vector<const FieldColumn*> chosen;
    for (const FieldColumn& column : columns) {
      const std::size_t least = kGap + std::min(column.width, kLeastForAField);
      if (column.entries * 2 > live && least <= left) {
        left -= least;
        chosen.push_back(&column);
      }
    }
    return chosen;
  };
  auto chosen = choose(room);
  if (chosen.size() < columns.size()) {
    constexpr std::size_t kRest = kGap + kLeastForAField;
    chosen = choose(room > kRest ? room - kRest : 0);
  }
  columns_.clear();
  for (const FieldColumn* field : chosen) {
    const FieldColumn& column = *field;
    columns_.emplace(column.name, columns_.size());
    grid_->column(visible(column.name, style_.width), column.numbers ? Grid::Align::right : Grid::Align::left,
                  Grid::Fit::flexible);
  }
}

void EntryTable::add_row(Row& row) {
  const Entry& entry = *row.entry;
  std::vector<Cell> cells;
  if (streams_) {
    cells.emplace_back(visible(row.stream, style_.width));
  }
  cells.emplace_back(to_string(entry.id));
  if (times_) {
    const auto at = time_of(entry.id);
    cells.emplace_back(at ? time_text(*at, style_.now, style_.utc, style_.narrow()) : "-", Ink::faint);
    cells.emplace_back(at && *at <= style_.now ? age_text(style_.now - *at) : "-", Ink::faint);
  }
  if (deliveries_) {
    cells.emplace_back(entry.deliveries ? std::to_string(*entry.deliveries) : "");
  }
  if (!entry.fields) {
    cells.emplace_back(std::string("(deleted)"), Ink::alarm);
    grid_->row(std::move(cells));
    return;
  }
  const std::size_t first = cells.size();
  cells.resize(first + columns_.size());
  std::vector<bool> filled(columns_.size());
  // Fields without a column, and second values of a name, come after the columns.
  std::vector<Field> rest;
  for (Field& field : row.fields) {
    const auto column = columns_.find(field.name);
    if (column == columns_.end() || filled[column->second]) {
      rest.push_back(std::move(field));
      continue;
    }
    filled[column->second] = true;
    cells[first + column->second] = Cell(value_text(field.value, style_.width));
  }
  cells.emplace_back(pairs_text(rest, style_.width));
  grid_->row(std::move(cells));
}

}  // namespace weir::io
