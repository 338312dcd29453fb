// Command lines in the shell's form, and the requests made of them.
#include "cli/arguments/fill.h"

#include <cstdlib>

#include "catch.h"

using namespace weir;

using cli::Arguments;
using cli::read_arguments;

namespace {

using Argv = std::vector<std::string_view>;

std::string error_of(const Argv& argv) {
  Arguments arguments;
  const auto read = read_arguments(argv, arguments);
  if (!read) {
    return read.error().message;
  }
  const auto parsed = parse_arguments(arguments);
  return parsed ? "" : parsed.error().message;
}

template <typename T>
T asked(const Argv& argv) {
  INFO(error_of(argv));
  Arguments arguments;
  REQUIRE(read_arguments(argv, arguments));
  const auto parsed = parse_arguments(arguments);
  REQUIRE(parsed);
  REQUIRE(std::holds_alternative<Request>(*parsed));
  return std::get<T>(std::get<Request>(*parsed));
}

std::vector<std::string> streams_of(const auto& request) {
  std::vector<std::string> names;
  names.reserve(request.sources.size());
  for (const auto& source : request.sources) {
    names.push_back(source.stream);
  }
  return names;
}

using StreamNames = std::vector<std::string>;

}  // namespace

TEST_CASE("field=value becomes a field, with the ID *") {
  const auto plain = asked<Xadd>({"xadd", "s", "a=1", "b=x=y", "c="});
  CHECK(plain.stream == "s");
  CHECK(plain.id.kind == NewId::Kind::automatic);
  CHECK(plain.fields.json() == R"({"a":"1","b":"x=y","c":""})");
  CHECK(asked<Xadd>({"xadd", "s", "--id", "5-1", "a=1"}).id.id == Id{5, 1});
  CHECK(error_of({"xadd", "s", "a=1", "b"}) == "'b' is not of the form field=value");
}

TEST_CASE("Long options are Redis's keywords") {
  const auto trimmed = asked<Xadd>({"xadd", "--maxlen", "~100", "s", "--limit", "5", "a=1"});
  REQUIRE(trimmed.trim);
  CHECK(trimmed.trim->approximate);
  CHECK(trimmed.trim->maxlen == 100);
  CHECK(trimmed.trim->limit == 5);
  CHECK_FALSE(asked<Xadd>({"xadd", "s", "--nomkstream", "*", "a", "1"}).make_stream);
  CHECK(asked<Xtrim>({"xtrim", "s", "--minid", "=5"}).trim.minid == Id{5, 0});
  CHECK(asked<Xtrim>({"xtrim", "s", "MAXLEN", "~", "5"}).trim.maxlen == 5);
  CHECK(asked<Xrange>({"xrange", "s", "-", "+", "--count", "2"}).count == 2U);
  CHECK(asked<Xrange>({"xrange", "--count=2", "s"}).count == 2U);
  CHECK(asked<XgroupCreate>({"group", "create", "s", "g", "$", "--mkstream"}).make_stream);
  CHECK(asked<XgroupCreate>({"xgroup", "CREATE", "s", "g", "$", "MKSTREAM"}).make_stream);
  CHECK(asked<Xclaim>({"claim", "s", "g", "c", "0", "1-1", "--justid"}).just_id);
  CHECK(asked<XinfoStreamFull>({"info", "stream", "s", "--full", "--count", "3"}).count == 3);
  CHECK(asked<XinfoStreamFull>({"info", "stream", "s", "--count", "3"}).count == 3);
}

TEST_CASE("An option and Redis's own words go together") {
  CHECK(asked<Xread>({"xread", "--count", "2", "STREAMS", "a", "0"}).count == 2U);
  const auto read = asked<Xreadgroup>({"xreadgroup", "--group", "g", "-c", "me", "STREAMS", "a", ">"});
  CHECK(read.group == "g");
  CHECK(read.consumer == "me");
  CHECK(asked<Xadd>({"xadd", "s", "--maxlen", "3", "NOMKSTREAM", "*", "a", "1"}).trim->maxlen == 3);
}

TEST_CASE("Ranges may lack their ends") {
  const auto all = asked<Xrange>({"xrange", "s"});
  CHECK(all.first == kMinId);
  CHECK(all.last == kMaxId);
  CHECK(asked<Xrange>({"xrange", "s", "5"}).first == Id{5, 0});
  const auto reverse = asked<Xrange>({"XREVRANGE", "s", "5"});
  CHECK(reverse.reverse);
  CHECK(reverse.last == Id{5, kMaxPart});
  CHECK(reverse.first == kMinId);
}

