#include "stream/id.h"

#include "catch.h"

namespace weir {

TEST_CASE("an ID is two unsigned 64-bit numbers") {
  CHECK(parse_id("0-0") == Id{0, 0});
  CHECK(parse_id("1526919030474-55") == Id{1526919030474, 55});
  CHECK(parse_id("18446744073709551615-18446744073709551615") == kMaxId);
  CHECK(parse_id("18446744073709551616-0") == std::nullopt);
  CHECK(parse_id("0-18446744073709551616") == std::nullopt);
}

TEST_CASE("a missing sequence is what the caller says") {
  CHECK(parse_id("7") == Id{7, 0});
  CHECK(parse_id("7", kMaxPart) == Id{7, kMaxPart});
}

TEST_CASE("an ID is read as Redis reads it") {
  CHECK(parse_id("007-01") == Id{7, 1});
  CHECK(parse_id("+7-+1") == Id{7, 1});
  for (const char* wrong : {"", "-", "+", "1-", "-1", "1-1-1", "1-*", "*", "$", ">", "1-1 ", "a-1", "1-a", "0x1-0",
                            "1.0-0", "--1", "1--1", "++1"}) {
    CAPTURE(wrong);
    CHECK(parse_id(wrong) == std::nullopt);
  }
}

TEST_CASE("an ID is shown as it is read") {
  for (const Id id : {kMinId, Id{1, 2}, Id{0, kMaxPart}, Id{kMaxPart, 0}, kMaxId}) {
    CHECK(parse_id(to_string(id)) == id);
  }
  CHECK(to_string(kMaxId) == "18446744073709551615-18446744073709551615");
}

TEST_CASE("IDs are ordered by time, then by sequence") {
  CHECK(Id{1, kMaxPart} < Id{2, 0});
  CHECK(Id{2, 9} < Id{2, 10});
}

TEST_CASE("the next and previous ID roll over to the neighbouring millisecond") {
  CHECK(next_id({1, 1}) == Id{1, 2});
  CHECK(next_id({1, kMaxPart}) == Id{2, 0});
  CHECK(next_id(kMaxId) == std::nullopt);
  CHECK(previous_id({1, 1}) == Id{1, 0});
  CHECK(previous_id({1, 0}) == Id{0, kMaxPart});
  CHECK(previous_id(kMinId) == std::nullopt);
}

TEST_CASE("a generated ID is the clock's, but never behind the last") {
  CHECK(generate_id({5, 3}, 9) == Id{9, 0});
  CHECK(generate_id({5, 3}, 5) == Id{5, 4});
  CHECK(generate_id({5, 3}, 1) == Id{5, 4});
  CHECK(generate_id({5, kMaxPart}, 5) == Id{6, 0});
  CHECK(generate_id(kMaxId, 5) == std::nullopt);
}

}  // namespace weir
