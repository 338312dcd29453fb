#include "cli/command_table/command_table.h"

#include <algorithm>

#include "cli/command_table/command_rows.h"
#include "stream/store.h"
#include "text/words.h"

namespace weir::cli {

namespace {

constexpr Choice kFormats[] = {choice("table", OutputChoice::table),   choice("jsonl", OutputChoice::lines),
                               choice("json", OutputChoice::json),     choice("tsv", OutputChoice::tsv),
                               choice("csv", OutputChoice::csv),       choice("redis", OutputChoice::redis),
                               choice("resp", OutputChoice::resp),     choice("resp3", OutputChoice::resp3),
                               choice("auto", OutputChoice::automatic)};
constexpr Choice kDurabilities[] = {choice("full", Durability::full), choice("normal", Durability::normal),
                                    choice("off", Durability::off)};
constexpr Choice kColors[] = {choice("auto", ColorChoice::automatic), choice("always", ColorChoice::always),
                              choice("never", ColorChoice::never)};

constexpr Option kGlobalOptions[] = {
    {"--db", text("FILE|URL", Named::database),
     "the database, or a redis://, rediss://, valkey:// or unix:// server (else $WEIR_DB)"},
    {"--password-file", text("FILE"), "the first line of FILE is the password of a server whose URL has none"},
    {"--output",
     one_of("FORMAT", kFormats, "auto"),
     "{}: table on a terminal (else $WEIR_OUTPUT)",
     {},
     'o',
     "WEIR_OUTPUT"},
    {"--json", flag(), "as -o jsonl"},
    {"--fields", text_several("NAME,..."),
     "the columns of -o tsv and csv: fields of messages, and id, stream, time, deliveries"},
    {"--no-header", flag(), "no line with the names of the columns"},
    {"--durability",
     one_of("LEVEL", kDurabilities, "full"),
     "{}: what a crash may take (else $WEIR_DURABILITY)",
     {},
     '\0',
     "WEIR_DURABILITY"},
    {"--lock-timeout", time("TIME"), "how long to wait for other writers, or for a server to answer; 30s if not given"},
    {"--color", one_of("WHEN", kColors, "auto"), "{}"},
    {"--no-color", flag(), "as --color never; so do $NO_COLOR and TERM=dumb"},
    {"--quiet", flag(), "print no answer: the exit status says it", {}, 'q'},
    {"--empty-ok", flag(), "exit status 0, not 1, where nothing came: for scripts that end at a failure (set -e)"},
    {"--utc", flag(), "tables show times as UTC, not as local time"},
    {"--help", flag(), "show help and leave", {}, 'h'},
    {"--version", flag(), "show the version and leave"},
    {"--verbose", flag(), "with --version: also those of the schema and the libraries, and whether TLS is in", {}, 'v'},
};

// "create" of "group create"; empty: the name is one word.
std::string_view second_name(const Command& command) {
  const std::size_t space = command.name.find(' ');
  return space == std::string_view::npos ? std::string_view() : command.name.substr(space + 1);
}

}  // namespace

std::string_view first_name(const Command& command) {
  return command.name.substr(0, command.name.find(' '));
}

std::string_view redis_first_name(const Command& command) {
  return command.redis == nullptr ? std::string_view() : command::first_name(command.redis->name);
}

std::string_view other_first_name(const Command& command) {
  const std::string_view redis = redis_first_name(command);
  return redis == first_name(command) ? std::string_view() : redis;
}

std::string_view container_name(const Command& command) {
  return command.redis == nullptr ? first_name(command) : redis_first_name(command);
}

command::Effect effect_of(const Command& command) {
  return command.redis == nullptr ? command.effect : command.redis->effect;
}

std::string_view redis_usage(const Command& command) {
  if (command.redis == nullptr || command.usage.empty()) {
    return {};
  }
  std::string_view usage = command.usage.front();
  if (usage.find("--") != usage.npos) {
    return {};  // the command has only the shell's form
  }
  usage.remove_prefix(std::min(command.name.size() + 1, usage.size()));
  return usage;
}

RedisNames::RedisNames() {
  for_each_command([&](const Command& command) {
    const std::string_view name = first_name(command);
    if (!other_first_name(command).empty() && (names_.empty() || names_.back().first != name)) {
      names_.emplace_back(name, redis_first_name(command));
    }
  });
}

std::string_view RedisNames::of(std::string_view first_word) const {
  const auto found =
      std::ranges::find_if(names_, [&](const auto& names) { return same_word(names.first, first_word); });
  return found == names_.end() ? first_word : found->second;
}

std::array<std::span<const Command>, 6> command_rows() {
  return {stream_rows(), policy_rows(), group_rows(), other_rows(), report_rows(), work_rows()};
}

std::span<const Option> global_options() {
  return kGlobalOptions;
}

std::span<const Option> options_of_every_command() {
  return std::span(kGlobalOptions).first(std::size(kGlobalOptions) - 1);
}

Named named_at(const Command& command, std::size_t place) {
  const auto& places = command.places;
  if (place < places.size()) {
    return places[place].named;
  }
  return !places.empty() && places.back().more ? places.back().named : Named::nothing;
}

NameMatch match_command(std::string_view first, std::optional<std::string_view> second) {
  NameMatch match;
  for_each_command([&](const Command& command) {
    // If Redis has no such command, its name there is empty.
    if (first.empty() || (!same_word(first, first_name(command)) && !same_word(first, redis_first_name(command)))) {
      return;
    }
    const std::string_view sub = second_name(command);
    if (!sub.empty()) {
      match.container = container_name(command);
    }
    if (sub.empty() || (second && same_word(*second, sub))) {
      match.command = &command;
    }
  });
  return match;
}

}  // namespace weir::cli
