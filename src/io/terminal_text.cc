#include "io/terminal_text.h"

#include <locale.h>
#include <wchar.h>
#if __has_include(<xlocale.h>)  // on macOS, newlocale and uselocale are there
#include <xlocale.h>
#endif

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "text/utf8.h"

namespace weir::io {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool in(const std::array<Range, N>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [code](Range r) { return code >= r.first && code <= r.last; });
}

// Characters without a shape of their own, which make different names look alike or reverse their neighbours: Unicode's
// Default_Ignorable_Code_Point, line ends and annotations. Joiners (U+200C, U+200D) and variation selectors stay: many
// scripts and emoji need them.
constexpr std::array<Range, 17> kHidden{{{0x00ad, 0x00ad},
                                         {0x034f, 0x034f},
                                         {0x061c, 0x061c},
                                         {0x115f, 0x1160},
                                         {0x17b4, 0x17b5},
                                         {0x180e, 0x180e},
                                         {0x200b, 0x200b},
                                         {0x200e, 0x200f},
                                         {0x2028, 0x202e},
                                         {0x2060, 0x206f},
                                         {0x3164, 0x3164},
                                         {0xfeff, 0xfeff},
                                         {0xffa0, 0xffa0},
                                         {0xfff0, 0xfffb},
                                         {0x1bca0, 0x1bca3},
                                         {0x1d173, 0x1d17a},
                                         {0xe0000, 0xe0fff}}};

// For systems without tables of widths, and for characters that are newer than the C library.
constexpr std::array<Range, 9> kWide{{{0x1100, 0x115f},
                                      {0x2e80, 0xa4cf},
                                      {0xac00, 0xd7a3},
                                      {0xf900, 0xfaff},
                                      {0xfe30, 0xfe6f},
                                      {0xff00, 0xff60},
                                      {0xffe0, 0xffe6},
                                      {0x1f300, 0x1faff},
                                      {0x20000, 0x3fffd}}};
constexpr std::array<Range, 4> kCombining{{{0x0300, 0x036f}, {0x200c, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}}};

// Characters that join with their neighbours on some terminals: joiner, emoji presentation, regional letters, skin
// tones.
constexpr std::array<Range, 4> kJoining{{{0x200d, 0x200d}, {0xfe0f, 0xfe0f}, {0x1f1e6, 0x1f1ff}, {0x1f3fb, 0x1f3ff}}};

std::size_t width_by_block(char32_t code) {
  return in(kCombining, code) ? 0 : in(kWide, code) ? 2 : 1;
}

/// Asks the C library, in a locale that always exists, and then restores the thread's own locale.
class Widths {
 public:
  Widths() = default;
  Widths(const Widths&) = delete;
  Widths& operator=(const Widths&) = delete;
  ~Widths() {
    if (before_ != nullptr) {
      ::uselocale(before_);
    }
  }

  std::size_t of(char32_t code) {
    if (code < 0x7f) {
      return 1;
    }
    // The locale maps a table of half a megabyte, so it is loaded only for text beyond ASCII.
    static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (utf8 == nullptr) {
      return width_by_block(code);
    }
    if (before_ == nullptr) {
      before_ = ::uselocale(utf8);
    }
    const int width = ::wcwidth(static_cast<wchar_t>(code));
    return width < 0 ? width_by_block(code) : static_cast<std::size_t>(width);
  }

 private:
  locale_t before_ = nullptr;
};

// Requires: `bytes` begins with one UTF-8 character of `length` bytes.
char32_t decode(std::string_view bytes, std::size_t length) {
  constexpr std::array<unsigned, 5> kFirstBits{0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t code = static_cast<unsigned char>(bytes[0]) & kFirstBits[length];
  for (std::size_t i = 1; i < length; ++i) {
    code = code << 6 | (static_cast<unsigned char>(bytes[i]) & 0x3fU);
  }
  return code;
}

std::string escape_of(char kind, char32_t code, std::size_t digits) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string escape{'\\', kind};
  for (std::size_t left = digits; left-- > 0;) {
    escape.push_back(kHex[code >> (4 * left) & 0xfU]);
  }
  return escape;
}

// `byte`: `code` is no character but a byte that is not UTF-8.
std::string escape_of(char32_t code, bool byte) {
  constexpr std::string_view kCodes = "\n\t\r";
  constexpr std::string_view kLetters = "ntr";
  if (const auto at = code < 0x80 ? kCodes.find(static_cast<char>(code)) : std::string_view::npos;
      at != std::string_view::npos) {
    return {'\\', kLetters[at]};
  }
  if (byte || code < 0xa0) {
    return escape_of('x', code, 2);
  }
  return code < 0x10000 ? escape_of('u', code, 4) : escape_of('U', code, 8);
}

// An escape as in JSON: beyond U+FFFF, two halves.
std::string json_escape_of(char32_t code) {
  if (code < 0x10000) {
    return escape_of('u', code, 4);
  }
  const char32_t above = code - 0x10000;
  return escape_of('u', 0xd800 + (above >> 10U), 4) + escape_of('u', 0xdc00 + (above & 0x3ffU), 4);
}

/// One character, or one byte that belongs to none.
struct Character {
  std::string_view bytes;
  char32_t code = 0;
  bool whole = true;  ///< it is a UTF-8 character

