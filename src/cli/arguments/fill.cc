#include "cli/arguments/fill.h"

#include <algorithm>

#include "cli/arguments/help.h"

namespace weir::cli {

namespace {

// `~1000` is one word here, but two in Redis's grammar.
command::Given given(const GivenOption& option) {
  using Kind = Value::Kind;
  const Kind kind = option.option->value.kind;
  const std::string_view text = option.text;
  command::Given result{option.option->keyword, {text}, 1};
  if (kind == Kind::flag) {
    result.count = 0;
  } else if (kind == Kind::key) {
    result.values = {"weir", text};  // "weir" is the producer of everything added with --once
    result.count = 2;
  } else if ((kind == Kind::length || kind == Kind::lowest_id) && text.size() > 1 &&
             (text[0] == '~' || text[0] == '=')) {
    result.values = {text.substr(0, 1), text.substr(1)};
    result.count = 2;
  }
  return result;
}

// How many of the words are names or IDs; the words after them are data.
std::size_t named_words(const Arguments& arguments) {
  const Command& command = *arguments.command;
  if (command.places.empty() || command.places[0].named == Named::text) {
    return 0;
  }
  return command.data == Data::after_stream ? 1 : arguments.words.size();
}

}  // namespace

std::vector<command::Given> given_of(const Arguments& arguments) {
  std::vector<command::Given> all;
  for (const GivenOption& option : arguments.options.all()) {
    if (command::is_keyword(*arguments.command->redis, option.option->keyword)) {
      all.push_back(given(option));
    }
  }
  return all;
}

Result<command::Parsed> parse_words(const Arguments& arguments, command::Words words,
                                    std::span<const command::Given> given) {
  const command::RedisCommand& redis = *arguments.command->redis;
  std::vector<std::string_view> line{command::first_name(redis.name)};
  line.reserve(words.size() + 2);
  if (arguments.name.size() > 1) {
    line.push_back(arguments.name[1]);
  }
  line.insert(line.end(), words.begin(), words.end());
  WEIR_TRY(command::check_arity(redis, line.size()));
  return redis.parse({line, given});
}

Result<command::Parsed> parse_arguments(const Arguments& arguments) {
  WEIR_TRY(check_none_is_empty(arguments));
  return arguments.command->fill != nullptr ? arguments.command->fill(arguments)
                                            : parse_words(arguments, arguments.words, given_of(arguments));
}

Result<void> check_none_is_empty(const Arguments& arguments) {
  const auto& words = arguments.words;
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(std::min(named_words(arguments), words.size()));
  const auto empty = std::find(words.begin(), end, "");
  if (empty == end) {
    return {};
  }
  if (empty == words.begin()) {
    return fail(Failure::usage, "the name of the stream is empty");
  }
  return fail(Failure::usage, "an argument is empty: the one after '" + std::string(*(empty - 1)) + "'",
              usage_of(arguments));
}

}  // namespace weir::cli
