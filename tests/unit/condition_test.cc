// Conditions that a message has to meet.
#include "stream/condition.h"

#include "catch.h"

using weir::Condition;
using weir::Fields;

namespace {

bool holds(std::string_view condition, const Fields& fields) {
  const auto parsed = Condition::parse(condition);
  REQUIRE(parsed);
  return parsed->holds(fields);
}

std::string refusal(std::string_view condition) {
  const auto parsed = Condition::parse(condition);
  return parsed ? "" : parsed.error().message;
}

}  // namespace

TEST_CASE("a field is equal to a value, or it is not") {
  const Fields fields = Fields::from_json(R"({"to":"bob","n":1.50,"to":"eve","empty":""})");
  CHECK(holds("to=bob", fields));
  CHECK(holds("to=eve", fields));
  CHECK_FALSE(holds("to=ann", fields));
  CHECK_FALSE(holds("to!=bob", fields));
  CHECK(holds("to!=ann", fields));
  CHECK(holds("n=1.50", fields));
  CHECK_FALSE(holds("n=1.5", fields));
  CHECK(holds("empty=", fields));
  CHECK_FALSE(holds("nothing=", fields));
  CHECK(holds("nothing!=", fields));
}

TEST_CASE("a value matches an expression, whatever bytes are in it") {
  const Fields fields = Fields::from_pairs({{"v", std::string("a\0b\n\xff", 5)}, {"w", "caf\xc3\xa9"}});
  CHECK(holds("v~b", fields));
  CHECK(holds("v~^a", fields));
  CHECK_FALSE(holds("v~^b", fields));
  CHECK(holds("v~\xff$", fields));
  CHECK(holds("w~^caf..$", fields));  // bytes, not characters
  CHECK(holds("w!~x", fields));
  CHECK(holds("w~(f|g){1,2}", fields));
}

TEST_CASE("the first sign parts the two sides") {
  const Fields fields = Fields::from_json(R"({"a":"b=c","d":"~x"})");
  CHECK(holds("a=b=c", fields));
  CHECK(holds("d=~x", fields));
  CHECK(holds("a~=", fields));
}

TEST_CASE("what is no condition is refused") {
  CHECK(refusal("").starts_with("write "));
  CHECK(refusal("a").starts_with("write "));
  CHECK(refusal("=a").starts_with("write "));
  CHECK(refusal("!=a").starts_with("write "));
  CHECK(refusal("a~[").find("expression is wrong") != std::string::npos);
  CHECK(refusal("a~(x)\\1").find("back-reference") != std::string::npos);
  CHECK(refusal("a~((x{255}){255}){255}").find("too much") != std::string::npos);
  CHECK(refusal("a~" + std::string(2000, 'x')).find("longer") != std::string::npos);
}

TEST_CASE("an expression that a matcher would write out to something huge is refused") {
  for (const char* huge :
       {"v~a++++++++++++++++++++c", "v~((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+", "v~.{0,9999}c", "v~a{,9999}b",
        "v~((a{20}){20}){20}", "v~(a{40}){40}", "v~([]a[:alpha:]]{40}){40}", "v~(a{600}b{600}"}) {
    CAPTURE(huge);
    CHECK(refusal(huge).find("repeat too much") != std::string::npos);
  }
  const Fields fields = Fields::from_json(R"({"v":"2026-11-28 GET /a/b+c{1} [x]"})");
  CHECK(holds("v~^[0-9]+-[0-9]+-[0-9]+ [A-Z]+ /[^ ]+ ", fields));
  CHECK(holds("v~^[0-9]{4}(-[0-9]{2}){2}", fields));
  CHECK(holds(R"(v~b\+c\{1\} \[[x+]\]$)", fields));
}
