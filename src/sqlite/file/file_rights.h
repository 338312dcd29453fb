// Whether all who may write a database can open a file beside it.
//
// weir's lock file, and SQLite's log and its index, are made by whoever comes first, and have to be written by
// everybody.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>

namespace weir::sqlite {

/// What of a file's mode counts here.
inline constexpr mode_t kReadAndWrite = 0666;

/// "ann", or "user 1001" where the system knows no name.
std::string user_name(uid_t user);

/// Whether this user can open what the group may. Root can open everything.
bool opens_as_group(uid_t user, gid_t group);

/// Whom a file of these rights shuts out, of those who may write the database; nothing: nobody.
std::optional<std::string> shut_out(const struct stat& file, const struct stat& database);

/// Whether the owner of a file beside the database may have made it: this user, root, the database's owner, and who may
/// write the database by its group or as anybody.
bool may_own(const struct stat& file, const struct stat& database);

/// The bits of the file's mode, for its group and for others, that let in somebody whom the database's do not.
mode_t excess_bits(const struct stat& file, const struct stat& database);

/// Whom those let in; nothing: nobody.
std::optional<std::string> let_in(const struct stat& file, const struct stat& database);

/// What gives the file at `path` the rights of the database, for root to type.
std::string mend_rights(const std::string& path, const struct stat& database);

}  // namespace weir::sqlite
