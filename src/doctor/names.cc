// Checks that the database has only one name.
#include <sys/stat.h>

#include "doctor/file_checks.h"
#include "sqlite/database/failure.h"
#include "sqlite/file/file_names.h"
#include "sqlite/file/log_files.h"
#include "system/system_reason.h"
#include "text/shell_word.h"

namespace weir::doctor {
namespace {

constexpr std::string_view kNames = "names";

bool is_link(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

}  // namespace

void check_names(const Place& place, const Tell& tell) {
  if (place.error != 0) {
    tell({State::bad, kNames, place.path + ": " + system_reason(place.error),
          "look at the permissions of its folders, or name another file with --db"});
    return;
  }
  if (place.database && !S_ISREG(place.database->st_mode)) {
    tell({State::bad, kNames,
          place.path + (S_ISDIR(place.database->st_mode) ? ": is a folder" : ": is not a plain file"),
          "name a file with --db"});
    return;
  }
  bool well = true;
  if (const auto only = place.database ? sqlite::check_only_name(place.path) : Result<void>(); !only) {
    tell(bad(kNames, only.error()));
    well = false;
  }
  if (const auto length = sqlite::check_length(place.path); !length) {
    tell(bad(kNames, length.error()));
    well = false;
  }
  if (const auto files = sqlite::check_log_files(place.path); !files) {
    tell(bad(kNames, files.error()));
    well = false;
  }
  for (const char* suffix : {"-wal", "-shm", "-lock"}) {
    if (const std::string path = place.path + suffix; is_link(path)) {
      tell({State::bad, kNames, path + ": is a symbolic link, which is refused", "rm " + shell_word(path)});
      well = false;
    }
  }
  if (well) {
    tell({State::ok, kNames, is_link(place.given) ? place.path + ", to which " + place.given + " leads" : place.path});
  }
}

void check_folder(const Place& place, const Tell& tell) {
  constexpr std::string_view kFolder = "folder";
  struct stat folder {};
  if (stat(place.folder.c_str(), &folder) != 0) {
    return;
  }
  const bool sticky = (folder.st_mode & S_ISVTX) != 0;
  if (!place.may_make_files && !place.is_read_only && !place.database) {
    tell({State::bad, kFolder, place.folder + ": this user cannot make files in it",
          "name a database in another folder with --db, or have its owner make one here"});
  } else if (!place.may_make_files && !place.is_read_only) {
    tell({State::warning, kFolder,
          place.folder + ": this user cannot make files in it, so locks and the cost of a sync were not tried",
          "to write, let this user write the folder too: SQLite keeps its log there"});
  } else if ((folder.st_mode & S_IWOTH) != 0 && !sticky && place.has_folder) {
    tell({State::warning, kFolder,
          place.folder + ": everybody may write it, and put another file in the place of the database",
          "chmod o-w " + shell_word(place.folder)});
  } else if ((folder.st_mode & S_IWOTH) != 0 && place.has_folder) {
    tell({State::warning, kFolder,
          place.folder + ": everybody may make files in it, and so keep weir from making those beside the database",
          "use a folder that only those may write who use the database"});
  } else if (!place.has_folder) {
    tell({State::ok, kFolder, "is not there yet; the first weir xadd makes it, in " + place.folder});
  } else {
    tell({State::ok, kFolder, place.folder});  // if it is read-only, the finding on the file system says so
  }
}

}  // namespace weir::doctor
