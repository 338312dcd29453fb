#include "cli/complete/complete.h"

#include "catch.h"
#include "cli/complete/hidden.h"

namespace weir {
namespace {

using cli::Command;
using cli::complete;
using cli::first_name;
using cli::for_each_command;
using cli::man_of;
using cli::match_command;
using cli::Named;
using cli::named_at;

Named place(std::string_view first, std::size_t n) {
  return named_at(*match_command(first, std::nullopt).command, n);
}

std::string completed(const std::vector<std::string_view>& words) {
  std::string out;
  complete(words, out);
  return out;
}

}  // namespace

TEST_CASE("A command's usage says what stands where") {
  CHECK(place("xrange", 0) == Named::stream);
  CHECK(place("xrange", 2) == Named::id);
  CHECK(place("xrange", 3) == Named::nothing);
  CHECK(place("xreadgroup", 0) == Named::stream);
  CHECK(place("xreadgroup", 7) == Named::stream);
  CHECK(place("ack", 1) == Named::group);
  CHECK(place("ack", 9) == Named::id);
  CHECK(place("claim", 2) == Named::consumer);
  CHECK(place("claim", 3) == Named::nothing);
  CHECK(place("rename", 1) == Named::nothing);
  CHECK(place("ls", 0) == Named::stream);
  CHECK(place("xadd", 1) == Named::nothing);
}

TEST_CASE("Commands are offered under Redis's names to those who have begun to write them") {
  CHECK(completed({"xnac"}) == "words\nxnack\tgive messages back: others are to try them\n");
  CHECK(completed({"ac"}) == "words\nack\tacknowledge messages: they are done\n");
  CHECK(completed({"frobnicate", ""}).empty());
}

TEST_CASE("The value of an option is completed, not the next word") {
  CHECK(completed({"xlen", "--output", "re"}) == "words\nredis\nresp\nresp3\n");
  CHECK(completed({"--db", ""}) == "databases\n");
  CHECK(completed({"work", "s", "--group", "g", "--", "ec"}) == "command\n");
}

TEST_CASE("Redis's keywords of a read are offered once, and not where a value belongs") {
  CHECK(completed({"xread", "COUNT", ""}).empty());
  CHECK(completed({"xread", "COUNT", "1", ""}) == "words\nMAXCOUNT\nMAXSIZE\nBLOCK\nSTREAMS\n");
  CHECK(completed({"xreadgroup", "BLOCK", "1", "GROUP", "g", "c", ""}) ==
        "words\nCOUNT\nMAXCOUNT\nMAXSIZE\nNOACK\nCLAIM\nSTREAMS\n");
}

TEST_CASE("What begins in the word of an option completes that whole word") {
  CHECK(completed({"xlen", "--output=re"}) == "words\n--output=redis\n--output=resp\n--output=resp3\n");
  CHECK(completed({"--db=x"}) == "databases\n");
}

TEST_CASE("Where another program's command line begins is told only if `--` shows it") {
  CHECK(completed({"work", "s", "--group", "--", "--", "ec"}).empty());
}

TEST_CASE("After any command name there is an answer") {
  for_each_command([](const Command& command) {
    const std::string name(first_name(command));
    CHECK_NOTHROW(completed({name, ""}));
    CHECK_NOTHROW(completed({"help", name, ""}));
    CHECK_NOTHROW(completed({name, "--", "a", "b", ""}));
  });
  CHECK(completed({"help", "xlen", ""}).empty());
  CHECK(completed({"help", "group", "seti"}) == "words\nsetid\tmove a group to another place\n");
}

TEST_CASE("The mdoc of a command escapes what roff would take for its own") {
  const std::string page = man_of("xadd");
  CHECK(page.find(".Ss xadd\n") == 0);
  CHECK(page.find(".It Fl -maxlen Ar [\\(ti]N\n") != std::string::npos);
  CHECK(man_of("frobnicate").empty());
}

}  // namespace weir
