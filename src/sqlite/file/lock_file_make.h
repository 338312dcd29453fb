// How `FILE-lock` comes to be, and whether the one that is there will do.
//
// It is made complete under no name (or under another one), with the database's owner, group and mode, and then linked
// into its place. So no other process meets half of it, and whoever is killed in between leaves nothing behind.
#pragma once

#include <sys/types.h>

#include <string>

#include "stream/result.h"
#include "system/fd.h"

namespace weir::sqlite {

/// Opens the file, or makes it. All of it is allocated then: a full disk is noticed here, and not in the
/// middle of a write. Refuses one of an owner who has no right to write the database, who could hold everybody up, and
/// one that is a link to another file, which would be written.
Result<Fd> open_lock_file(const std::string& path, const std::string& database_path);

/// So that all of this length is allocated. Returns an errno, or 0.
int enlarge_lock_file(int fd, off_t bytes);

/// Whether `open_lock_file` would succeed, for this user and for whoever may write the database. Makes and changes
/// nothing; where there is none, it is only tried whether one could be made. Requires: the database is there.
Result<void> check_lock_file(const std::string& path, const std::string& database_path);

}  // namespace weir::sqlite
