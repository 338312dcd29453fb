// Bytes of others as text that is safe on a terminal, and how wide it is there.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace weir::io {

inline constexpr std::size_t kAnyWidth = std::numeric_limits<std::size_t>::max();

/// UTF-8 that cannot move the cursor, change the terminal or turn the direction of writing, with the number of
/// terminal columns that it takes.
struct TerminalText {
  std::string text;
  std::size_t width = 0;
  /// Whether terminals disagree on the width: some draw joined emoji, flags and skin tones as one.
  bool doubtful = false;
};

/// Shows any bytes. What is not to be sent as it is appears as an escape: `\n`, `\x1b` (also for a byte that is not
/// UTF-8), `\u202e`. What is wider than `most` columns is cut and ends with `…`; no more is looked at than is shown.
///
/// Widths do not depend on the user's locale. Threads: any.
TerminalText visible(std::string_view bytes, std::size_t most = kAnyWidth);

/// As `visible`, but what is wider is broken into pieces of at most so many columns. At least one piece. Requires:
/// `columns` is not 0.
std::vector<TerminalText> wrapped(std::string_view bytes, std::size_t columns);

/// The same text where all terminals agree on its width: without what joins characters, and with letters for flags.
TerminalText without_doubt(const TerminalText& text);

/// Whole lines for a terminal: as `visible`, but line ends (LF, and CR LF) stay, and nothing is cut.
std::string harmless_lines(std::string_view bytes);

/// Lines of JSON for a terminal: what `visible` would escape is escaped as JSON does it, `\u009b`, and the values stay
/// the same.
std::string harmless_json(std::string_view bytes);

/// `text`, which is safe already, cut to `most` columns in the same way.
TerminalText cut(const TerminalText& text, std::size_t most);

}  // namespace weir::io
