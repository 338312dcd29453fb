// The log of a database that is no longer there under its name.
#pragma once

#include <string>

#include "stream/result.h"

namespace weir::sqlite {

/// Whether a database may be put at `path`, where there is none: nothing lies there that SQLite or weir would take for
/// its own. Who only looked at the one before leaves a log of no length, which is nobody's: the next to open it makes
/// its index anew. `database`: the one that this process has open; its files are not touched.
Result<void> check_left_log(const std::string& path, const std::string& database);

}  // namespace weir::sqlite
