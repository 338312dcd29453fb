#include "io/batch_line.h"

#include "catch.h"

using namespace weir;

using weir::io::parse_batch_line;

namespace {

using Line = std::vector<std::string>;

Line words(std::string_view line) {
  Line result;
  const auto parsed = parse_batch_line(line, result);
  INFO(line << ": " << (parsed ? "" : parsed.error().reason));
  REQUIRE(parsed);
  return result;
}

std::string wrong(std::string_view line) {
  Line result;
  const auto parsed = parse_batch_line(line, result);
  return parsed ? "" : std::to_string(parsed.error().column) + ": " + parsed.error().reason;
}

}  // namespace

TEST_CASE("Words have the quoting of redis-cli") {
  CHECK(words("XADD s * a 1\r") == Line{"XADD", "s", "*", "a", "1"});
  CHECK(words(R"(a "b c" 'd e' "")") == Line{"a", "b c", "d e", ""});
  CHECK(words(R"("\x41\n\"\q" 'it\'s' 'a\n')") == Line{"A\n\"q", "it's", R"(a\n)"});
  CHECK(words("  \t").empty());
}

TEST_CASE("Quotes must be closed, and end a word") {
  CHECK(wrong(R"(a "b)") == "3: unbalanced quotes in request");
  CHECK(wrong(R"(a 'b)") == "3: unbalanced quotes in request");
  CHECK(wrong(R"("a"b)") == "1: unbalanced quotes in request");
}

TEST_CASE("A JSON array is taken word for word") {
  CHECK(words(R"(["XADD", "s" ,"*","k","v w"])") == Line{"XADD", "s", "*", "k", "v w"});
  CHECK(words(R"(["\u00e9\ud83d\ude00\n\/", ""])") == Line{"\u00e9\U0001F600\n/", ""});
  CHECK(words(R"(["a",{"base64":"/wA="}])") == Line{"a", std::string("\xff\0", 2)});
  CHECK(words("[]").empty());
}

TEST_CASE("A JSON array holds nothing but strings") {
  CHECK(wrong(R"(["a",5])") == "6: expected a string");
  CHECK(wrong(R"(["a" "b"])") == "6: expected , or ]");
  CHECK(wrong(R"(["a"] x)") == "7: there is more after the array");
  CHECK(wrong(R"(["a)") == "4: a string without an end");
  CHECK(wrong(R"(["\ud800"])") == "3: a wrong \\u escape");
  CHECK(wrong("[\"\xff\"]") == "3: not UTF-8");
  CHECK(wrong("[\"a\tb\"]") == "4: a control character in a string");
  CHECK(wrong(R"([{"base64":"/w="}])") == R"(2: expected a string or {"base64":"…"})");
}
