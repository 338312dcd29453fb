// The place where a database is, or would be.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

namespace weir::doctor {

struct Place {
  std::string given;                    ///< as the user named it
  std::string path;                     ///< absolute, with links resolved, as far as the folders exist
  std::string folder;                   ///< the database's folder, or the nearest existing one above
  bool has_folder = false;              ///< whether `folder` is the database's own
  std::optional<struct stat> database;  ///< nothing: the file does not exist, or stat failed
  int error = 0;                        ///< the errno of the failed stat; 0: the file does not exist
  bool may_make_files = false;          ///< whether this user may make files in `folder`
  bool is_read_only = false;            ///< the file system is read-only for everybody
};

Place place_of(const std::string& given);

}  // namespace weir::doctor
