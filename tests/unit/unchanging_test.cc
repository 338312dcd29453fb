// A database beside which no file can be made: its reader learns that another process wrote meanwhile.
#include "sqlite/file/unchanging.h"

#include <filesystem>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

std::unique_ptr<Store> with_message(const std::string& path) {
  auto store = sqlite::open_sqlite_store(path, {Access::make, Durability::normal, std::chrono::milliseconds(1000)});
  REQUIRE(store);
  Xadd add;
  add.stream = "s";
  add.fields = Fields::from_json("{\"n\":1}");
  REQUIRE((*store)->run(add));
  return std::move(*store);
}

}  // namespace

TEST_CASE("Whoever reads a file as it lies there learns that somebody has written") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  with_message(path);
  std::filesystem::remove(path + "-wal");
  std::filesystem::remove(path + "-shm");
  CHECK_FALSE(sqlite::Unchanging::is(path));  // its log can be made
  const auto unchanging = sqlite::Unchanging::open(path);
  REQUIRE(unchanging);
  CHECK(unchanging->check());
  with_message(path);
  CHECK_FALSE(unchanging->check());
  CHECK_FALSE(sqlite::Unchanging::open(path));  // there is a log
}

TEST_CASE("A file that was renamed while it was in use is not read as it lies there") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  const auto store = with_message(path);
  const std::string other = folder.path("other.db");
  std::filesystem::rename(path, other);
  const auto unchanging = sqlite::Unchanging::open(other);
  REQUIRE_FALSE(unchanging);
  CHECK(unchanging.error().message.find("is open") != std::string::npos);
}

}  // namespace weir::test
