// A folder for one test, on a disk, removed at its end.
#pragma once

#include <filesystem>
#include <string>

namespace weir::test {

/// Lives in the build tree, not in /tmp: that may be tmpfs, where neither syncs nor late wake-ups show.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string path(const std::string& name = {}) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace weir::test
