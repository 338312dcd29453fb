// Which streams a command line names.
#include "command/named_streams.h"

#include "catch.h"
#include "text/words.h"

using namespace weir;

namespace {

std::vector<std::string_view> named(std::vector<std::string_view> words) {
  const auto command = command::find_command(words);
  REQUIRE(command);
  const std::size_t name = command::second_name((*command)->name).empty() ? 1 : 2;
  const auto streams = command::named_streams((*command)->names, command::Words(words).subspan(name));
  return streams ? std::vector<std::string_view>(streams->begin(), streams->end()) : std::vector<std::string_view>();
}

using Words = std::vector<std::string_view>;

}  // namespace

TEST_CASE("The streams that a line names are known from its command's row") {
  CHECK(named({"XADD", "s", "*", "a", "b"}) == Words{"s"});
  CHECK(named({"xgroup", "create", "s", "g", "0"}) == Words{"s"});
  CHECK(named({"RENAME", "a", "b"}) == Words{"a", "b"});
  CHECK(named({"DEL", "a", "b", "c"}) == Words{"a", "b", "c"});
  CHECK(named({"XREAD", "COUNT", "1", "streams", "a", "b", "0", "0"}) == Words{"a", "b"});
  CHECK(named({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "a", ">"}) == Words{"a"});
  CHECK(named({"PING", "x"}).empty());
  CHECK(named({"FLUSHALL", "ASYNC"}).empty());
}

TEST_CASE("A read that has not a start for each stream names none") {
  CHECK(named({"XREAD", "STREAMS", "a", "b", "0"}).empty());
  CHECK(named({"XREAD", "COUNT", "1", "a"}).empty());
  CHECK(named({"XREAD", "BLOCK", "1", "STREAMS"}).empty());
}
