// SQLite up to 3.51.2 has a fault ("WAL-reset bug"): who moves the log into the database while another begins it anew
// may note that of the new one, too, all is moved that the old one held. Then that is lost. See moving_lock.h.
#include <fcntl.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "faults/recording_vfs.h"
#include "sqlite/sqlite_store.h"
#include "stream/upkeep.h"
#include "support/messages.h"
#include "support/temp_dir.h"
#include "system/fd.h"

namespace weir::test {
namespace {

using Moment = RecordingVfs::Moment;

/// Another program on the same file.
class OtherProgram {
 public:
  explicit OtherProgram(const std::string& path) { sqlite3_open(path.c_str(), &db_); }
  ~OtherProgram() { sqlite3_close(db_); }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;

  void append() {
    run("INSERT INTO weir_inbox(stream, fields) VALUES ('s', '{\"k\":1}')");
    ++appended;
  }
  /// Whether all of it was.
  bool move_log() {
    int frames = 0;
    int moved = 0;
    return sqlite3_wal_checkpoint_v2(db_, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &moved) == SQLITE_OK &&
           frames == moved && moved > 0;
  }
  void run(const char* sql) { REQUIRE(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK); }

  int appended = 0;

 private:
  sqlite3* db_ = nullptr;
};

/// Many messages, so that the log is moved and begun anew again and again.
void append_many(Store& store, int& told) {
  constexpr int kMany = 3000;
  for (int i = 0; i < kMany; ++i) {
    const auto id = store.run(message());
    INFO((id ? "" : id.error().message));
    REQUIRE(id);
    ++told;
  }
}

void check_all_are_there(const std::string& path, std::uint64_t told) {
  const auto store = sqlite::open_sqlite_store(path, StoreOptions{});
  REQUIRE(store);
  const auto length = (*store)->run(Xlen{"s"});
  REQUIRE(length);
  CHECK(length->value == told);
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  std::string said;
  sqlite3_exec(
      db, "PRAGMA integrity_check",
      [](void* out, int, char** columns, char**) {
        *static_cast<std::string*>(out) += columns[0];
        return 0;
      },
      &said, nullptr);
  sqlite3_close(db);
  CHECK(said == "ok");
}

}  // namespace

TEST_CASE("Nothing is lost where weir moves a log that another begins anew in that moment", "[log_reset]") {
  constexpr std::uintmax_t kLong = 32 + std::uintmax_t{1024} * (24 + 4096);  // from here on weir moves it
  const RecordingVfs vfs;
  const TempDir folder;
  const std::string path = folder.path("w.db");
  int told = 0;
  {
    const auto one = sqlite::open_sqlite_store(path, StoreOptions{Access::make});
    REQUIRE(one);
    REQUIRE((*one)->run(message()));
    ++told;
    const auto another = sqlite::open_sqlite_store(path, StoreOptions{Access::make});
    REQUIRE(another);
    OtherProgram other(path);
    bool was_moved = false;
    while (!was_moved) {
      RecordingVfs::at(Moment::before_sync, [&] {
        if (std::filesystem::file_size(path + "-wal") < kLong) {
          return;
        }
        other.append();
        was_moved = other.move_log();
        RecordingVfs::at(Moment::moving_log_begins, [&] {
          REQUIRE((*another)->run(message()));
          ++told;
        });
      });
      REQUIRE((*one)->run(message()));
      ++told;
    }
    append_many(**one, told);
    told += other.appended;
  }
  check_all_are_there(path, static_cast<std::uint64_t>(told));
}

TEST_CASE("Nothing is lost where another program moves a log that weir begins anew in that moment", "[log_reset]") {
  const RecordingVfs vfs;
  const TempDir folder;
  const std::string path = folder.path("w.db");
  int told = 0;
  {
    StoreOptions options{Access::make};
    options.lock_timeout = std::chrono::milliseconds(20);
    const auto store = sqlite::open_sqlite_store(path, options);
    REQUIRE(store);
    OtherProgram other(path);
    OtherProgram mover(path);
    for (int i = 0; i < 100; ++i) {
      REQUIRE((*store)->run(message()));
      ++told;
    }
    mover.run("SELECT count(*) FROM weir_entries");
    other.append();
    REQUIRE(other.move_log());
    std::string said = "not called";
    RecordingVfs::at(Moment::moving_log_begins, [&] {
      const auto id = (*store)->run(message());
      said = id ? "appended" : id.error().message;
    });
    mover.move_log();
    CHECK_THAT(said, Catch::Matchers::ContainsSubstring(": busy: another program moves its log"));
    append_many(**store, told);
    told += other.appended;
  }
  check_all_are_there(path, static_cast<std::uint64_t>(told));
}

TEST_CASE("A backup, which keeps the log from being moved, is not waited for", "[log_reset]") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  StoreOptions options{Access::make};
  options.lock_timeout = std::chrono::milliseconds(0);
  const auto store = sqlite::open_sqlite_store(path, options);
  const auto from = sqlite::open_sqlite_store(path, options);
  REQUIRE(store);
  REQUIRE(from);
  REQUIRE((*store)->run(message()));
  OtherProgram other(path);
  other.append();
  REQUIRE(other.move_log());
  const Fd to = Fd::open(folder.path("b.db").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  bool is_appended = false;
  REQUIRE(dynamic_cast<Upkeep&>(**from).backup(to.get(), folder.path("b.db"), [&]() -> Result<void> {
    is_appended = is_appended || (*store)->run(message());
    return {};
  }));
  CHECK(is_appended);
}

TEST_CASE("Nothing is lost where two other programs had taken a new log for moved", "[log_reset]") {
  const RecordingVfs vfs;
  const TempDir folder;
  const std::string path = folder.path("w.db");
  int told = 0;
  {
    const auto store = sqlite::open_sqlite_store(path, StoreOptions{Access::make});
    REQUIRE(store);
    OtherProgram other(path);
    OtherProgram mover(path);
    for (int i = 0; i < 100; ++i) {
      REQUIRE((*store)->run(message()));
      ++told;
    }
    mover.run("SELECT count(*) FROM weir_entries");
    other.append();
    REQUIRE(other.move_log());
    bool was_called = false;
    RecordingVfs::at(Moment::moving_log_begins, [&] {
      was_called = true;
      other.run("CREATE TABLE new_log(x)");
    });
    mover.move_log();
    REQUIRE(was_called);
    append_many(**store, told);
    told += other.appended;
  }
  check_all_are_there(path, static_cast<std::uint64_t>(told));
}

}  // namespace weir::test