  /// Whether a terminal would obey the character, or show nothing for it.
  bool harms() const { return !whole || code < 0x20 || (code >= 0x7f && code < 0xa0) || in(kHidden, code); }
};

// Requires: `bytes` is not empty.
Character first_of(std::string_view bytes) {
  const std::size_t length = utf8_length(bytes);
  if (length == 0) {
    return {bytes.substr(0, 1), static_cast<unsigned char>(bytes[0]), false};
  }
  return {bytes.substr(0, length), decode(bytes, length), true};
}

// `escape` gives the text for a harmful character that is no line end.
template <typename Escape>
std::string harmless(std::string_view bytes, Escape&& escape) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const Character next = first_of(bytes);
    if (next.harms() && next.code != '\n' && !bytes.starts_with("\r\n")) {
      out += escape(next);
    } else {
      out += next.bytes;
    }
    bytes.remove_prefix(next.bytes.size());
  }
  return out;
}

/// Takes pieces with their widths, and stops when no more fits.
class Cutter {
 public:
  explicit Cutter(std::size_t most) : most_(most) {}

  /// False: the text was cut here, and nothing more fits.
  bool add(std::string_view piece, std::size_t width) {
    if (result_.width + width > most_) {
      result_.text.resize(fits_);
      result_.width = fits_width_;
      if (most_ > 0) {
        result_.text += "…";
        ++result_.width;
      }
      return false;
    }
    result_.text += piece;
    result_.width += width;
    // Up to here the text can be cut with room left for the mark.
    if (result_.width < most_) {
      fits_ = result_.text.size();
      fits_width_ = result_.width;
    }
    return true;
  }

  void doubt() { result_.doubtful = true; }

  TerminalText take() { return std::move(result_); }

 private:
  std::size_t most_;
  TerminalText result_;
  std::size_t fits_ = 0;
  std::size_t fits_width_ = 0;
};

// More marks on one letter than any script needs would cover the lines above.
constexpr int kMostMarks = 6;

/// Calls `see`, character by character, with what is sent to a terminal: the text, its width, and whether it joins with
/// its neighbour on some terminals. Stops when `see` returns false.
template <typename See>
void each_piece(std::string_view bytes, See&& see) {
  Widths widths;
  int marks = kMostMarks;  // at the beginning, there is no letter for a mark
  for (std::size_t at = 0; at < bytes.size();) {
    const std::string_view rest = bytes.substr(at);
    const Character next = first_of(rest);
    const bool control = next.harms();
    const std::size_t width = control ? 0 : widths.of(next.code);
    marks = width > 0 ? 0 : marks + 1;
    bool more = true;
    if (control || marks > kMostMarks) {
      const std::string escape = escape_of(next.code, !next.whole);
      more = see(escape, escape.size(), false);
      marks = kMostMarks;
    } else {
      more = see(next.bytes, width, in(kJoining, next.code));
    }
    if (!more) {
      break;
    }
    at += next.bytes.size();
  }
}

}  // namespace

TerminalText visible(std::string_view bytes, std::size_t most) {
  Cutter cutter(most);
  each_piece(bytes, [&](std::string_view piece, std::size_t width, bool joins) {
    if (joins) {
      cutter.doubt();
    }
    return cutter.add(piece, width);
  });
  return cutter.take();
}

std::vector<TerminalText> wrapped(std::string_view bytes, std::size_t columns) {
  std::vector<TerminalText> lines(1);
  each_piece(bytes, [&](std::string_view piece, std::size_t width, bool joins) {
    if (lines.back().width + width > columns && lines.back().width > 0) {
      lines.emplace_back();
    }
    lines.back().text += piece;
    lines.back().width += width;
    lines.back().doubtful = lines.back().doubtful || joins;
    return true;
  });
  return lines;
}

TerminalText without_doubt(const TerminalText& text) {
  if (!text.doubtful) {
    return text;
  }
  constexpr Range kFlagLetters{0x1f1e6, 0x1f1ff};
  TerminalText plain;
  each_piece(text.text, [&](std::string_view piece, std::size_t width, bool joins) {
    if (joins) {
      const char32_t code = decode(piece, piece.size());
      const bool letter = code >= kFlagLetters.first && code <= kFlagLetters.last;
      plain.text += letter ? std::string(1, static_cast<char>('A' + (code - kFlagLetters.first))) : std::string();
      plain.width += letter ? 1 : 0;
    } else {
      plain.text += piece;
      plain.width += width;
    }
    return true;
  });
  return plain;
}

std::string harmless_lines(std::string_view bytes) {
  return harmless(bytes, [](const Character& c) { return escape_of(c.code, !c.whole); });
}

std::string harmless_columns(std::string_view bytes) {
  return harmless(bytes, [](const Character& c) { return c.code == '\t' ? "\t" : escape_of(c.code, !c.whole); });
}

std::string harmless_json(std::string_view bytes) {
  return harmless(bytes, [](const Character& c) -> std::string {
    if (c.code == '\r' || c.code == '\t') {
      return " ";  // a JSON string has neither, so this character is between tokens
    }
    return c.whole ? json_escape_of(c.code) : escape_of(c.code, true);
  });
}

TerminalText cut(const TerminalText& text, std::size_t most) {
  return text.width <= most ? text : visible(text.text, most);
}

}  // namespace weir::io
