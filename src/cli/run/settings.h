// The settings from the global options and the environment.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments/given_options.h"
#include "stream/result.h"
#include "stream/store.h"

namespace weir::cli {

enum class Format { lines, table, redis, resp, resp3 };

/// How JSON lines are written.
enum class Framing { none, array, tsv, csv };

/// Whether an error of Redis goes to standard output, as a reply.
inline bool errors_are_replies(Format format) {
  return format == Format::redis || format == Format::resp || format == Format::resp3;
}

struct Settings {
  std::string database;
  Format format = Format::lines;
  Framing framing = Framing::none;  ///< how lines are framed
  std::vector<std::string> fields;  ///< the columns of TSV and CSV; none: the usual ones
  bool header = true;               ///< a line with the names of the columns
  Durability durability = Durability::full;
  std::chrono::milliseconds lock_timeout{30'000};
  std::uint64_t most_steps = 0;  ///< for a file: see sqlite::FileLimits
  bool color = false;            ///< colours on standard output
  bool cursor = false;           ///< whether standard output is a terminal to which escape sequences may be sent
  bool utc = false;              ///< times in tables are UTC
  std::optional<std::string> password_file;  ///< the file that has the password of the server
};

/// Whether escape sequences may be sent to the terminal `fd`, if it is one. Not with --color never, with NO_COLOR, or
/// if TERM is `dumb` or unknown.
bool may_escape(const Options& options, int fd);

/// Fails with `Failure::usage` if the name was meant for a shell, which would have replaced its `~` or `$NAME`: taken
/// literally, it would name a file. `./` in front says that it is meant literally. Also fails if the name was meant as
/// a server's URL.
Result<void> check_is_expanded(const std::string& database);

/// Fails with `Failure::usage`.
Result<Settings> read_settings(const Options& options);

/// Only the format, for errors that come before the other settings are known; `lines` if the given format is wrong.
Format read_format(const Options& options);
/// Whether the user asked for JSON. (JSON is also the default.)
bool asks_for_json(const Options& options);

/// The name of the database for a process that may run in another folder. Includes a server's password only if
/// `password` is true.
std::string database_elsewhere(const Settings& settings, bool password);

/// Whether the database is a server; else it is a file. Any other URL is a usage error.
Result<bool> names_server(const Settings& settings);

/// The password for a server whose URL has none: from --password-file or elsewhere; empty: there is none. Fails if the
/// password file cannot be read.
Result<std::string> server_password(const Settings& settings);

/// Opens the store with the engine that the database's name implies. An unknown kind of URL is a usage error. `hurry`:
/// see sqlite::FileLimits.
Result<std::unique_ptr<Store>> open_store(const Settings& settings, Access access,
                                          const std::atomic<bool>* hurry = nullptr);

}  // namespace weir::cli
