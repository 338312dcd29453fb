#include "system/folder_mark.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "catch.h"
#include "support/temp_dir.h"
#include "support/wait.h"

namespace weir::test {
namespace {

/// The mark of a folder once it has not changed for a while.
FolderMark settled(const std::string& folder) {
  std::optional<FolderMark> mark;
  REQUIRE(soon([&] { return (mark = folder_mark(folder)).has_value(); }));
  return *mark;
}

}  // namespace

TEST_CASE("A folder's mark stays while its files are written, and changes when a name does", "[folder_mark]") {
  const TempDir folder;
  if (!keeps_folder_marks(folder.path())) {
    WARN("skipped: this file system is not known to keep them");
    return;
  }
  const std::string file = folder.path("file");
  std::ofstream(file) << "one";
  CHECK_FALSE(folder_mark(folder.path()));  // the next change could have the same time
  const FolderMark before = settled(folder.path());
  std::ofstream(file) << "two";
  CHECK(folder_mark(folder.path()) == before);
  std::filesystem::rename(file, folder.path("other"));
  CHECK(folder_mark(folder.path()) != before);
  std::filesystem::rename(folder.path("other"), file);
  CHECK(settled(folder.path()) != before);
}

TEST_CASE("A folder that is gone has no mark", "[folder_mark]") {
  CHECK_FALSE(folder_mark("/no/such/folder"));
  CHECK_FALSE(keeps_folder_marks("/no/such/folder"));
}

}  // namespace weir::test