TEST_CASE("Data that begins with a dash is data") {
  CHECK(asked<Xadd>({"xadd", "t", "*", "celsius", "-5"}).fields.json() == R"({"celsius":"-5"})");
  CHECK(asked<Xadd>({"xadd", "t", "MAXLEN", "5", "*", "a", "--b"}).fields.json() == R"({"a":"--b"})");
  CHECK(asked<Xadd>({"xadd", "t", "a=1", "--count=2"}).fields.json() == R"({"a":"1","--count":"2"})");
  CHECK(asked<Xreadgroup>({"xreadgroup", "GROUP", "g", "-c", "STREAMS", "s", ">"}).consumer == "-c");
  CHECK(asked<Xlen>({"xlen", "--", "--db"}).stream == "--db");
  CHECK(error_of({"xrange", "s", "-5", "+"}) == "ERR Invalid stream ID specified as stream command argument");
}

TEST_CASE("Global options stand before the command or after it") {
  Arguments arguments;
  const Argv argv{"--db", "x.db", "xrange", "-o", "resp", "s"};
  REQUIRE(read_arguments(argv, arguments));
  CHECK(arguments.options.text("--db") == "x.db");
  CHECK(arguments.options.text("--output") == "resp");
  CHECK(arguments.words == Argv{"s"});
}

TEST_CASE("Of an option that was given twice the last stands") {
  CHECK(asked<Xrange>({"xrange", "--count", "1", "s", "--count=2"}).count == 2U);
}

TEST_CASE("Reads name their streams first in the shell") {
  const auto read = asked<Xread>({"xread", "a", "b", "--count", "2"});
  CHECK(streams_of(read) == StreamNames{"a", "b"});
  CHECK(read.sources[1].from.id == kMinId);
  CHECK(read.count == 2U);
  const auto wait = asked<Xread>({"xread", "a", "--after", "$", "--block", "5s"});
  CHECK(wait.sources[0].from.kind == Xread::From::Kind::end);
  CHECK(wait.block == Millis(5000));
  const auto taken = asked<Xreadgroup>({"xreadgroup", "a", "--group", "g", "-c", "me"});
  CHECK(taken.consumer == "me");
  CHECK_FALSE(taken.sources[0].history_after);
  const auto held = asked<Xreadgroup>({"xreadgroup", "a", "b", "-g", "g", "-c", "me", "--after", "0", "--noack"});
  CHECK(streams_of(held) == StreamNames{"a", "b"});
  CHECK(held.sources[1].history_after == kMinId);
  CHECK(held.noack);
  CHECK(error_of({"xreadgroup", "a"}) == "xreadgroup needs --group");
  ::setenv("WEIR_CONSUMER", "someone", 1);
  CHECK(asked<Xreadgroup>({"xreadgroup", "a", "-g", "g"}).consumer == "someone");
  ::unsetenv("WEIR_CONSUMER");
}

TEST_CASE("pending with options lists messages") {
  CHECK(asked<XpendingSummary>({"pending", "s", "g"}).group == "g");
  const auto some = asked<Xpending>({"pending", "s", "g", "--idle", "5s", "--count", "3", "-c", "me"});
  CHECK(some.min_idle == Millis(5000));
  CHECK(some.count == 3);
  CHECK(some.consumer == "me");
  CHECK(asked<Xpending>({"xpending", "s", "g", "-", "+", "10", "me"}).count == 10);
  const auto mixed = asked<Xpending>({"pending", "s", "g", "5", "9", "10", "--idle", "5s", "--consumer", "me"});
  CHECK(mixed.first.ms == 5);
  CHECK(mixed.last.ms == 9);
  CHECK(mixed.count == 10);
  CHECK(mixed.min_idle == Millis(5000));
  CHECK(mixed.consumer == "me");
  const char* twice = "what an option says is said again in Redis's words";
  CHECK(error_of({"pending", "s", "g", "-", "+", "10", "--count", "5"}) == twice);
  CHECK(error_of({"pending", "s", "g", "IDLE", "5", "-", "+", "10", "--idle", "5"}) == twice);
}

