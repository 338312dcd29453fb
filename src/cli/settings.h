// What the global options and the environment say.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "cli/options.h"
#include "stream/store.h"
#include "util/result.h"

namespace weir::cli {

enum class Format { lines, table, redis, resp };

/// Whether an error that is a reply of Redis's goes to standard output, as a reply.
inline bool errors_are_replies(Format format) {
  return format == Format::redis || format == Format::resp;
}

struct Settings {
  std::string database;
  Format format = Format::lines;
  Durability durability = Durability::full;
  std::chrono::milliseconds lock_timeout{30'000};
  std::uint64_t most_steps = 0;  ///< see StoreOptions
  bool color = false;            ///< for standard output
  bool utc = false;              ///< times in tables
};

/// Fails with `Failure::usage`.
Result<Settings> read_settings(const Options& options);

/// The format alone, for errors that come before everything else is known; `lines` if it is not a format.
Format read_format(const Options& options);

/// Opens the engine that the database's name asks for. A URL of another kind is a usage error.
Result<std::unique_ptr<Store>> open_store(const Settings& settings, Access access);

}  // namespace weir::cli
