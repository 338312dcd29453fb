// What a database may be called.
//
// SQLite names the write-ahead log after the name that the database was opened by. A file with two names has two logs,
// and who writes by one name does not see what was written by the other: messages are lost. So a database has one name.
// (Symbolic links are no second name: SQLite follows them first.)
#pragma once

#include <string>

#include "stream/result.h"

namespace weir::sqlite {

/// Refuses what SQLite would not take for the path of a file: `:memory:` and `file:…`.
Result<void> check_name(const std::string& path);

/// Where a chain of symbolic links ends, whether there is a file or not.
std::string end_of_links(const std::string& path);

/// Refuses a file that has a hard link, or is mounted by itself somewhere else. Requires: it is there.
Result<void> check_only_name(const std::string& path);

}  // namespace weir::sqlite
