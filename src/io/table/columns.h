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
  bool utc = false;  ///< times are in UTC
};

/// Writes a row for each line. A column is a member of the line's object. If the line is a message, a column may also
/// be one of its fields: `id`, `stream`, `deliveries` and `fields` belong to the entry, `time` is the time in its ID,
/// and `fields.NAME` is a field even if it has one of these names. Text that is not JSON is the column `value`. Missing
/// values are empty.
///
/// TSV: a tab is `\t`, line ends are `\n` and `\r`, NUL is `\0`, a backslash is `\\`; nothing is quoted. CSV: as in RFC
/// 4180, except that a line ends with LF only; text that is empty, or has blanks at its ends, is quoted, and a missing
/// value is nothing between two commas. A value that is not UTF-8 is `{"base64":"…"}` in both.
class Columns : public Frame {
 public:
  /// `names` empty: the members of the first line. `usual`: all members that such lines can have; used if the first
  /// line has the first of them.
  Columns(ColumnStyle style, std::vector<std::string> names, std::vector<std::string> usual)
      : style_(style), names_(std::move(names)), usual_(std::move(usual)), given_(!names_.empty()) {}

  void add(std::string& out, std::string_view lines) override;
  void end(std::string& out, bool complete) override;

 private:
  /// Nothing: the member is missing or null.
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

/// The names in `to,subject`. In a name, a comma is written `\,` and a backslash `\\`. Nothing: one of the names is
/// empty.
std::optional<std::vector<std::string>> parse_names(std::string_view list);

/// `2026-12-01T09:00:00.123+01:00`; UTC ends with `Z`.
std::string timestamp(std::int64_t unix_ms, bool utc);

}  // namespace weir::io
