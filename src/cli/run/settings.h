// What the global options and the environment say.
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

/// What becomes of JSON lines on their way out.
enum class Framing { none, array, tsv, csv };

/// Whether an error that is a reply of Redis's goes to standard output, as a reply.
inline bool errors_are_replies(Format format) {
  return format == Format::redis || format == Format::resp || format == Format::resp3;
}

struct Settings {
  std::string database;
  Format format = Format::lines;
  Framing framing = Framing::none;  ///< of lines
  std::vector<std::string> fields;  ///< the columns of TSV and CSV; none: the usual ones
  bool header = true;               ///< above the columns
  Durability durability = Durability::full;
  std::chrono::milliseconds lock_timeout{30'000};
  std::uint64_t most_steps = 0;  ///< of a file: see sqlite::FileLimits
  bool color = false;            ///< for standard output
  bool cursor = false;           ///< whether standard output is a terminal that may be sent escape sequences
  bool utc = false;              ///< times in tables
  std::optional<std::string> password_file;  ///< that of a server is in it
};

/// Whether escape sequences may go to the terminal that `fd` is, if it is one: not with --color never, NO_COLOR or
/// a TERM that is `dumb` or not known.
bool may_escape(const Options& options, int fd);

/// Fails with `Failure::usage` where a database's name was meant for a shell, which would have put something in the
/// place of its `~` or `$NAME`: as it is, it would name a file of that name. `./` before it says that it is meant.
/// Likewise where it was meant for a server's URL.
Result<void> check_is_expanded(const std::string& database);

/// Fails with `Failure::usage`.
Result<Settings> read_settings(const Options& options);

/// The format alone, for errors that come before everything else is known; `lines` if it is not a format.
Format read_format(const Options& options);
/// Whether it is JSON because somebody said so. (It is what is printed where nothing is said.)
bool asks_for_json(const Options& options);

/// The database's name for a process that may be in another folder. That of a server has its password only if
/// `password` says so.
std::string database_elsewhere(const Settings& settings, bool password);

/// Whether the database is a server; else it is a file. A URL of another kind is a usage error.
Result<bool> names_server(const Settings& settings);

/// For a server whose URL has none: of --password-file and what else may have it; empty: there is none. Fails where a
/// file that should have it cannot be read.
Result<std::string> server_password(const Settings& settings);

/// Opens the engine that the database's name asks for. A URL of another kind is a usage error.
/// `hurry`: see sqlite::FileLimits.
Result<std::unique_ptr<Store>> open_store(const Settings& settings, Access access,
                                          const std::atomic<bool>* hurry = nullptr);

}  // namespace weir::cli
