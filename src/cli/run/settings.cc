#include "cli/run/settings.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>

#include "cli/run/stop_signals.h"
#include "io/table/columns.h"
#include "redis/redis_store.h"
#include "redis/wire/url.h"
#include "sqlite/sqlite_store.h"
#include "system/fd.h"
#include "system/system_reason.h"

namespace weir::cli {

namespace {

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

Format format_of(OutputChoice choice) {
  switch (choice) {
    case OutputChoice::automatic:
      return ::isatty(STDOUT_FILENO) != 0 ? Format::table : Format::lines;
    case OutputChoice::table:
      return Format::table;
    case OutputChoice::redis:
      return Format::redis;
    case OutputChoice::resp:
      return Format::resp;
    case OutputChoice::resp3:
      return Format::resp3;
    case OutputChoice::lines:
    case OutputChoice::json:
    case OutputChoice::tsv:
    case OutputChoice::csv:
      break;
  }
  return Format::lines;
}

Framing framing_of(OutputChoice choice) {
  switch (choice) {
    case OutputChoice::json:
      return Framing::array;
    case OutputChoice::tsv:
      return Framing::tsv;
    case OutputChoice::csv:
      return Framing::csv;
    default:
      return Framing::none;
  }
}

Result<OutputChoice> output_choice(const Options& options) {
  WEIR_ASSIGN(const auto chosen, options.choice<OutputChoice>("--output"));
  if (!options.has("--json")) {
    return chosen;
  }
  if (options.has("--output") && chosen != OutputChoice::lines) {
    return fail(Failure::usage, "--json does not go with --output " + *options.text("--output"),
                "--json is -o jsonl; one array is -o json");
  }
  return OutputChoice::lines;
}

Result<void> read_columns(const Options& options, Settings& settings) {
  const bool columns = settings.framing == Framing::tsv || settings.framing == Framing::csv;
  for (const char* option : {"--fields", "--no-header"}) {
    if (options.has(option) && !columns) {
      return fail(Failure::usage, std::string(option) + " is for columns", "write -o tsv or -o csv with it");
    }
  }
  settings.header = !options.has("--no-header");
  for (const std::string_view list : options.texts("--fields")) {
    auto names = io::parse_names(list);
    if (!names) {
      return fail(Failure::usage, "a name in --fields " + std::string(list) + " is empty",
                  "write --fields to,subject; a comma in a name is \\,");
    }
    std::ranges::move(*names, std::back_inserter(settings.fields));
  }
  const std::string_view all = options.command() == nullptr ? std::string_view() : options.command()->all_columns;
  const auto known = io::parse_names(all).value_or(std::vector<std::string>());
  for (const std::string& name : settings.fields) {
    if (!known.empty() && std::ranges::find(known, name) == known.end()) {
      return fail(Failure::usage, std::string(options.command()->name) + " has no column '" + name + "'",
                  "it has: " + std::string(all));
    }
  }
  return {};
}

Result<std::string> default_database() {
  // The XDG Base Directory Specification says that a path that is not absolute is ignored.
  if (const auto state = variable("XDG_STATE_HOME"); state && state->starts_with('/')) {
    return *state + "/weir/weir.db";
  }
  if (const auto home = variable("HOME")) {
    return *home + "/.local/state/weir/weir.db";
  }
  return fail(Failure::usage, "there is no $HOME to keep the database in", "name one with --db FILE or $WEIR_DB");
}

/// The first line of a file. A file that other users can read is accepted, as secrets that were mounted may be so.
Result<std::string> password_in(const std::string& file) {
  const Fd fd = Fd::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  std::array<char, 4096> text{};
  const ssize_t size = fd ? ::read(fd.get(), text.data(), text.size()) : -1;
  if (size < 0) {
    return fail(Failure::store, "cannot read the password in " + file + ": " + system_reason(errno));
  }
  const std::string_view all(text.data(), static_cast<std::size_t>(size));
  if (all.size() == text.size()) {
    return fail(Failure::store, "what is in " + file + " is too long for a password");
  }
  std::string_view line = all.substr(0, all.find('\n'));
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (line.empty()) {
    return fail(Failure::store, "there is no password in " + file, "its first line is the password");
  }
  return std::string(line);
}

}  // namespace

bool may_escape(const Options& options, int fd) {
  const char* terminal = std::getenv("TERM");
  return ::isatty(fd) != 0 && terminal != nullptr && *terminal != '\0' && terminal != std::string_view("dumb") &&
         !variable("NO_COLOR") && !options.has("--no-color") &&
         options.choice<ColorChoice>("--color") != ColorChoice::never;
}

Result<void> check_is_expanded(const std::string& database) {
  WEIR_TRY(redis::check_is_no_broken_url(database));  // checked first, as messages below repeat the name
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
  return format_of(output_choice(options).value_or(OutputChoice::lines));
}

bool asks_for_json(const Options& options) {
  const auto chosen = output_choice(options);
  return chosen && *chosen != OutputChoice::automatic && format_of(*chosen) == Format::lines;
}

Result<Settings> read_settings(const Options& options) {
  Settings settings;
  WEIR_ASSIGN(const OutputChoice output, output_choice(options));
  settings.format = format_of(output);
  settings.framing = framing_of(output);
  WEIR_TRY(read_columns(options, settings));
  WEIR_ASSIGN(settings.durability, options.choice<Durability>("--durability"));
  settings.lock_timeout = options.time("--lock-timeout").value_or(settings.lock_timeout);
  WEIR_ASSIGN(const auto color, options.choice<ColorChoice>("--color"));
  // Only tables have colours.
  settings.cursor = settings.format == Format::table && may_escape(options, STDOUT_FILENO);
  settings.color = (color == ColorChoice::always && !options.has("--no-color")) || settings.cursor;

  settings.utc = options.has("--utc");
  settings.password_file = options.text("--password-file");

  if (auto database = options.text("--db")) {
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

Result<std::string> server_password(const Settings& settings) {
  if (settings.password_file) {
    return password_in(*settings.password_file);
  }
  if (auto password = variable("WEIR_REDIS_PASSWORD")) {
    return std::move(*password);
  }
  if (const auto folder = variable("CREDENTIALS_DIRECTORY")) {
    const std::string file = *folder + "/weir-redis-password";
    if (::access(file.c_str(), F_OK) == 0) {
      return password_in(file);
    }
  }
  return variable("REDISCLI_AUTH").value_or("");
}

std::string database_elsewhere(const Settings& settings, bool password) {
  std::error_code failed;
  const std::string folder = std::filesystem::current_path(failed).string();
  const std::string& name = settings.database;
  if (redis::is_server(name)) {
    return redis::url_elsewhere(name, folder, password);
  }
  const std::string path = name.starts_with('/') ? name : folder + "/" + name;
  // The folder's name may have a $, too.
  return check_is_expanded(path) ? path : "/." + path;
}

Result<bool> names_server(const Settings& settings) {
  if (redis::is_server(settings.database)) {
    return true;
  }
  if (const std::string scheme(redis::url_scheme(settings.database)); !scheme.empty()) {
    return fail(Failure::usage, "there is no store at " + scheme + "://",
                "a server is redis://, rediss://, valkey://, valkeys:// or unix://; a file of that name is ./" +
                    scheme + "://…");
  }
  return false;
}

Result<std::unique_ptr<Store>> open_store(const Settings& settings, Access access, const std::atomic<bool>* hurry) {
  WEIR_ASSIGN(const bool server, names_server(settings));
  StoreOptions options{access, settings.durability, settings.lock_timeout, {}};
  if (server) {
    WEIR_ASSIGN(options.password, server_password(settings));
    return redis::open_redis_store(settings.database, options);
  }
  return sqlite::open_sqlite_store(settings.database, options, {settings.most_steps, &stop_signal(), hurry});
}

}  // namespace weir::cli
