// Makes `FILE-lock`, and checks whether an existing one can be used.
//
// The file is completed while it has no name (or another name), with the database's owner, group and mode, and then
// linked into its place. So no other process meets a half-made file, and a process that is killed in between leaves
// nothing behind.
#pragma once

#include <sys/types.h>

#include <string>

#include "stream/result.h"
#include "system/fd.h"

namespace weir::sqlite {

/// Opens the lock file, or makes it. Allocates the whole file, so that a full disk is noticed here and not in the
/// middle of a write. Refuses a file whose owner may not write the database, since that user could hold everybody up,
/// and a link to another file, since weir would write to that file.
Result<Fd> open_lock_file(const std::string& path, const std::string& database_path);

/// Allocates the file up to this length. Returns an errno, or 0.
int enlarge_lock_file(int fd, off_t bytes);

/// Whether `open_lock_file` would succeed, for this user and for all who may write the database. Makes and changes
/// nothing: if there is no lock file, only tries whether it could be made. Requires: the database exists.
Result<void> check_lock_file(const std::string& path, const std::string& database_path);

}  // namespace weir::sqlite
