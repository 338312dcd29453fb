#include "doctor/place.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "sqlite/file/file_names.h"

namespace weir::doctor {

Place place_of(const std::string& given) {
  namespace fs = std::filesystem;
  Place place;
  place.given = given;
  std::error_code failed;
  const fs::path end = fs::absolute(sqlite::end_of_links(given), failed);
  struct stat status {};
  if (stat(end.c_str(), &status) == 0) {
    place.database = status;
  } else if (errno != ENOENT) {
    place.error = errno;
  }
  fs::path folder = end.parent_path();
  place.has_folder = fs::is_directory(folder, failed);
  while (!fs::is_directory(folder, failed) && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  const fs::path real = fs::canonical(folder, failed);
  place.folder = failed ? folder.string() : real.string();
  place.path = failed || !place.has_folder ? end.string() : (real / end.filename()).string();
  place.may_make_files = faccessat(AT_FDCWD, place.folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
  struct statvfs system {};
  place.is_read_only = statvfs(place.folder.c_str(), &system) == 0 && (system.f_flag & ST_RDONLY) != 0;
  return place;
}

}  // namespace weir::doctor
