// Columns for other programs: tab-separated, or comma-separated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/frame.h"

namespace weir::io {

struct ColumnStyle {
  enum class Form { tsv, csv };
  Form form = Form::tsv;
  bool header = true;
  bool utc = false;  ///< for times
};

/// A row for each line. A column is a member of the line's object, or, if the line is a message, a field of it: `id`,
/// `stream`, `deliveries` and `fields` are the entry's own, `time` is that of its ID, and `fields.NAME` is a field also
/// where it is called like one of these. Text that is not JSON is the column `value`. What a line does not have is
/// empty.
///
/// TSV: a tab is `\t`, the ends of lines are `\n` and `\r`, NUL is `\0`, a backslash is `\\`; nothing is quoted.
/// CSV: as RFC 4180 has it, but a line ends with LF alone; text that is empty, or has blanks at its ends, is quoted,
/// and what is not there is nothing between two commas. A value that is not UTF-8 is `{"base64":"…"}` in both.
class Columns : public Frame {
 public:
  /// `names` empty: the members that the first line has. `usual`: those that such lines can have, if the first has the
  /// first of them.
  Columns(ColumnStyle style, std::vector<std::string> names, std::vector<std::string> usual)
      : style_(style), names_(std::move(names)), usual_(std::move(usual)), given_(!names_.empty()) {}

  void add(std::string& out, std::string_view lines) override;
  void end(std::string& out, bool complete) override;

 private:
  /// Nothing: the line has no such member, or it is null.
  using Text = std::optional<std::string>;

  void add_line(std::string& out, std::string_view line);
  void begin(std::string& out, std::string_view line);
  void append_cell(std::string& out, const Text& text) const;
  void append_row(std::string& out, const std::vector<Text>& cells) const;

  ColumnStyle style_;
  std::vector<std::string> names_;
  std::vector<std::string> usual_;
  bool given_;
  bool begun_ = false;
};

/// The names in `to,subject`; a comma in a name is written `\,`, a backslash `\\`. Nothing if one of them is empty.
std::optional<std::vector<std::string>> parse_names(std::string_view list);

/// `2026-12-01T09:00:00.123+01:00`, or with `Z` as UTC.
std::string timestamp(std::int64_t unix_ms, bool utc);

}  // namespace weir::io
