#include "io/json_lines.h"

#include <random>

#include "catch.h"
#include "io/json_diagnosis.h"
#include "io/json_tokens.h"

namespace weir {
namespace {

using io::diagnose_json;
using io::JsonTokens;
using io::kMaxJsonDepth;
using io::LineParser;
using io::Nested;
using io::parse_id_line;

/// What a line becomes: its fields, or "column: reason".
std::string parsed(std::string_view line, Nested nested = Nested::refuse) {
  std::string padded(line);
  padded.append(LineParser::kPadding, 'x');
  LineParser parser(nested);
  const auto result = parser.parse(std::string_view(padded).substr(0, line.size()));
  return result ? result->fields.json() : std::to_string(result.error().column) + ": " + result.error().reason;
}

}  // namespace

TEST_CASE("a line comes back token for token") {
  for (const char* line : {
           R"({"a":"b"})",
           R"({"a":1.50,"b":-0,"c":1E+400,"d":123456789012345678901234567890,"e":0.10e-07})",
           R"({"a":true,"b":false,"c":null})",
           R"({"a":"","":"x"})",
           R"({"a":1,"a":2,"a":"three"})",
           R"({"a":"\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"})",
           "{\"\xc3\xa9\":\"\xf0\x9f\x98\x80\x7f\"}",
           R"({"a":"{[,:]}"})",
           R"({"a":{"base64":"/w=="}})",
           R"({"a":"x\\"})",
       }) {
    CAPTURE(line);
    CHECK(parsed(line) == line);
  }
}

TEST_CASE("an entry that was deleted while it was pending is no message") {
  CHECK(parsed(R"({"id":"1-1","stream":"s","fields":null,"deliveries":1})") ==
        "35: an entry without fields: it was deleted");
  CHECK(parsed(R"({"id":"1-1","stream":{"base64":"/w=="},"fields":null})") ==
        "49: an entry without fields: it was deleted");
  CHECK(parse_id_line(R"({"id":"1-1","stream":"s","fields":null})") == Id{1, 1});
  for (const char* line : {
           R"({"id":"1-1","fields":null})",
           R"({"id":"one","stream":"s","fields":null})",
           R"({"id":"1-1","stream":5,"fields":null})",
           R"({"id":"1-1","stream":"s","fields":"null"})",
           R"({"x":"\"fields\""})",
       }) {
    CAPTURE(line);
    CHECK(parsed(line) == line);
  }
}

TEST_CASE("white space between tokens goes, within strings it stays") {
  CHECK(parsed(" \t{ \"a b\" :\t\"c  d\" , \"e\":1 }\r") == R"({"a b":"c  d","e":1})");
  CHECK(parsed(R"( { "a" : { "base64" : "/w==" } } )") == R"({"a":{"base64":"/w=="}})");
}

