#include "cli/settings.h"

#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "cli/stop_signals.h"
#include "redis/redis_store.h"
#include "redis/url.h"
#include "sqlite/sqlite_store.h"
#include "util/duration.h"

namespace weir::cli {

namespace {

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

std::string given_or(const Options& options, std::string_view option, const char* name, std::string standard) {
  if (auto value = options.get(option)) {
    return *value;
  }
  return variable(name).value_or(std::move(standard));
}

std::optional<Format> format_named(std::string_view name) {
  if (name == "auto") {
    return ::isatty(STDOUT_FILENO) != 0 ? Format::table : Format::lines;
  }
  if (name == "jsonl") {
    return Format::lines;
  }
  if (name == "table") {
    return Format::table;
  }
  if (name == "redis") {
    return Format::redis;
  }
  if (name == "resp") {
    return Format::resp;
  }
  return std::nullopt;
}

std::optional<Durability> durability_named(std::string_view name) {
  if (name == "full") {
    return Durability::full;
  }
  if (name == "normal") {
    return Durability::normal;
  }
  if (name == "off") {
    return Durability::off;
  }
  return std::nullopt;
}

Result<std::string> default_database() {
  // As the XDG Base Directory Specification says: what is not absolute is to be ignored.
  if (const auto state = variable("XDG_STATE_HOME"); state && state->starts_with('/')) {
    return *state + "/weir/weir.db";
  }
  if (const auto home = variable("HOME")) {
    return *home + "/.local/state/weir/weir.db";
  }
  return fail(Failure::usage, "there is no $HOME to keep the database in", "name one with --db FILE or $WEIR_DB");
}

}  // namespace

bool may_escape(const Options& options, int fd) {
  const char* terminal = std::getenv("TERM");
  return ::isatty(fd) != 0 && terminal != nullptr && *terminal != '\0' && terminal != std::string_view("dumb") &&
         !variable("NO_COLOR") && options.get("--color") != "never";
}

Result<void> check_is_expanded(const std::string& database) {
  if (!redis::url_scheme(database).empty()) {
    return {};
  }
  const bool home = database.starts_with('~');
  const std::size_t dollar = database.find('$');
  const bool meant = database.starts_with("./") || database.find("/./") < dollar;
  if (home || (dollar != std::string::npos && !meant)) {
    return fail(Failure::usage,
                "'" + database + (home ? "' begins with ~" : "' has a $ in it") +
                    ", which weir does not replace; a shell does where it stands outside single quotes",
                "write the whole path; for a file that has this name, write " +
                    (database.starts_with('/') ? "/." + database : "./" + database));
  }
  return {};
}

Format read_format(const Options& options) {
  return format_named(given_or(options, "--output", "WEIR_OUTPUT", "auto")).value_or(Format::lines);
}

Result<Settings> read_settings(const Options& options) {
  Settings settings;
  const std::string format = given_or(options, "--output", "WEIR_OUTPUT", "auto");
  const auto named = format_named(format);
  if (!named) {
    return fail(Failure::usage, "unknown output format '" + format + "'",
                "it is one of: table, jsonl, redis, resp, auto");
  }
  settings.format = *named;

  const std::string level = given_or(options, "--durability", "WEIR_DURABILITY", "full");
  const auto durability = durability_named(level);
  if (!durability) {
    return fail(Failure::usage, "unknown durability '" + level + "'", "it is one of: full, normal, off");
  }
  settings.durability = *durability;

  if (const auto timeout = options.get("--lock-timeout")) {
    const auto value = parse_duration(*timeout);
    if (!value || *value < 0) {
      return fail(Failure::usage, "'" + *timeout + "' is not a time", "write for example 500ms, 30s or 2m");
    }
    settings.lock_timeout = std::chrono::milliseconds(*value);
  }

  const std::string when = options.get("--color").value_or("auto");
  if (when != "auto" && when != "always" && when != "never") {
    return fail(Failure::usage, "unknown color '" + when + "'", "it is one of: auto, always, never");
  }
  // Other formats have no colours.
  settings.cursor = settings.format == Format::table && may_escape(options, STDOUT_FILENO);
  settings.color = when == "always" || settings.cursor;

  settings.utc = options.has("--utc");

  if (auto database = options.get("--db")) {
    if (database->empty()) {
      return fail(Failure::usage, "the name of the database is empty");
    }
    WEIR_TRY(check_is_expanded(*database));
    settings.database = std::move(*database);
  } else if (auto chosen = variable("WEIR_DB")) {
    WEIR_TRY(check_is_expanded(*chosen));
    settings.database = std::move(*chosen);
  } else {
    WEIR_ASSIGN(settings.database, default_database());
  }
  return settings;
}

Result<std::unique_ptr<Store>> open_store(const Settings& settings, Access access) {
  WEIR_TRY(redis::check_is_no_broken_url(settings.database));
  const StoreOptions options{access, settings.durability, settings.lock_timeout, settings.most_steps, &stop_signal()};
  if (redis::is_server(settings.database)) {
    return redis::open_redis_store(settings.database, options);
  }
  if (const std::string scheme(redis::url_scheme(settings.database)); !scheme.empty()) {
    return fail(Failure::usage, "there is no store at " + scheme + "://",
                "a server is redis://, rediss://, valkey://, valkeys:// or unix://; a file of that name is ./" +
                    scheme + "://…");
  }
  return sqlite::open_sqlite_store(settings.database, options);
}

}  // namespace weir::cli
