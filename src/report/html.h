// Pieces of a page that shows foreign text and runs nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stream/request.h"

namespace weir::report {

/// Any text, for an element or an attribute in double quotes: without mark-up, without control characters, and without
/// anything that reverses the direction of writing. Long text is cut.
std::string html(std::string_view text);

/// "2026-11-28 14:55", in UTC.
std::string utc_minute(UnixMs time);

/// "0.25", "12.5", "66667".
std::string rate_text(double rate);

/// "350 ms", "4.2 s", "12 min", "3.5 h", "8 d".
std::string duration_text(Millis time);

struct Head {
  /// What a column has. Figures and durations are aligned to the right; a time is not broken; an ID gets enough room.
  enum class Of { text, figures, times, ids };
  std::string_view title;
  Of of = Of::text;
};

/// A table with rows of cells that are already HTML.
class HtmlTable {
 public:
  HtmlTable(std::string& out, std::string_view caption, std::vector<Head> heads);
  ~HtmlTable();
  HtmlTable(const HtmlTable&) = delete;
  HtmlTable& operator=(const HtmlTable&) = delete;
  void row(const std::vector<std::string>& cells);

 private:
  std::string& out_;
  std::vector<Head> heads_;
};

/// A chart of counts in equal steps of time: two lines above an axis of time, with a title, and a description to be
/// read aloud.
struct Chart {
  std::string id;  ///< prefix of the IDs of its elements in the page
  std::string title;
  std::string description;
  std::vector<double> in;
  std::vector<double> out;  ///< empty: not known
  UnixMs from{0};
  UnixMs to{0};
};
void append_chart(std::string& out, const Chart& chart);

}  // namespace weir::report
