// Reads what a file says of itself, for `weir doctor`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "stream/id.h"
#include "stream/result.h"

namespace weir::sqlite {

struct Inside {
  bool read = false;     ///< false: the file's log has to be recovered first, as after a crash
  bool streams = false;  ///< whether there are weir's tables
  std::string made_by = {};
  std::string migrated_by = {};
  int version = 0;  ///< of the schema
  bool old = false;
  /// The latest time in any stream's last ID, and that stream. IDs that are no times of this century do not count.
  std::optional<std::int64_t> last_ms = {};
  std::string last_stream = {};
};

/// Looks into the file without changing it, and makes no file beside it. Fails, as opening does, if the file is no
/// database of weir's. Requires: the file exists, and `path` ends with no symbolic link.
Result<Inside> look_inside(const std::string& path);

/// Whether the SQLite that runs is older than the one that weir was built with.
bool is_older_than_built_with();
/// The version of SQLite that weir was built with.
std::string built_with();

}  // namespace weir::sqlite
