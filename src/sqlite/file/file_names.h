// Which names a database may have.
//
// SQLite names the write-ahead log after the name that the database was opened by. A file with two names has two logs,
// and a process that uses one name does not see what was written under the other: messages are lost. So a database has
// only one name. (Symbolic links are no second name: SQLite follows them first.)
#pragma once

#include <string>

#include "stream/result.h"

namespace weir::sqlite {

/// Refuses names that SQLite does not take for the path of a file: `:memory:` and `file:…`.
Result<void> check_name(const std::string& path);

/// The path at the end of a chain of symbolic links, whether or not a file is there.
std::string end_of_links(const std::string& path);

/// Refuses a file that has a second hard link, or is mounted as a single file. Requires: the file exists.
Result<void> check_only_name(const std::string& path);

}  // namespace weir::sqlite
