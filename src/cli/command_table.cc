#include "cli/command_table.h"

#include "cli/command_rows.h"
#include "util/words.h"

namespace weir::cli {

namespace {

constexpr Option kGlobalOptions[] = {
    {"--db", "FILE|URL", "the database, or a redis://, rediss://, valkey:// or unix:// server (else $WEIR_DB)"},
    {"--output", "FORMAT", "table, jsonl, redis, resp or auto: table on a terminal (else $WEIR_OUTPUT)", {}, 'o'},
    {"--durability", "LEVEL", "full, normal or off: what a crash may take (else $WEIR_DURABILITY)"},
    {"--lock-timeout", "TIME", "how long to wait for other writers, or for a server to answer; 30s if not given"},
    {"--color", "WHEN", "auto, always or never"},
    {"--utc", "", "tables show times as UTC, not as local time"},
    {"--help", "", "show help and leave", {}, 'h'},
    {"--version", "", "show the version and leave"},
};

// "group" of "group create", "create" of "xgroup|create".
std::string_view part(std::string_view name, char separator, bool second) {
  const std::size_t at = name.find(separator);
  if (second) {
    return at == std::string_view::npos ? std::string_view() : name.substr(at + 1);
  }
  return name.substr(0, at);
}

}  // namespace

std::string_view first_name(const Command& command) {
  return part(command.name, ' ', false);
}
std::string_view redis_first_name(const Command& command) {
  return part(command.redis, '|', false);
}

std::string_view container_name(const Command& command) {
  return command.redis.empty() ? first_name(command) : redis_first_name(command);
}

std::array<std::span<const Command>, 4> command_rows() {
  return {stream_rows(), group_rows(), other_rows(), work_rows()};
}

std::span<const Option> global_options() {
  return kGlobalOptions;
}

NameMatch match_command(std::string_view first, std::optional<std::string_view> second) {
  NameMatch match;
  for_each_command([&](const Command& command) {
    // Where Redis has no such command, its name is empty.
    if (first.empty() || (!same_word(first, first_name(command)) && !same_word(first, redis_first_name(command)))) {
      return;
    }
    const std::string_view sub = part(command.name, ' ', true);
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
