#include "sqlite/file/old_log.h"

#include <fmt/format.h>

#include "sqlite/file/log_content.h"
#include "sqlite/file/rest_record.h"

namespace weir::sqlite {
namespace {

bool is_same_file(const FileMark& then, const FileMark& now) {
  // Inode numbers are used again once a file is gone, and some file systems assign them anew at every mount.
  return then.born != 0 && now.born != 0 ? then.born == now.born : then.inode == now.inode;
}

bool may_be_replaced(const RestRecord& rest, const FileMark& file, const FileMark& log) {
  if (rest.log.inode != log.inode || !is_same_file(rest.log, log)) {
    return false;
  }
  const bool log_is_as_it_was = rest.log.size == log.size && rest.log.written == log.written;
  if (!is_same_file(rest.database, file)) {
    return log_is_as_it_was || rest.log.born != 0;
  }
  if (!log_is_as_it_was || (rest.database.size == file.size && rest.database.written == file.written)) {
    return false;
  }
  // The file was written to, though every write goes to the log first. Only after loss of power may the file be older
  // than it was.
  return file.written > rest.database.written || (rest.database.device == file.device && rest.is_of_this_run());
}

tl::unexpected<Error> replaced(const std::string& path) {
  return fail(Failure::store,
              fmt::format("{0}: another file was put in the place of the one that {0}-wal belongs to", path),
              fmt::format("to use this file, move {0}-wal and {0}-shm away; or put the one before back", path));
}

}  // namespace

Result<void> check_log_is_its_own(const Database& db, const LockFile& lock_file) {
  const std::string path = db.path();
  while (true) {
    const auto log = FileMark::of(path + "-wal");
    const auto file = FileMark::of(path);
    // SQLite itself clears the log that it finds beside an empty file.
    if (!log || !file || log->size == 0 || file->size == 0) {
      return {};
    }
    const auto rest = RestRecord::read(lock_file.fd());
    if (!rest || !may_be_replaced(*rest, *file, *log)) {
      return {};
    }
    if (is_log_in_database(db.handle())) {
      // The log may stay: from now on it and this database belong together.
      RestRecord{*file, *log, LogEnd{}, rest->run}.write(lock_file.fd());
      return {};
    }
    // Other processes may have changed both files while we compared them.
    if (FileMark::of(path) == file && FileMark::of(path + "-wal") == log) {
      return replaced(path);
    }
  }
}

}  // namespace weir::sqlite
