#include "io/terminal_text.h"

#include <locale.h>

#include "catch.h"
#include "text/utf8.h"

namespace weir {
namespace {

using io::cut;
using io::visible;

std::string shown(std::string_view bytes) {
  return visible(bytes).text;
}
std::size_t width(std::string_view bytes) {
  return visible(bytes).width;
}

}  // namespace

TEST_CASE("plain text is shown as it is") {
  CHECK(shown("Hello, world \\ \"quoted\"") == "Hello, world \\ \"quoted\"");
  CHECK(shown("größer 漢字 😀") == "größer 漢字 😀");
  CHECK(shown("").empty());
}

TEST_CASE("nothing that a terminal obeys is sent to it") {
  CHECK(shown("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(shown("\x1b]0;title\x07") == "\\x1b]0;title\\x07");
  CHECK(shown(std::string_view("\0\x08\x7f", 3)) == "\\x00\\x08\\x7f");
  // CSI as one character, and as one byte
  CHECK(shown("\u009b31m") == "\\x9b31m");
  CHECK(shown("\x9b"
              "31m") == "\\x9b31m");
}

TEST_CASE("nothing hides or turns the text beside it") {
  CHECK(shown("\u202eabc\u202c") == "\\u202eabc\\u202c");
  CHECK(shown("\u2066x\u2069\u200f\u061c") == "\\u2066x\\u2069\\u200f\\u061c");
  CHECK(shown("a\u200bb\ufeff\u00ad") == "a\\u200bb\\ufeff\\u00ad");
  CHECK(shown("a\u2028b") == "a\\u2028b");
  CHECK(shown("\U000e0041") == "\\U000e0041");
}

TEST_CASE("no character without a shape is sent as it is, but those that scripts and emoji need") {
  // All of Default_Ignorable_Code_Point, as Unicode 14 has it.
  const std::pair<char32_t, char32_t> ranges[] = {
      {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5},  {0x180b, 0x180f},
      {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},  {0xfeff, 0xfeff},
      {0xffa0, 0xffa0}, {0xfff0, 0xfff8}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};
  const auto is_needed = [](char32_t code) {
    return code == 0x200c || code == 0x200d || (code >= 0x180b && code <= 0x180f && code != 0x180e) ||
           (code >= 0xfe00 && code <= 0xfe0f);
  };
  for (const auto& [first, last] : ranges) {
    for (char32_t code = first; code <= last; ++code) {
      std::string bytes = "a";
      append_utf8(bytes, code);
      INFO(static_cast<std::uint32_t>(code));
      REQUIRE((shown(bytes) == bytes) == is_needed(code));
    }
  }
}

TEST_CASE("bytes that are not UTF-8 are shown one by one") {
  CHECK(shown("\xff\xfe") == "\\xff\\xfe");
  CHECK(shown("a\xc3") == "a\\xc3");
  CHECK(shown("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(shown("\xc0\xaf") == "\\xc0\\xaf");
}

TEST_CASE("every byte and every pair of bytes comes out as printable UTF-8") {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string bytes{static_cast<char>(a), static_cast<char>(b)};
      const auto text = visible(bytes);
      INFO(a << " " << b);
      REQUIRE(is_printable(text.text));
      REQUIRE(text.width >= 1);
    }
  }
}

TEST_CASE("width counts terminal columns, in whatever locale") {
  REQUIRE(::setlocale(LC_ALL, "C") != nullptr);
  CHECK(width("abc") == 3);
  CHECK(width("漢字") == 4);
  CHECK(width("ﾊﾝｶｸ") == 4);
  CHECK(width("😀") == 2);
  CHECK(width("e\u0301") == 1);
  CHECK(width("\x1b") == 4);
  CHECK(width("\U0001fae8") == 2);  // newer than many C libraries
}

TEST_CASE("a mark without a letter, and marks without end, are shown") {
  CHECK(shown("\u0301a") == "\\u0301a");
  std::string tower = "a";
  for (int i = 0; i < 20; ++i) {
    tower += "\u0301";
  }
  CHECK(width(tower) > 20);
  CHECK(shown("\n\u0301") == "\\n\\u0301");
}

TEST_CASE("what is too wide is cut and says so") {
  CHECK(visible("abcdef", 6).text == "abcdef");
  CHECK(visible("abcdefg", 6).text == "abcde…");
  CHECK(visible("abcdefg", 6).width == 6);
  CHECK(visible("abc", 1).text == "…");
  CHECK(visible("abc", 0).text.empty());
  CHECK(visible("", 0).text.empty());
  CHECK(cut(visible("abcdefg"), 3).text == "ab…");
}

TEST_CASE("a wide character or an escape is never cut in two") {
  CHECK(visible("漢字漢字", 6).text == "漢字…");
  CHECK(visible("漢字漢字", 6).width == 5);
  CHECK(visible("a\x1b[31m", 4).text == "a…");
  CHECK(visible("ae\u0301\u0302bcd", 3).text == "ae\u0301\u0302…");
}

TEST_CASE("lines keep their ends, and nothing else that a terminal obeys") {
  CHECK(io::harmless_lines("a\nb\r\nc\rd\x1b[2J\u009b\u202e\xff\n") == "a\nb\r\nc\\rd\\x1b[2J\\x9b\\u202e\\xff\n");
}

TEST_CASE("lines of columns keep the tabs between them") {
  CHECK(io::harmless_columns("a\tb\\tc\x1b[2J\n") == "a\tb\\tc\\x1b[2J\n");
}

TEST_CASE("lines of JSON keep their values") {
  CHECK(io::harmless_json("{\"a\":\"größer \u009b\x7f\u061c\u2066\\\\\u200e\"}\n") ==
        "{\"a\":\"größer \\u009b\\u007f\\u061c\\u2066\\\\\\u200e\"}\n");
  CHECK(io::harmless_json("\U000e0041") == "\\udb40\\udc41");
  CHECK(io::harmless_json("{\"a\":1,\r\"b\":\t2}\r\n") == "{\"a\":1, \"b\": 2}\r\n");  // white space stays white space
}

}  // namespace weir