TEST_CASE("what JSON forbids is refused with the column and the reason") {
  const std::pair<const char*, const char*> table[] = {
      {R"({"a":01})", "7: a number with a leading zero"},
      {R"({"a":-01})", "8: a number with a leading zero"},
      {R"({"a":1.})", "8: expected a digit after '.', found '}'"},
      {R"({"a":.5})", "6: expected a value, found '.'"},
      {R"({"a":+1})", "6: expected a value, found '+'"},
      {R"({"a":-})", "7: expected a digit after '-', found '}'"},
      {R"({"a":1e})", "8: expected a digit in the exponent, found '}'"},
      {R"({"a":1e+})", "9: expected a digit in the exponent, found '}'"},
      {R"({"a":0x10})", "7: expected ',' or '}', found 'x'"},
      {R"({"a":1_000})", "7: expected ',' or '}', found '_'"},
      {R"({"a":NaN})", "6: expected a value, found 'N'"},
      {R"({"a":-Infinity})", "7: expected a digit after '-', found 'I'"},
      {R"({"a":True})", "6: expected a value, found 'T'"},
      {R"({"a":truth})", "6: expected a value, found 't'"},
      {R"({"a":nullx})", "10: expected ',' or '}', found 'x'"},
      {R"({"a":1"b"})", "7: expected ',' or '}', found '\"'"},
      {R"({"a":1 2})", "8: expected ',' or '}', found '2'"},
      {R"({"a":"b" "c":1})", "10: expected ',' or '}', found '\"'"},
      {R"({"a":1,})", "8: a comma with nothing after it"},
      {R"({,"a":1})", "2: expected a name in double quotes, found ','"},
      {R"({"a":1,,"b":2})", "8: expected a name in double quotes, found ','"},
      {R"({"a"})", "5: expected ':', found '}'"},
      {R"({"a":})", "6: expected a value, found '}'"},
      {R"({"a" 1})", "6: expected ':', found '1'"},
      {R"({"a"::1})", "6: expected a value, found ':'"},
      {R"({a:1})", "2: expected a name in double quotes, found 'a'"},
      {R"({'a':1})", "2: expected a name in double quotes, found \"'\""},
      {R"({1:1})", "2: expected a name in double quotes, found '1'"},
      {R"({"a":1)", "7: expected ',' or '}', found the end of the line"},
      {R"({"a":"b)", "6: a string that does not end"},
      {R"({"a":"b\)", "8: a string that does not end"},
      {R"({"a)", "2: a string that does not end"},
      {R"({)", "2: expected a name in double quotes, found the end of the line"},
      {R"({"a":1}})", "8: more after the end of the value: '}'"},
      {R"({"a":1}{"b":2})", "8: more after the end of the value: '{'"},
      {R"({"a":1} x)", "9: more after the end of the value: 'x'"},
      {R"({"a":1}//)", "8: more after the end of the value: '/'"},
      {R"({/**/"a":1})", "2: expected a name in double quotes, found '/'"},
      {R"({"a":[1})", "8: expected ',' or ']', found '}'"},
      {R"({"a":"\x"})", "7: an escape that JSON does not have"},
      {R"({"a":"\'"})", "7: an escape that JSON does not have"},
      {R"({"a":"\u12g4"})", "7: expected four hexadecimal digits after \\u"},
      {R"({"a":"\u12"})", "7: expected four hexadecimal digits after \\u"},
      {R"({"a":"\uD800"})", "7: the first half of a surrogate pair without the second"},
      {R"({"a":"\uD800x"})", "7: the first half of a surrogate pair without the second"},
      {R"({"a":"\uD800\uD800"})", "7: the first half of a surrogate pair without the second"},
      {R"({"a":"\uDC00"})", "7: the second half of a surrogate pair without the first"},
      {"{\"a\":\"\t\"}", "7: a control character in a string must be escaped: byte 0x09"},
      {"{\"a\":\"\x01\"}", "7: a control character in a string must be escaped: byte 0x01"},
      {"{\"a\":\"\xff\"}", "7: not UTF-8: byte 0xff"},
      {"{\"a\":\"\xc0\x80\"}", "7: not UTF-8: byte 0xc0"},
      {"{\"a\":\"\xed\xa0\x80\"}", "7: not UTF-8: byte 0xed"},
      {"{\"a\":\"\xf4\x90\x80\x80\"}", "7: not UTF-8: byte 0xf4"},
      {"{\"a\":\"\xe2\x82\"}", "7: not UTF-8: byte 0xe2"},
      {"{\"a\":\x0b"
       "1}",
       "6: expected a value, found byte 0x0b"},
      {"{\"a\":\xc2\xa0"
       "1}",
       "6: expected a value, found byte 0xc2"},
      {"\xef\xbb\xbf{\"a\":1}", "1: a byte order mark is not allowed"},
      {R"([1])", "1: not a JSON object"},
      {R"( "a")", "2: not a JSON object"},
      {R"(12)", "1: not a JSON object"},
      {R"(hello)", "1: expected a value, found 'h'"},
      {R"({})", "1: no fields: an entry has at least one"},
      {R"({"fields":{}})", "11: no fields: an entry has at least one"},
  };
  for (const auto& [line, error] : table) {
    CAPTURE(line);
    CHECK(parsed(line) == error);
  }
  CHECK(parsed(std::string_view("{\"a\":\"\0\"}", 9)) ==
        "7: a control character in a string must be escaped: byte 0x00");
  CHECK(parsed(std::string_view("{\"a\":1}\0", 8)) == "8: more after the end of the value: byte 0x00");
}

TEST_CASE("nested values are refused by name, kept as text, or flattened") {
  const char* line = R"({"a": {"b": [1, {"c":"\"x"}], "d": {}, "e": []}, "f": {"base64":"/w=="}, "g":2})";
  CHECK(parsed(line) == R"(7: field "a" holds an object; a message is flat (see --nested))");
  CHECK(parsed(R"({"x\u0001":[1]})") == R"(12: field "x\u0001" holds an array; a message is flat (see --nested))");
  CHECK(parsed(line, Nested::as_string) ==
        R"({"a":"{\"b\":[1,{\"c\":\"\\\"x\"}],\"d\":{},\"e\":[]}","f":{"base64":"/w=="},"g":2})");
  CHECK(parsed(line, Nested::flatten) ==
        R"({"a.b.0":1,"a.b.1.c":"\"x","a.d":"{}","a.e":"[]","f":{"base64":"/w=="},"g":2})");
}

