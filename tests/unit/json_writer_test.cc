#include "io/json_writer.h"

#include <vector>

#include "catch.h"

using namespace weir;
using weir::io::JsonWriter;

TEST_CASE("Members and items have commas between them, and none elsewhere") {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.member("id", Id{5, 1});
    json.key("none");
    json.object([] {});
    json.key("numbers");
    json.list(std::vector<int>{1, -2}, [&](int number) { json.value(number); });
    json.member("lag", std::optional<std::uint64_t>());
    json.member("first", std::optional(Id{0, 7}));
    json.member("idle", std::chrono::milliseconds(30));
  });
  CHECK(out == R"({"id":"5-1","none":{},"numbers":[1,-2],"lag":null,"first":"0-7","idle":30})");
}

TEST_CASE("A value that ends in a bracket is followed by a comma as any other") {
  std::string out;
  JsonWriter json(out);
  json.list(std::vector<std::string>{"[", "{", "\xff"}, [&](const std::string& text) { json.value(text); });
  CHECK(out == R"(["[","{",{"base64":"/w=="}])");
}

TEST_CASE("What is JSON already passes through as it is") {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.key("fields");
    json.json(R"({"n":1.50,"s":"\u0041"})");
    json.escaped_key(R"(a\"b)");
    json.null();
  });
  CHECK(out == R"({"fields":{"n":1.50,"s":"\u0041"},"a\"b":null})");
}
