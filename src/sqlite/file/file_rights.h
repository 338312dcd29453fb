// Whether all who may write a database can open a file beside it.
//
// The first process makes weir's lock file, and SQLite's log and its index; all who use the database have to write
// them.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>

namespace weir::sqlite {

/// The bits of a file's mode that count here.
inline constexpr mode_t kReadAndWrite = 0666;

/// "ann", or "user 1001" where the system knows no name.
std::string user_name(uid_t user);

/// Whether `user` can open files that are open to `group`. Root can open every file.
bool opens_as_group(uid_t user, gid_t group);

/// Who may write the database, but cannot open a file with these rights; nothing: nobody.
std::optional<std::string> shut_out(const struct stat& file, const struct stat& database);

/// Whether the owner of a file beside the database is one who may make such a file: this user, root, the database's
/// owner, or a user who may write the database as a member of its group or as anybody.
bool may_own(const struct stat& file, const struct stat& database);

/// The bits of the file's mode, for its group and for others, that let in people whom the database's mode does not.
mode_t excess_bits(const struct stat& file, const struct stat& database);

/// Whom those bits let in; nothing: nobody.
std::optional<std::string> let_in(const struct stat& file, const struct stat& database);

/// The command by which root gives the file at `path` the rights of the database.
std::string mend_rights(const std::string& path, const struct stat& database);

}  // namespace weir::sqlite