TEST_CASE("What only the shell can ask for goes into the request") {
  CHECK(asked<XgroupCreate>({"group", "create", "s", "g", "0", "--if-absent"}).if_absent);
  CHECK(asked<Xack>({"ack", "s", "g", "1-1", "--consumer", "me"}).owner == "me");
  const auto later = asked<Xnack>({"nack", "s", "g", "1-1", "2-2", "--in", "5m"});
  CHECK(later.ids.size() == 2);
  CHECK(later.blame == Xnack::Blame::fail);
  CHECK(later.wait == Millis(300'000));
  CHECK(asked<Xnack>({"nack", "s", "g", "SILENT", "IDS", "1", "1-1", "--in", "1s"}).blame == Xnack::Blame::silent);
}

TEST_CASE("autoclaim without a start begins at the first") {
  CHECK(asked<Xautoclaim>({"autoclaim", "s", "g", "c", "0"}).start == kMinId);
}

TEST_CASE("An empty argument is a variable that was not set") {
  CHECK(error_of({"ack", "s", "g", ""}) == "an argument is empty: the one after 'g'");
  CHECK(error_of({"xlen", ""}) == "the name of the stream is empty");
  CHECK(asked<Xadd>({"xadd", "s", "*", "a", ""}).fields.json() == R"({"a":""})");
}

namespace {

std::string hint(const std::vector<std::string_view>& argv) {
  Arguments arguments;
  const auto read = read_arguments(argv, arguments);
  REQUIRE_FALSE(read);
  return read.error().hint;
}

}  // namespace

TEST_CASE("A slip of the pen gets the right word suggested") {
  CHECK(hint({"xdad", "s"}) == "did you mean xadd?");
  CHECK(hint({"group", "crate", "s"}) == "did you mean create?");
  CHECK(hint({"xadd", "s", "--maxln", "5"}) == "did you mean --maxlen?");
}

TEST_CASE("A word that begins a name, or is a part of one, gets that name suggested") {
  CHECK(hint({"wor"}) == "did you mean work?");
  CHECK(hint({"com"}) == "did you mean compact or completion?");
  CHECK(hint({"requeue", "s"}) == "did you mean dead requeue?");
  CHECK(hint({"Purge", "s"}) == "did you mean dead purge?");
  CHECK(hint({"work", "s", "--later", "75"}) == "did you mean --later-status?");
  CHECK(hint({"work", "s", "--deliveries", "3"}) == "did you mean --max-deliveries?");
}

TEST_CASE("A word of another tool gets weir's suggested, of options only one that there is") {
  CHECK(hint({"retry", "s"}) == "did you mean dead requeue?");
  CHECK(hint({"watch"}) == "did you mean top?");
  CHECK(hint({"import", "s"}) == "did you mean xadd?");
  CHECK(hint({"work", "s", "--retries", "3"}) == "did you mean --max-deliveries?");
  CHECK(hint({"work", "s", "--concurrency=3"}) == "did you mean --jobs?");
  CHECK(hint({"work", "s", "--workers", "3"}) == "did you mean --jobs?");
  CHECK(hint({"work", "s", "--name", "w1"}) == "did you mean --consumer?");
  CHECK(hint({"xadd", "s", "--delay", "5m"}) == "did you mean --in?");
  CHECK(hint({"xlen", "s", "--delay", "5m"}).starts_with("'weir help xlen' lists the options"));
}

TEST_CASE("What is like many names, or like none, gets nothing suggested") {
  CHECK(hint({"frobnicate"}) == "weir help lists the commands");
  CHECK(hint({"l"}) == "weir help lists the commands");
  CHECK(hint({"-"}) == "weir help lists the commands");
  CHECK(hint({"dead", "retry"}) == "it is one of: ls, show, requeue, purge");
  CHECK(hint({"check", "--warn", "3"}).starts_with("'weir help check' lists the options"));
  CHECK(hint({"xadd", "s", "-x"}).starts_with("'weir help xadd' lists the options"));
}

TEST_CASE("A wrong value of an option is told by the option's name, before anything is done") {
  CHECK(error_of({"xrange", "s", "--count"}) == "option --count needs a value: N");
  CHECK(error_of({"xadd", "s", "--quiet=5"}) == "option --quiet takes no value");
  CHECK(error_of({"xrange", "s", "--count", "many"}) == "'many' is not a value for --count");
  CHECK(error_of({"xread", "s", "--block", "5x"}) == "'5x' is not a value for --block");
  CHECK(error_of({"xadd", "s", "--nested", "deep"}) == "'deep' is not a value for --nested");
  CHECK(error_of({"work", "s", "-j0", "--", "true"}) == "'0' is not a value for --jobs");
  CHECK(error_of({"xlen", "s", "-ofoo"}) == "'foo' is not a value for --output");
}

TEST_CASE("What was read before a wrong option holds all the same") {
  Arguments arguments;
  const Argv argv{"-o", "resp", "xlen", "s", "--frobnicate"};
  REQUIRE_FALSE(read_arguments(argv, arguments));
  CHECK(arguments.options.text("--output") == "resp");
}

TEST_CASE("weir's short names are Redis's commands in batch, too") {
  const cli::RedisNames names;
  CHECK(names.of("ack") == "xack");
  CHECK(names.of("GROUP") == "xgroup");
  CHECK(names.of("XADD") == "XADD");
  CHECK(names.of("frobnicate") == "frobnicate");
}
