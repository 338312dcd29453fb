#include "cli/shell_line.h"

#include <cstdlib>

#include "catch.h"

using namespace weir;

using weir::cli::Arguments;
using weir::cli::Form;
using weir::cli::read_arguments;

namespace {

using Line = std::vector<std::string>;

// The Redis line that a shell line becomes, or the error.
std::string translated(const Line& argv) {
  Arguments arguments;
  const auto read = read_arguments(argv, arguments);
  if (!read) {
    return "error: " + read.error().message;
  }
  const auto shell = translate(arguments);
  if (!shell) {
    return "error: " + shell.error().message;
  }
  std::string text;
  for (const std::string& word : shell->line) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

}  // namespace

TEST_CASE("field=value becomes field and value, with the ID *") {
  CHECK(translated({"xadd", "s", "a=1", "b=x=y", "c="}) == "XADD s * a 1 b x=y c ");
  CHECK(translated({"xadd", "s", "--id", "5-1", "a=1"}) == "XADD s 5-1 a 1");
  CHECK(translated({"xadd", "s", "a=1", "b"}) == "error: 'b' is not of the form field=value");
}

TEST_CASE("Long options are Redis's keywords, put where Redis has them") {
  CHECK(translated({"xadd", "--maxlen", "~100", "s", "--limit", "5", "a=1"}) == "XADD s MAXLEN ~ 100 LIMIT 5 * a 1");
  CHECK(translated({"xadd", "s", "--nomkstream", "*", "a", "1"}) == "XADD s NOMKSTREAM * a 1");
  CHECK(translated({"xtrim", "s", "--minid", "=5"}) == "XTRIM s MINID = 5");
  CHECK(translated({"xtrim", "s", "MAXLEN", "~", "5"}) == "XTRIM s MAXLEN ~ 5");
  CHECK(translated({"xrange", "s", "-", "+", "--count", "2"}) == "XRANGE s - + COUNT 2");
  CHECK(translated({"xrange", "--count=2", "s"}) == "XRANGE s - + COUNT 2");
  CHECK(translated({"group", "create", "s", "g", "$", "--mkstream"}) == "XGROUP create s g $ MKSTREAM");
  CHECK(translated({"xgroup", "CREATE", "s", "g", "$", "MKSTREAM"}) == "XGROUP CREATE s g $ MKSTREAM");
  CHECK(translated({"claim", "s", "g", "c", "0", "1-1", "--justid"}) == "XCLAIM s g c 0 1-1 JUSTID");
  CHECK(translated({"info", "stream", "s", "--full", "--count", "3"}) == "XINFO stream s FULL COUNT 3");
}

TEST_CASE("Ranges may lack their ends") {
  CHECK(translated({"xrange", "s"}) == "XRANGE s - +");
  CHECK(translated({"xrange", "s", "5"}) == "XRANGE s 5 +");
  CHECK(translated({"XREVRANGE", "s"}) == "XREVRANGE s + -");
  CHECK(translated({"xrevrange", "s", "5"}) == "XREVRANGE s 5 -");
}

TEST_CASE("Data that begins with a dash is data") {
  CHECK(translated({"xadd", "t", "*", "celsius", "-5"}) == "XADD t * celsius -5");
  CHECK(translated({"xadd", "t", "MAXLEN", "5", "*", "a", "--b"}) == "XADD t MAXLEN 5 * a --b");
  CHECK(translated({"xadd", "t", "a=1", "--count=2"}) == "XADD t * a 1 --count 2");
  CHECK(translated({"xreadgroup", "GROUP", "g", "-c", "STREAMS", "s", ">"}) == "XREADGROUP GROUP g -c STREAMS s >");
  CHECK(translated({"xlen", "--", "--db"}) == "XLEN --db");
  CHECK(translated({"xrange", "s", "-5", "+"}) == "XRANGE s -5 +");
}

TEST_CASE("Global options stand before the command or after it") {
  Arguments arguments;
  const Line argv{"--db", "x.db", "xrange", "-o", "resp", "s"};
  REQUIRE(read_arguments(argv, arguments));
  CHECK(arguments.options.get("--db") == "x.db");
  CHECK(arguments.options.get("--output") == "resp");
  CHECK(arguments.words == Line{"s"});
}

TEST_CASE("Reads name their streams first in the shell") {
  CHECK(translated({"xread", "a", "b", "--count", "2"}) == "XREAD COUNT 2 STREAMS a b 0 0");
  CHECK(translated({"xread", "a", "--after", "$", "--block", "5s"}) == "XREAD BLOCK 5s STREAMS a $");
  CHECK(translated({"xread", "--count", "2", "STREAMS", "a", "0"}) == "XREAD COUNT 2 STREAMS a 0");
  CHECK(translated({"xreadgroup", "a", "--group", "g", "-c", "me"}) == "XREADGROUP GROUP g me STREAMS a >");
  CHECK(translated({"xreadgroup", "a", "b", "-g", "g", "-c", "me", "--after", "0", "--noack"}) ==
        "XREADGROUP GROUP g me NOACK STREAMS a b 0 0");
  CHECK(translated({"xreadgroup", "a"}) == "error: xreadgroup needs --group");
  ::setenv("WEIR_CONSUMER", "someone", 1);
  CHECK(translated({"xreadgroup", "a", "-g", "g"}) == "XREADGROUP GROUP g someone STREAMS a >");
  ::unsetenv("WEIR_CONSUMER");
}

TEST_CASE("pending with options lists messages") {
  CHECK(translated({"pending", "s", "g"}) == "XPENDING s g");
  CHECK(translated({"pending", "s", "g", "--idle", "5s", "--count", "3", "-c", "me"}) ==
        "XPENDING s g IDLE 5s - + 3 me");
  CHECK(translated({"xpending", "s", "g", "-", "+", "10", "me"}) == "XPENDING s g - + 10 me");
}

TEST_CASE("autoclaim without a start walks the whole list") {
  Arguments arguments;
  const Line argv{"autoclaim", "s", "g", "c", "0"};
  REQUIRE(read_arguments(argv, arguments));
  CHECK(translate(arguments)->form == Form::walk);
}

TEST_CASE("What was not given as arguments comes from standard input") {
  const auto form = [](const Line& argv) {
    Arguments arguments;
    REQUIRE(read_arguments(argv, arguments));
    return translate(arguments)->form;
  };
  CHECK(form({"xadd", "s"}) == Form::append);
  CHECK(form({"xadd"}) == Form::append);
  CHECK(form({"xadd", "s", "a=1"}) == Form::request);
  CHECK(form({"ack", "s", "g"}) == Form::identifiers);
  CHECK(form({"ack", "s", "g", "1-1"}) == Form::request);
  CHECK(form({"xdel", "s"}) == Form::identifiers);
}

TEST_CASE("A slip of the pen gets the right word suggested") {
  const auto hint = [](const Line& argv) {
    Arguments arguments;
    const auto read = read_arguments(argv, arguments);
    REQUIRE_FALSE(read);
    return read.error().hint;
  };
  CHECK(hint({"xdad", "s"}) == "did you mean xadd?");
  CHECK(hint({"group", "crate", "s"}) == "did you mean create?");
  CHECK(hint({"xadd", "s", "--maxln", "5"}) == "did you mean --maxlen?");
}

TEST_CASE("An option without its value is refused") {
  CHECK(translated({"xrange", "s", "--count"}) == "error: option --count needs a value: N");
  CHECK(translated({"xadd", "s", "--quiet=5"}) == "error: option --quiet takes no value");
}

TEST_CASE("weir's short names are Redis's commands in batch, too") {
  const auto renamed = [](const std::vector<std::string_view>& words) { return cli::in_redis_names(words); };
  using Words = std::vector<std::string_view>;
  CHECK(renamed({"ack", "s", "g", "1-1"}) == Words{"xack", "s", "g", "1-1"});
  CHECK(renamed({"GROUP", "create", "s"}) == Words{"xgroup", "create", "s"});
  CHECK(renamed({"XADD", "ack"}) == Words{"XADD", "ack"});
  CHECK(renamed({"frobnicate"}) == Words{"frobnicate"});
}
