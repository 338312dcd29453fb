// The checks of `weir doctor` for a database that is a file. Each function checks one thing and tells what it finds. No
// function changes the database or leaves a file. All block as long as the file system does.
#pragma once

#include <optional>

#include "doctor/finding.h"
#include "doctor/place.h"
#include "sqlite/file/look_inside.h"
#include "system/mount.h"

namespace weir::doctor {

/// Checks that the name leads to one database, and that this database has no other name.
void check_names(const Place& place, const Tell& tell);

/// Checks whether this user may make files in the folder, and whether other users could replace the database.
void check_folder(const Place& place, const Tell& tell);

/// Whether the file system is in memory only, and never writes to a disk.
bool is_memory(const Mount& mount);
/// What a file system of this kind means for a database on it.
Finding judge_file_system(const Mount& mount);
void check_file_system(const Place& place, const Tell& tell);

/// Checks what is in the database, and who may write it. Returns what was read from the database.
std::optional<sqlite::Inside> check_database(const Place& place, const Tell& tell);
/// Checks whether every user who may write the database can write the lock file beside it.
void check_lock_file(const Place& place, const Tell& tell);
/// Checks the same for the log and its index, and the length of the log.
void check_log(const Place& place, const Tell& tell);

/// Checks the space on the disk for this user, and the largest file that a process may write.
void check_space(const Place& place, const Tell& tell);

/// Checks whether locks and mapped memory work between processes, and what a sync costs. Both use a file without a
/// name. Requires: place.may_make_files.
void try_locks(const Place& place, const Tell& tell);
void try_sync(const Place& place, const Tell& tell);

/// The clock, against what the file says.
void check_clock(const Place& place, const std::optional<sqlite::Inside>& inside, const Tell& tell);

}  // namespace weir::doctor
