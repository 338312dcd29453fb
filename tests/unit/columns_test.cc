// Lines of JSON are turned into columns, and into one array.
#include "io/table/columns.h"

#include <algorithm>

#include "catch.h"

using weir::io::Columns;
using weir::io::ColumnStyle;
using weir::io::JsonArray;
using weir::io::parse_names;
using Form = ColumnStyle::Form;

namespace {

std::string columns(Form form, std::vector<std::string> names, std::string_view lines) {
  Columns frame({form, true, true}, std::move(names), {});
  std::string out;
  frame.add(out, lines);
  frame.end(out, true);
  return out;
}

}  // namespace

TEST_CASE("A message's fields and its own figures are columns") {
  const std::string line =
      R"({"id":"1600000000001-0","stream":"s","fields":{"a":"x","id":"mine","n":1.50},"deliveries":2})"
      "\n";
  CHECK(columns(Form::csv, {"id", "time", "deliveries", "a", "n", "fields.id", "gone"}, line) ==
        "id,time,deliveries,a,n,fields.id,gone\n1600000000001-0,2020-09-13T12:26:40.001Z,2,x,1.50,mine,\n");
}

TEST_CASE("Names and values with separators, quotes and ends of lines stay in their columns") {
  const std::string line = R"({"id":"1-1","stream":"s","fields":{"a\tb":"\t\n\r\\\u0000,\""}})"
                           "\n";
  CHECK(columns(Form::tsv, {"a\tb"}, line) == "a\\tb\n\\t\\n\\r\\\\\\0,\"\n");
  CHECK(columns(Form::csv, {"a\tb"}, line) == std::string("a\tb\n\"\t\n\r\\\0,\"\"\"\n", 15));
}

TEST_CASE("Names that are not UTF-8 hurt nobody") {
  const std::string line = R"({"id":"1-1","stream":"s","fields":[[{"base64":"/w=="},"v"],["b","w"]]})"
                           "\n";
  CHECK(columns(Form::tsv, {"b", "\xff"}, line) == "b\t\xff\nw\tv\n");
}

TEST_CASE("A message without its fields, and damaged ones, are rows all the same") {
  CHECK(columns(Form::tsv, {"id", "a"}, "{\"id\":\"1-1\",\"stream\":\"s\",\"fields\":null}\n") == "id\ta\n1-1\t\n");
  for (const char* line : {R"({"id":"1-1","fields":{"a":"b})", R"({"id":"1-1","fields":{)", R"({"id)", R"({"id":)", "{",
                           R"({"id":"1-1","fields":{"a":{"base64":"!"}}})", R"({"":}}]},"x)", R"({"\)"}) {
    INFO(line);
    const std::string out = columns(Form::csv, {"id", "a"}, std::string(line) + "\n");
    CHECK(std::count(out.begin(), out.end(), '\n') == 2);
  }
}

TEST_CASE("Without names the first line has them, and text that is not JSON is a value") {
  CHECK(columns(Form::csv, {}, "{\"a\":1,\"b\":null}\n{\"a\":2,\"c\":3}\n") == "a,b\n1,\n2,\n");
  CHECK(columns(Form::csv, {}, "1-1\n\"a b\"\n") == "value\n1-1\na b\n");
  CHECK(columns(Form::csv, {"a", "b"}, "").starts_with("a,b\n"));
  CHECK(columns(Form::csv, {}, "").empty());
}

TEST_CASE("A list of names is parted at its commas") {
  CHECK(parse_names("a,b") == std::vector<std::string>{"a", "b"});
  CHECK(parse_names("a\\,b,c\\\\d") == std::vector<std::string>{"a,b", "c\\d"});
  CHECK(parse_names("a\\b\\") == std::vector<std::string>{"a\\b\\"});
  CHECK_FALSE(parse_names(""));
  CHECK_FALSE(parse_names("a,"));
}

TEST_CASE("An array grows as lines come, and is whole in the end") {
  JsonArray frame;
  std::string out;
  frame.add(out, "{\"a\":1}\n");
  CHECK(out == "[{\"a\":1}\n");
  frame.add(out, "1-1\n12\n\"x\"\n");
  frame.end(out, false);
  CHECK(out == "[{\"a\":1}\n,\"1-1\"\n,12\n,\"x\"\n]\n");
}

TEST_CASE("An array of nothing is told only if nothing went wrong") {
  std::string out;
  JsonArray().end(out, false);
  CHECK(out.empty());
  JsonArray().end(out, true);
  CHECK(out == "[]\n");
}
