// Makes any bytes safe for a terminal, and computes their width there.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace weir::io {

inline constexpr std::size_t kAnyWidth = std::numeric_limits<std::size_t>::max();

/// UTF-8 that cannot move the cursor, change the terminal's state or reverse the direction of writing; and its width in
/// columns.
struct TerminalText {
  std::string text;
  std::size_t width = 0;
  /// Whether terminals disagree about the width: some draw joined emoji, flags and skin tones as one character.
  bool doubtful = false;
};

/// Shows any bytes. Unsafe characters appear as escapes: `\n`, `\x1b` (also for a byte that is not UTF-8), `\u202e`.
/// Text wider than `most` columns is cut and ends with `…`; only what is shown is looked at.
///
/// Widths do not depend on the user's locale. Threads: any.
TerminalText visible(std::string_view bytes, std::size_t most = kAnyWidth);

/// Like `visible`, but wider text is broken into pieces of at most `columns` columns. Returns at least one piece.
/// Requires: `columns` is not 0.
std::vector<TerminalText> wrapped(std::string_view bytes, std::size_t columns);

/// The same text with a width on which all terminals agree: without joiners, and with letters for flags.
TerminalText without_doubt(const TerminalText& text);

/// Whole lines for a terminal: like `visible`, but line ends (LF, and CR LF) stay, and nothing is cut.
std::string harmless_lines(std::string_view bytes);

/// Whole lines of columns for a terminal: as `harmless_lines`, but tabs stay, too.
std::string harmless_columns(std::string_view bytes);

/// Lines of JSON for a terminal: characters that `visible` would escape are escaped as in JSON, `\u009b`, so that the
/// values stay the same.
std::string harmless_json(std::string_view bytes);

/// Cuts `text`, which is already safe, to `most` columns in the same way.
TerminalText cut(const TerminalText& text, std::size_t most);

}  // namespace weir::io
