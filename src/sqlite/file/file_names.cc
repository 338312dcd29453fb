#include "sqlite/file/file_names.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

namespace weir::sqlite {
namespace {

tl::unexpected<Error> hard_link(const std::string& path) {
  return fail(Failure::store, fmt::format("{}: has a second name (a hard link)", path),
              "each name would get a write-ahead log of its own, and messages would be lost: find the other name with "
              "find -samefile and remove it");
}

}  // namespace

Result<void> check_name(const std::string& path) {
  if (path == ":memory:") {
    return fail(Failure::usage, "':memory:' is a database that is gone when the command ends",
                "name a file; a file of that name is ./:memory:");
  }
  if (path.starts_with("file:")) {
    return fail(Failure::usage, fmt::format("'{}' is a URI; a database is named by its path", path),
                fmt::format("leave out file:, or write ./{} for a file of that name", path));
  }
  return {};
}

std::string end_of_links(const std::string& path) {
  constexpr int kMostLinks = 40;  // the kernel's own limit
  std::filesystem::path name = path;
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code failed;
    const auto target = std::filesystem::read_symlink(name, failed);
    if (failed) {
      break;
    }
    name = name.parent_path() / target;
  }
  return name.string();
}

Result<void> check_only_name(const std::string& path) {
#ifdef STATX_ATTR_MOUNT_ROOT
  struct statx file {};
  if (statx(AT_FDCWD, path.c_str(), 0, STATX_NLINK, &file) == 0) {
    if ((file.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) {
      return fail(Failure::store,
                  fmt::format("{}: is mounted here as a single file, without its write-ahead log", path),
                  "messages would be lost: mount the folder that it is in");
    }
    return file.stx_nlink > 1 ? hard_link(path) : Result<void>();
  }
#endif
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && status.st_nlink > 1) {
    return hard_link(path);
  }
  return {};
}

}  // namespace weir::sqlite
