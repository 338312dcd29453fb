// Programs other than weir write when SQLite lets them, and wait for no turn.
#include <sqlite3.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "catch.h"
#include "faults/recording_vfs.h"
#include "sqlite/sqlite_store.h"
#include "support/messages.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

/// Another program adds a message as soon as this one has ended a transaction. "not an error": it was done.
std::string after_next(const std::string& path, const std::function<bool()>& act) {
  std::string said = "not called";
  RecordingVfs::at(RecordingVfs::Moment::after_commit, [&] {
    sqlite3* other = nullptr;
    sqlite3_open(path.c_str(), &other);
    sqlite3_exec(other, "INSERT INTO weir_inbox(stream, fields) VALUES ('s', '{\"k\":1}')", nullptr, nullptr, nullptr);
    said = sqlite3_errmsg(other);
    sqlite3_close(other);
  });
  return act() ? said : "refused";
}

/// A database that has one message, open.
struct OneMessage {
  RecordingVfs vfs;
  TempDir folder;
  std::string path = folder.path("w.db");
  std::unique_ptr<Store> store;
  OneMessage() {
    auto opened = sqlite::open_sqlite_store(path, StoreOptions{Access::make});
    REQUIRE(opened);
    store = std::move(*opened);
    REQUIRE(store->run(message()));
  }
};

}  // namespace

TEST_CASE("An append goes on from what another program wrote just after the last one's commit", "[other_program]") {
  const OneMessage database;
  REQUIRE(after_next(database.path, [&] { return database.store->run(message()).has_value(); }) == "not an error");
  REQUIRE(database.store->run(message()));
  const auto length = database.store->run(Xlen{"s"});
  REQUIRE(length);
  CHECK(length->value == 4);
}

TEST_CASE("Nor is it misled where the last transaction had nothing to commit", "[other_program]") {
  const OneMessage database;
  Xadd to_none = message();
  to_none.stream = "none";
  to_none.make_stream = false;
  REQUIRE(after_next(database.path, [&] { return database.store->run(to_none).has_value(); }) == "not an error");
  const auto id = database.store->run(message());
  INFO((id ? "" : id.error().message));
  CHECK(id);
}

}  // namespace weir::test
