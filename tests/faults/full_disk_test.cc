// A full disk, and one that fails to sync: an error, and nothing that was reported is lost.
#include "catch.h"
#include "faults/recording_vfs.h"
#include "sqlite/sqlite_store.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

Xadd message() {
  Xadd add;
  add.stream = "s";
  add.fields = Fields::from_json("{\"text\":\"" + std::string(1000, 'x') + "\"}");
  return add;
}

}  // namespace

TEST_CASE("On a full disk the error says so, and what was reported as stored is stored", "[full_disk]") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  const RecordingVfs vfs;
  std::vector<Id> reported;
  {
    const auto store = open_sqlite_store(path, StoreOptions{});
    REQUIRE(store);
    RecordingVfs::set_space(300'000);
    const bool many = GENERATE(false, true);
    while (true) {
      const std::vector<Xadd> entries(many ? 50 : 1, message());
      const auto added = (*store)->append(entries, {});
      if (!added) {
        CHECK(added.error().failure == Failure::store);
        CHECK(added.error().message == path + ": the disk is full");
        break;
      }
      for (const auto& id : *added) {
        reported.push_back(id->value());
      }
    }
    CHECK(reported.size() >= 20);
    // Looking still works, and when there is room again so does adding, in the same process.
    CHECK((*store)->run(Xlen{"s"})->value == reported.size());
    RecordingVfs::set_space(-1);
    const auto id = (*store)->run(message());
    REQUIRE(id);
    reported.push_back(**id);
  }
  const auto store = open_sqlite_store(path, StoreOptions{});
  REQUIRE(store);
  const auto entries = (*store)->run(Xrange{"s", kMinId, kMaxId, false, std::nullopt});
  REQUIRE(entries);
  std::vector<Id> stored;
  for (const Entry& entry : entries->entries) {
    stored.push_back(entry.id);
  }
  CHECK(stored == reported);
}

TEST_CASE("An ID is not reported if its sync failed", "[full_disk]") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  const RecordingVfs vfs;
  const auto store = open_sqlite_store(path, StoreOptions{});
  REQUIRE(store);
  REQUIRE((*store)->run(message()));
  RecordingVfs::set_syncs_fail(true);
  const auto id = (*store)->run(message());
  REQUIRE_FALSE(id);
  CHECK(id.error().failure == Failure::store);
  RecordingVfs::set_syncs_fail(false);
  CHECK((*store)->run(message()));
}

}  // namespace weir::test
