// Lays out rows and columns on a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/terminal_text.h"
#include "stream/reply.h"

namespace weir::io {

/// What a table is made for.
struct TableStyle {
  std::size_t width = kAnyWidth;  ///< columns of the terminal; `kAnyWidth`: nothing is cut
  bool color = false;
  bool cursor = false;  ///< whether escape sequences may move the cursor to a column
  bool utc = false;
  UnixMs now{0};

  bool narrow() const { return width < 80; }
};

enum class Ink {
  plain,
  strong,  ///< headings
  faint,   ///< of less interest
  alarm,   ///< needs attention
};

/// Appends `text` in that ink if colours are on.
void append_inked(std::string& out, const TableStyle& style, Ink ink, std::string_view text);

struct Cell {
  Cell() = default;
  explicit Cell(TerminalText shown, Ink in = Ink::plain) : text(std::move(shown)), ink(in) {}
  /// Requires: `ascii` is printable ASCII.
  explicit Cell(std::string ascii, Ink in = Ink::plain) : ink(in) {
    text.width = ascii.size();
    text.text = std::move(ascii);
  }
  TerminalText text;
  Ink ink = Ink::plain;
};

/// Lays out rows page by page, so that nobody has to wait for the last row to see the first. The heading comes with the
/// first page. On later pages a column may become wider, and narrower only to make room for another column.
class Grid {
 public:
  enum class Align { left, right };
  enum class Fit {
    whole,     ///< never cut: numbers, times, and IDs, which people copy
    flexible,  ///< cut if the terminal is too narrow
  };

  explicit Grid(const TableStyle& style) : style_(style) {}

  void column(TerminalText title, Align align = Align::left, Fit fit = Fit::whole);
  void column(std::string title, Align align = Align::left, Fit fit = Fit::whole);

  /// If a row has fewer cells than there are columns, its last cell takes the remaining room.
  void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

  /// Appends the rows added since the last call.
  void write(std::string& out);

 private:
  struct Column {
    Cell title;
    Align align;
    Fit fit;
    std::size_t width = 0;
  };

  void lay_out();
  std::size_t total() const;
  void write_row(std::string& out, const std::vector<Cell>& cells);

  TableStyle style_;
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
  bool begun_ = false;
};

}  // namespace weir::io
