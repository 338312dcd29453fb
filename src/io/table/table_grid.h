// Rows and columns on a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/terminal_text.h"
#include "stream/reply.h"

namespace weir::io {

/// For whom a table is made.
struct TableStyle {
  std::size_t width = kAnyWidth;  ///< columns of the terminal; `kAnyWidth`: nothing is ever cut
  bool color = false;
  bool cursor = false;  ///< whether it may be told in which column to go on
  bool utc = false;
  UnixMs now{0};

  bool narrow() const { return width < 80; }
};

enum class Ink {
  plain,
  strong,  ///< headings
  faint,   ///< what is only at the side
  alarm,   ///< what wants attention
};

/// Appends `text` in that ink, if there is colour.
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

/// Lays out rows page by page, so that nobody waits for the last row to see the first. The heading comes with the first
/// page. On later pages a column may become wider; narrower only to make room for another.
class Grid {
 public:
  enum class Align { left, right };
  enum class Fit {
    whole,     ///< is never cut: numbers, times, and IDs, which are there to be copied
    flexible,  ///< is cut where the terminal is too narrow
  };

  explicit Grid(const TableStyle& style) : style_(style) {}

  void column(TerminalText title, Align align = Align::left, Fit fit = Fit::whole);
  void column(std::string title, Align align = Align::left, Fit fit = Fit::whole);

  /// The last cell of a row that has fewer cells than there are columns takes all the room that is left.
  void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

  /// Appends the rows since the last call.
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
