#include "command/redis_command.h"

#include <algorithm>

#include "command/grammar_words.h"
#include "text/words.h"

namespace weir::command {

namespace {

#define WEIR_LIST_ROW(name) &rows::name,
constexpr const RedisCommand* kCommands[] = {WEIR_REDIS_COMMANDS(WEIR_LIST_ROW)};
#undef WEIR_LIST_ROW

tl::unexpected<Error> unknown_command(Words words) {
  std::string arguments;
  for (std::size_t i = 1; i < words.size() && arguments.size() < kShown; ++i) {
    arguments += "'" + shown(words[i], kShown - arguments.size()) + "' ";
  }
  return refuse("unknown command '" + shown(words[0]) + "', with args beginning with: " + arguments);
}

}  // namespace

std::string_view first_name(std::string_view name) {
  return name.substr(0, name.find('|'));
}

std::string_view second_name(std::string_view name) {
  const std::size_t bar = name.find('|');
  return bar == std::string_view::npos ? std::string_view() : name.substr(bar + 1);
}

bool arity_fits(int arity, std::size_t words) {
  return arity > 0 ? words == static_cast<std::size_t>(arity) : words >= static_cast<std::size_t>(-arity);
}

std::span<const RedisCommand* const> all_commands() {
  return kCommands;
}

Result<void> check_arity(const RedisCommand& command, std::size_t words) {
  if (arity_fits(command.arity, words)) {
    return {};
  }
  const auto wrong = wrong_arity(command.name);
  if (&command != &rows::exec) {
    return wrong;
  }
  // Even a refused EXEC ends a transaction: see Session::take.
  constexpr std::size_t kCode = 4;
  return fail(Failure::usage, "EXECABORT Transaction discarded because of: " + wrong.value().message.substr(kCode));
}

Result<const RedisCommand*> find_command(Words words) {
  std::string_view container;
  for (const RedisCommand* command : kCommands) {
    if (!same_word(words[0], first_name(command->name))) {
      continue;
    }
    const std::string_view second = second_name(command->name);
    if (second.empty() || (words.size() > 1 && same_word(words[1], second))) {
      WEIR_TRY(check_arity(*command, words.size()));
      return command;
    }
    container = first_name(command->name);
  }
  if (container.empty()) {
    return unknown_command(words);
  }
  if (words.size() == 1) {
    return wrong_arity(container);
  }
  return refuse("unknown subcommand '" + shown(words[1]) + "'. Try " + upper(container) + " HELP.");
}

bool is_keyword(const RedisCommand& command, std::string_view word) {
  return std::ranges::any_of(command.keywords, [&](const KeywordShape& shape) { return same_word(shape.word, word); });
}

Result<Parsed> parse(Words words) {
  WEIR_ASSIGN(const RedisCommand* command, find_command(words));
  return command->parse({words});
}

}  // namespace weir::command
