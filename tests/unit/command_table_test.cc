// Rules for every row of the table of commands.
#include "cli/command_table/command_table.h"

#include <algorithm>
#include <set>

#include "catch.h"

using namespace weir;

using cli::Command;
using cli::for_each_command;
using cli::Option;
using cli::Value;

namespace {

// Every option, with the command that has it.
template <typename F>
void for_each_option(F&& f) {
  for_each_command([&](const Command& command) {
    for (const Option& option : command.options) {
      f(command, option);
    }
  });
}

}  // namespace

TEST_CASE("Every command of Redis's has one row, and every row runs") {
  std::multiset<std::string_view> rows;
  for_each_command([&](const Command& command) {
    INFO(command.name);
    CHECK_FALSE(command.usage.empty());
    CHECK((command.run != nullptr || command.redis == nullptr));
    if (command.redis != nullptr) {
      rows.insert(command.redis->name);
    }
  });
#define WEIR_CHECK_ROW(row) CHECK(rows.count(command::rows::row.name) == 1);
  WEIR_REDIS_COMMANDS(WEIR_CHECK_ROW)
#undef WEIR_CHECK_ROW
}

TEST_CASE("An option that stands for a keyword stands for one that Redis's grammar has") {
  // XPENDING knows these by their place; the ID of XADD is one.
  const std::set<std::string_view> by_place{"COUNT", "CONSUMER", "ID"};
  for_each_option([&](const Command& command, const Option& option) {
    INFO(command.name << " " << option.name);
    if (!option.keyword.empty()) {
      REQUIRE(command.redis != nullptr);
      CHECK((command::is_keyword(*command.redis, option.keyword) || by_place.contains(option.keyword)));
    }
  });
}

TEST_CASE("A value says what it is called, and a choice has its standard among its words") {
  for_each_option([&](const Command& command, const Option& option) {
    INFO(command.name << " " << option.name);
    CHECK(option.name.starts_with("--"));
    CHECK(option.value.called.empty() == (option.value.kind == Value::Kind::flag));
    const bool is_choice = option.value.kind == Value::Kind::choice;
    CHECK(is_choice == !option.value.choices.empty());
    CHECK((!is_choice || std::ranges::count(option.value.choices, option.value.standard, &cli::Choice::word) == 1));
  });
}

TEST_CASE("Help names the choices, and which one stands if none is given") {
  for_each_option([&](const Command& command, const Option& option) {
    INFO(command.name << " " << option.name);
    const std::string meaning = meaning_of(option);
    CHECK(meaning.find("{}") == std::string::npos);
    for (const cli::Choice& choice : option.value.choices) {
      CHECK(meaning.find(choice.word) != std::string::npos);
    }
  });
}

TEST_CASE("What a command needs of Redis, a row of weir's own does not have") {
  for_each_command([&](const Command& command) {
    INFO(command.name);
    CHECK((command.redis != nullptr || (command.fill == nullptr && command.in_redis_words == nullptr)));
    CHECK((command.redis == nullptr || command.effect == command::Effect::none));
  });
}
