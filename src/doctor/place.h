// Where a database is, or would be.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

namespace weir::doctor {

struct Place {
  std::string given;        ///< as the user named it
  std::string path;         ///< where links end: absolute, as far as folders are there without symbolic links
  std::string folder;       ///< the database's, or the nearest one above it that is there
  bool has_folder = false;  ///< whether that is the database's own
  std::optional<struct stat> database;  ///< nothing: it is not there, or cannot be looked at
  int error = 0;                        ///< an errno: why it cannot be looked at; 0: it is not there
  bool may_make_files = false;          ///< whether this user can, in `folder`
  bool is_read_only = false;            ///< the file system, for everybody
};

Place place_of(const std::string& given);

}  // namespace weir::doctor
