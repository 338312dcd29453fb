// Programs that are not weir write when SQLite lets them: they wait for no turn.
#include <sqlite3.h>

#include <string>

#include "catch.h"
#include "faults/recording_vfs.h"
#include "sqlite/sqlite_store.h"
#include "support/messages.h"
#include "support/temp_dir.h"

namespace weir::test {

TEST_CASE("An append goes on from what another program wrote just after the last one's commit", "[other_program]") {
  const RecordingVfs vfs;
  const TempDir folder;
  const std::string path = folder.path("w.db");
  const auto store = sqlite::open_sqlite_store(path, StoreOptions{Access::make});
  REQUIRE(store);
  REQUIRE((*store)->run(message()));
  std::string said = "not called";
  RecordingVfs::at(RecordingVfs::Moment::after_commit, [&] {
    sqlite3* other = nullptr;
    sqlite3_open(path.c_str(), &other);
    sqlite3_exec(other, "INSERT INTO weir_inbox(stream, fields) VALUES ('s', '{\"k\":1}')", nullptr, nullptr, nullptr);
    said = sqlite3_errmsg(other);
    sqlite3_close(other);
  });
  REQUIRE((*store)->run(message()));
  REQUIRE(said == "not an error");
  REQUIRE((*store)->run(message()));
  const auto length = (*store)->run(Xlen{"s"});
  REQUIRE(length);
  CHECK(length->value == 4);
}

}  // namespace weir::test
