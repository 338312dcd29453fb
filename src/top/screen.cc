#include "top/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <string_view>

#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include <curses.h>

namespace weir::top {
namespace {

/// Over a slow line, the escape sequence of a key arrives in pieces.
constexpr int kEscapeMs = 100;

constexpr short kAlarm = 1;
constexpr short kBar = 2;

/// curses asks the locale for the width of characters, and weir shows UTF-8 whatever the user's locale is.
void take_utf8() {
  for (const char* name : {"C.UTF-8", "C.utf8", "en_US.UTF-8", ""}) {
    if (std::setlocale(LC_CTYPE, name) != nullptr) {
      return;
    }
  }
}

/// The text for curses, without characters unknown to the locale, as curses would show these in its own way.
std::wstring wide(const io::TerminalText& text) {
  std::wstring out;
  std::mbstate_t state{};
  std::string_view rest = text.text;
  while (!rest.empty()) {
    wchar_t c = 0;
    const std::size_t length = std::mbrtowc(&c, rest.data(), rest.size(), &state);
    if (length == 0 || length > rest.size()) {
      state = {};
      out += L'?';
      rest.remove_prefix(1);
      continue;
    }
    out += ::wcwidth(c) < 0 ? L'?' : c;
    rest.remove_prefix(length);
  }
  return out;
}

}  // namespace

struct Screen::Curses {
  SCREEN* screen = nullptr;
  bool color = false;

  attr_t look(io::Ink ink, Line::Fill fill, short& pair) const {
    pair = 0;
    attr_t look = A_NORMAL;
    if (fill == Line::Fill::selected) {
      look |= A_REVERSE;
    } else if (fill == Line::Fill::bar) {
      look |= color ? A_NORMAL : A_REVERSE;
      pair = color ? kBar : short{0};
    }
    switch (ink) {
      case io::Ink::plain:
        break;
      case io::Ink::strong:
        look |= A_BOLD;
        break;
      case io::Ink::faint:
        look |= fill == Line::Fill::none ? A_DIM : A_NORMAL;
        break;
      case io::Ink::alarm:
        look |= A_BOLD;
        pair = color && fill == Line::Fill::none ? kAlarm : pair;
        break;
    }
    return look;
  }
};

Screen::Screen(std::unique_ptr<Curses> curses) : curses_(std::move(curses)) {}

Result<std::unique_ptr<Screen>> Screen::open(bool color) {
  const char* terminal = std::getenv("TERM");
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
    return fail(Failure::usage, "top needs a terminal, as its input and its output",
                "weir ls -l, weir check and weir metrics tell the same without one");
  }
  const std::string_view name = terminal == nullptr ? "" : terminal;
  const auto unable = [&] {
    return fail(Failure::usage, "top cannot draw on a terminal of the kind '" + std::string(name) + "' ($TERM)",
                "weir ls -l tells the same without drawing");
  };
  if (name.empty() || name == "dumb" || name == "unknown") {
    return unable();
  }
  take_utf8();
  auto curses = std::make_unique<Curses>();
  curses->screen = ::newterm(nullptr, stdout, stdin);
  if (curses->screen == nullptr) {
    return unable();
  }
  ::set_escdelay(kEscapeMs);
  ::cbreak();
  ::noecho();
  ::nonl();
  ::intrflush(stdscr, FALSE);
  ::keypad(stdscr, TRUE);
  ::nodelay(stdscr, TRUE);
  ::curs_set(0);
  if (color && ::has_colors() && ::start_color() == OK && ::use_default_colors() == OK) {
    curses->color = ::init_pair(kAlarm, COLOR_RED, -1) == OK && ::init_pair(kBar, COLOR_WHITE, COLOR_BLUE) == OK;
  }
  return std::unique_ptr<Screen>(new Screen(std::move(curses)));
}

Screen::~Screen() {
  leave();
  ::delscreen(curses_->screen);
}

void Screen::leave() {
  ::curs_set(1);
  ::endwin();
}

void Screen::come_back() {
  ::curs_set(0);
  ::clearok(stdscr, TRUE);
  ::refresh();
}

Size Screen::size() {
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_row > 0 && window.ws_col > 0 &&
      (window.ws_row != LINES || window.ws_col != COLS)) {
    ::resizeterm(window.ws_row, window.ws_col);
    ::clearok(stdscr, TRUE);
  }
  return {static_cast<std::size_t>(LINES), static_cast<std::size_t>(COLS)};
}

void Screen::draw(const Frame& frame) {
  ::erase();
  const auto width = static_cast<std::size_t>(COLS);
  std::size_t typed = 0;
  for (std::size_t y = 0; y < frame.lines.size() && y < static_cast<std::size_t>(LINES); ++y) {
    const Line& line = frame.lines[y];
    std::size_t x = 0;
    short pair = 0;
    ::move(static_cast<int>(y), 0);
    for (const io::Cell& cell : line.cells) {
      if (x >= width) {
        break;
      }
      const io::TerminalText text = io::cut(io::without_doubt(cell.text), width - x);
      const attr_t look = curses_->look(cell.ink, line.fill, pair);
      ::attr_set(look, pair, nullptr);
      ::mvaddwstr(static_cast<int>(y), static_cast<int>(x), wide(text).c_str());
      x += text.width;
    }
    if (frame.typed_line == y) {
      typed = std::min(x, width - 1);
    }
    if (line.fill != Line::Fill::none && x < width) {
      const attr_t look = curses_->look(io::Ink::plain, line.fill, pair);
      ::attr_set(look, pair, nullptr);
      ::mvhline(static_cast<int>(y), static_cast<int>(x), ' ', static_cast<int>(width - x));
    }
  }
  ::attr_set(A_NORMAL, 0, nullptr);
  ::curs_set(frame.typed_line ? 1 : 0);
  if (frame.typed_line) {
    ::move(static_cast<int>(*frame.typed_line), static_cast<int>(typed));
  }
  ::refresh();
}

std::optional<Key> Screen::key() {
  using enum Key::Name;
  wint_t code = 0;
  int kind = ::get_wch(&code);
  while (kind == KEY_CODE_YES && code == KEY_RESIZE) {
    kind = ::get_wch(&code);  // curses itself sends this key when it is told the size
  }
  if (kind == ERR) {
    return std::nullopt;
  }
  if (kind == KEY_CODE_YES) {
    switch (code) {
      case KEY_UP:
        return Key{up};
      case KEY_DOWN:
        return Key{down};
      case KEY_LEFT:
        return Key{left};
      case KEY_RIGHT:
        return Key{right};
      case KEY_PPAGE:
        return Key{page_up};
      case KEY_NPAGE:
        return Key{page_down};
      case KEY_HOME:
        return Key{home};
      case KEY_END:
        return Key{end};
      case KEY_ENTER:
        return Key{enter};
      case KEY_BACKSPACE:
        return Key{backspace};
      case KEY_BTAB:
        return Key{back_tab};
      default:
        return Key{other};
    }
  }
  constexpr wint_t kEscape = 0x1b;
  constexpr wint_t kDelete = 0x7f;
  switch (code) {
    case '\r':
    case '\n':
      return Key{enter};
    case '\t':
      return Key{tab};
    case '\b':
    case kDelete:
      return Key{backspace};
    case kEscape:
      return Key{escape};
    default:
      return Key{code < ' ' ? other : character, static_cast<char32_t>(code)};
  }
}

}  // namespace weir::top