TEST_CASE("base64 must be base64") {
  CHECK(parsed(R"({"a":{"base64":""}})") == R"({"a":{"base64":""}})");
  for (const char* wrong : {"_w==", "/w=", "/w", "/w==\\n", "=", "===="}) {
    const std::string line = std::string(R"({"a":{"base64":")") + wrong + R"("}})";
    CAPTURE(line);
    CHECK(parsed(line) == R"(16: field "a" is not valid base64)");
    CHECK(parsed(line, Nested::flatten) == R"(16: field "a" is not valid base64)");
  }
  CHECK(parsed(R"({"a":{"base64":1}})") == R"(6: field "a" holds an object; a message is flat (see --nested))");
}

TEST_CASE("an entry as weir prints it gives its fields, ID and stream") {
  LineParser parser(Nested::refuse);
  const auto parse = [&parser](std::string line) {
    const std::size_t size = line.size();
    line.append(LineParser::kPadding, ' ');
    return parser.parse(std::string_view(line).substr(0, size));
  };
  auto entry = parse(R"({"id":"1-2", "stream":"s", "fields":{"a": 1}, "deliveries":3})");
  REQUIRE(entry);
  CHECK(entry->fields.json() == R"({"a":1})");
  CHECK(entry->id == Id{1, 2});
  CHECK(entry->stream == "s");

  entry = parse(R"({"stream":{"base64":"/w=="},"fields":[[{"base64":"/w=="},"v"],["n",{"base64":"/g=="}]]})");
  REQUIRE(entry);
  CHECK(entry->fields.pairs() == std::vector<Field>{{"\xff", "v"}, {"n", "\xfe"}});
  CHECK(!entry->id);
  CHECK(entry->stream == "\xff");

  entry = parse(R"({"fields":{"base64":"x"}})");
  REQUIRE(entry);
  CHECK(entry->fields.json() == R"({"base64":"x"})");

  entry = parse(R"({"id":"1-2","fields":"text"})");
  REQUIRE(entry);
  CHECK(entry->fields.json() == R"({"id":"1-2","fields":"text"})");
  CHECK(!entry->id);

  CHECK(parsed(R"({"id":"x","fields":{"a":1}})") == R"(7: "id" is not an ID such as "1526919030474-55")");
  CHECK(parsed(R"({"id":1,"fields":{"a":1}})") == R"(7: "id" is not an ID such as "1526919030474-55")");
  CHECK(parsed(R"({"stream":1,"fields":{"a":1}})") == R"(11: "stream" is not a string)");
  CHECK(parsed(R"({"fields":{"a":[1]}})") == R"(16: field "a" holds an array; a message is flat (see --nested))");
  CHECK(parsed(R"({"fields":[["a"]]})") == R"(11: field "fields" holds an array; a message is flat (see --nested))");
}

TEST_CASE("depth costs no stack, and has an end") {
  const auto deep = [](std::size_t n) { return R"({"a":)" + std::string(n, '[') + std::string(n, ']') + "}"; };
  CHECK(parsed(deep(kMaxJsonDepth - 1), Nested::as_string).starts_with(R"({"a":"[[)"));
  CHECK(parsed(deep(kMaxJsonDepth), Nested::flatten) == "1005: nested too deeply");
  CHECK(parsed(deep(1'000'000)) == "1005: nested too deeply");
  CHECK(parsed(std::string(1'000'000, '{')) == "2: expected a name in double quotes, found '{'");
}

TEST_CASE("a line of many megabytes is read") {
  const std::string line = R"({"a":")" + std::string(8'000'000, 'x') + R"(","b":)" + std::string(1'000'000, '7') + "}";
  CHECK(parsed(line) == line);
}

TEST_CASE("a line that names an ID is the ID or an object that has one") {
  CHECK(parse_id_line("1-2") == Id{1, 2});
  CHECK(parse_id_line("  1526919030474-55\t\r") == Id{1526919030474, 55});
  CHECK(parse_id_line(R"({"id":"1-2","stream":"s","fields":{"a":"b"}})") == Id{1, 2});
  CHECK(parse_id_line(R"( {"x":{"id":"7-7"},"id":"1-2"} )") == Id{1, 2});
  CHECK(parse_id_line("  x").error().column == 3);
  CHECK(parse_id_line("").error().column == 1);
  CHECK(parse_id_line(R"({"id":7})").error().column == 7);
  CHECK(parse_id_line(R"({"x":7})").error().reason == "the object has no \"id\"");
  CHECK(parse_id_line(R"({"id":"1-1")").error().column == 12);
}

TEST_CASE("the parser and the diagnosis always agree") {
  const std::vector<std::string> seeds = {
      R"({"a":"b","n":-12.5e+3,"t":true,"f":false,"z":null,"e":"\u00e9\uD83D\uDE00\n"})",
      R"({"id":"1-2","stream":"s","fields":{"a":{"base64":"/w=="}},"deliveries":3})",
      "{ \"\xc3\xa9\" : [ 1 , [ ] , { } , { \"k\" : [ 0 , -0.1 ] } ] }",
      R"([[{"base64":"/w=="},"value"],["a",1]])",
  };
  constexpr std::string_view kPieces[] = {"\"",
                                          "\\",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          ":",
                                          ",",
                                          " ",
                                          "0",
                                          "1",
                                          "-",
                                          ".",
                                          "e",
                                          "E+1",
                                          "true",
                                          "nul",
                                          "\t",
                                          "\n",
                                          "\x01",
                                          "\x7f",
                                          "\xc3",
                                          "\xe2\x82\xac",
                                          "\\u0041",
                                          "\\ud800",
                                          "\\udc00",
                                          "/"};
  std::mt19937 random(20'240'607);
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  JsonTokens tokens;
  std::size_t accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text = seeds[below(seeds.size())];
    for (std::size_t change = below(4) + 1; change > 0 && !text.empty(); --change) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.erase(at, below(5) + 1);
          break;
        case 1:
          text[at] = static_cast<char>(random());
          break;
        case 2:
          text.insert(at, text.substr(below(text.size()), below(9)));
          break;
        default:
          text.insert(at, kPieces[below(std::size(kPieces))]);
      }
    }
    const std::size_t size = text.size();
    text.append(LineParser::kPadding, '"');
    const std::string_view line = std::string_view(text).substr(0, size);
    const bool container =
        line.find_first_of("{[") == line.find_first_not_of(" \t\r\n") && line.find_first_of("{[") != line.npos;
    const bool valid = !diagnose_json(line) && container;
    if (tokens.read(line) != valid) {
      FAIL("they disagree about: " << line);
    }
    accepted += valid ? 1 : 0;
    for (const Nested nested : {Nested::refuse, Nested::as_string, Nested::flatten}) {
      if (const auto result = LineParser(nested).parse(line)) {
        const std::string once = result->fields.json();
        if (diagnose_json(once) || result->fields.pairs().empty()) {
          FAIL("not fields: " << once << " from: " << line);
        }
      }
    }
  }
  CHECK(accepted > 10'000);
}

}  // namespace weir
