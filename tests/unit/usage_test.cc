// Usage lines are split into parts, as COMMAND DOCS shows them.
#include "command/usage.h"

#include <map>
#include <string>

#include "catch.h"
#include "cli/command_table/command_table.h"

namespace weir::test {
namespace {

using command::Argument;

std::string line_of(const std::vector<Argument>& arguments, std::string_view between = " ");

/// As redis-cli writes it.
std::string line_of(const Argument& argument) {
  std::string line;
  switch (argument.kind) {
    case Argument::Kind::token:
      line = argument.token;
      break;
    case Argument::Kind::one_of:
      line = line_of(argument.parts, "|");
      break;
    case Argument::Kind::block:
      line = line_of(argument.parts);
      break;
    default:
      line = argument.called;
  }
  if (argument.several) {
    line += " [" + line + " ...]";
  }
  if (!argument.token.empty() && argument.kind != Argument::Kind::token) {
    line = std::string(argument.token) + " " + line;
  }
  return argument.optional ? "[" + line + "]" : line;
}

std::string line_of(const std::vector<Argument>& arguments, std::string_view between) {
  std::string line;
  for (const Argument& argument : arguments) {
    line += (line.empty() ? "" : std::string(between)) + line_of(argument);
  }
  return line;
}

}  // namespace

TEST_CASE("The usage of each command that Redis has says the same in parts", "[usage]") {
  // Where it is written once what may stand there: [ID ...] after ID|$
  const std::map<std::string_view, std::string> longer{
      {"xread", "[COUNT N] [MAXCOUNT N] [MAXSIZE BYTES] [BLOCK MS] STREAMS STREAM [STREAM ...] ID|$|+ [ID|$|+ ...]"},
      {"xreadgroup",
       "GROUP GROUP CONSUMER [COUNT N] [MAXCOUNT N] [MAXSIZE BYTES] [BLOCK MS] [CLAIM MS] [NOACK] STREAMS STREAM "
       "[STREAM ...] ID|> [ID|> ...]"}};
  int seen = 0;
  cli::for_each_command([&](const cli::Command& command) {
    if (command.redis == nullptr) {
      CHECK(cli::redis_usage(command).empty());
      return;
    }
    const std::string_view usage = cli::redis_usage(command);
    const auto expected = longer.find(command.name);
    CHECK(line_of(command::arguments_of(usage, command.redis->keywords)) ==
          (expected == longer.end() ? std::string(usage) : expected->second));
    ++seen;
  });
  CHECK(seen > 30);
}

TEST_CASE("Each word of a usage line is known for what it is", "[usage]") {
  const auto& command = command::rows::xreadgroup;
  const auto parts = command::arguments_of("GROUP GROUP CONSUMER [COUNT N] STREAMS STREAM [STREAM ...] ID|> [ID ...]",
                                           command.keywords);
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].token == "GROUP");
  REQUIRE(parts[0].parts.size() == 2);
  CHECK(parts[0].parts[0].kind == Argument::Kind::text);
  CHECK(parts[1].token == "COUNT");
  CHECK(parts[1].kind == Argument::Kind::number);
  CHECK(parts[1].optional);
  CHECK(parts[2].token == "STREAMS");
  REQUIRE(parts[2].parts.size() == 2);
  CHECK(parts[2].parts[0].kind == Argument::Kind::stream);
  CHECK(parts[2].parts[0].several);
  CHECK(parts[2].parts[1].kind == Argument::Kind::one_of);
}

TEST_CASE("Something is made of any line", "[usage]") {
  for (const std::string_view line : {"", "]", "[", "|", "A|", "|A", "[ID", "ID]", "[...]", "[ID ...]", "[[[", "COUNT|",
                                      "KEY|IDMP", "STREAMS [", "ID ID [A B C D ...]", "STREAMS STREAM [ID ...] ["}) {
    CAPTURE(line);
    command::arguments_of(line, {});
  }
}

}  // namespace weir::test
