// What a file says of itself, for `weir doctor`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "stream/id.h"
#include "stream/result.h"

namespace weir::sqlite {

struct Inside {
  bool read = false;     ///< false: its log has to be put in order first, as after a crash
  bool streams = false;  ///< whether there are weir's tables
  std::string made_by = {};
  std::string migrated_by = {};
  int version = 0;  ///< of the schema
  bool old = false;
  /// The latest time that an ID of a stream has, and of which stream; IDs that are no times of this century do not
  /// count.
  std::optional<std::int64_t> last_ms = {};
  std::string last_stream = {};
};

/// Looks into the file, and neither changes it nor makes a file beside it. Fails, as whoever opens it does, where it is
/// no database of weir's. Requires: it is there, and `path` is where symbolic links end.
Result<Inside> look_inside(const std::string& path);

/// Whether the SQLite that runs is older than the one that weir was built with.
bool is_older_than_built_with();
/// Of SQLite, when weir was built.
std::string built_with();

}  // namespace weir::sqlite
