// What `weir doctor` looks at where a database is a file. Each function is one matter and tells what it finds; none of
// them changes the database or leaves a file. All block for as long as the file system does.
#pragma once

#include <optional>

#include "doctor/finding.h"
#include "doctor/place.h"
#include "sqlite/file/look_inside.h"
#include "system/mount.h"

namespace weir::doctor {

/// Whether the name leads to one database, and to no other by another name.
void check_names(const Place& place, const Tell& tell);

/// Whether this user may make files in the folder, and whether others could replace the database.
void check_folder(const Place& place, const Tell& tell);

/// Whether nothing on it ever reaches a disk.
bool is_memory(const Mount& mount);
/// What a file system of this kind means for a database on it.
Finding judge_file_system(const Mount& mount);
void check_file_system(const Place& place, const Tell& tell);

/// What is in the file, and who may write it. Returns what was read of it.
std::optional<sqlite::Inside> check_database(const Place& place, const Tell& tell);
/// Whether everybody who may write the database can write the lock file beside it.
void check_lock_file(const Place& place, const Tell& tell);
/// Likewise the log and its index; and how long the log is.
void check_log(const Place& place, const Tell& tell);

/// Room on the disk for this user, and the largest file that a process may write.
void check_space(const Place& place, const Tell& tell);

/// Whether locks and mapped memory hold between processes, and what a sync costs, both on a file without a name.
/// Requires: place.may_make_files.
void try_locks(const Place& place, const Tell& tell);
void try_sync(const Place& place, const Tell& tell);

/// The clock, against what the file says.
void check_clock(const Place& place, const std::optional<sqlite::Inside>& inside, const Tell& tell);

}  // namespace weir::doctor
