// SQLite up to 3.51.2 has a fault ("WAL-reset bug"): a process that moves the log into the database while another
// begins the log anew may mark as much of the new log as moved as the old log held. That part is then lost. See
// log_moving.h.
#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "catch.h"
#include "faults/recording_vfs.h"
#include "sqlite/sqlite_store.h"
#include "stream/upkeep.h"
#include "support/messages.h"
#include "support/temp_dir.h"

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
  void run_if_possible(const char* sql) { sqlite3_exec(db_, sql, nullptr, nullptr, nullptr); }
  void run(const char* sql) { REQUIRE(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK); }

  int appended = 0;

 private:
  sqlite3* db_ = nullptr;
};

constexpr std::uintmax_t kLong = 32 + std::uintmax_t{1024} * (24 + 4096);  ///< from here on weir moves the log

void append_one(Store& store, int& told) {
  const auto id = store.run(message());
  INFO((id ? "" : id.error().message));
  REQUIRE(id);
  ++told;
}

void append_some(Store& store, int& told) {
  constexpr int kSome = 300;
  for (int i = 0; i < kSome; ++i) {
    append_one(store, told);
  }
}

/// So that the log is moved and begun anew again and again.
void append_many(Store& store, int& told) {
  constexpr int kMany = 3000;
  for (int i = 0; i < kMany; ++i) {
    append_one(store, told);
  }
}

void check_all_are_there(const std::string& path, int told) {
  const auto store = sqlite::open_sqlite_store(path, StoreOptions{});
  REQUIRE(store);
  // Its length would be a number that stands in a row.
  const auto all = (*store)->run(Xrange{"s", kMinId, kMaxId, false, std::nullopt});
  REQUIRE(all);
  CHECK(all->entries.size() == static_cast<std::size_t>(told));
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
  const bool is_moved_late = GENERATE(false, true);
  const RecordingVfs vfs;
  const TempDir folder;
  const std::string path = folder.path("w.db");
  int told = 0;
  {
    const auto one = sqlite::open_sqlite_store(path, StoreOptions{Access::make});
    REQUIRE(one);
    append_one(**one, told);
    const auto another = sqlite::open_sqlite_store(path, StoreOptions{Access::make});
    REQUIRE(another);
    OtherProgram other(path);
    const auto move_all = [&] {
      other.append();
      REQUIRE(other.move_log());
      RecordingVfs::at(Moment::moving_log_begins,
                       [&] { is_moved_late ? other.append() : append_one(**another, told); });
    };
    bool was_moved = false;
    while (!was_moved) {
      RecordingVfs::at(Moment::before_sync, [&] {
        if (std::filesystem::file_size(path + "-wal") < kLong) {
          return;
        }
        was_moved = true;
        if (is_moved_late) {
          RecordingVfs::at(Moment::before_moving_log, move_all);
        } else {
          move_all();
        }
      });
      append_one(**one, told);
    }
    append_many(**one, told);
    told += other.appended;
  }
  check_all_are_there(path, told);
}

TEST_CASE("Nothing is lost where weir empties the log as another program begins it anew", "[log_reset]") {
  const RecordingVfs vfs;
  const TempDir folder;
  const std::string path = folder.path("w.db");
  int told = 0;
  {
    std::optional<OtherProgram> other;
    {
      const auto store = sqlite::open_sqlite_store(path, StoreOptions{Access::make});
      REQUIRE(store);
      append_some(**store, told);
      other.emplace(path);
      other->append();
      REQUIRE(other->move_log());
      other->run("BEGIN IMMEDIATE");
      other->append();
      RecordingVfs::at(Moment::moving_log_begins, [&] { other->run("COMMIT"); });
    }
    RecordingVfs::at(Moment::moving_log_begins, [] {});
    other->run_if_possible("COMMIT");
    for (int i = 0; i < 400; ++i) {
      other->append();
    }
    const auto store = sqlite::open_sqlite_store(path, StoreOptions{Access::make});
    REQUIRE(store);
    append_many(**store, told);
    told += other->appended;
  }
  check_all_are_there(path, told);
}

TEST_CASE("Nothing is lost where another program moves a log that weir would begin anew", "[log_reset]") {
  const auto way = GENERATE(as<std::string>(), "append", "compact");
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
    append_some(**store, told);
    mover.run("SELECT count(*) FROM weir_entries");
    other.append();
    REQUIRE(other.move_log());
    bool was_there = false;
    RecordingVfs::at(Moment::moving_log_begins, [&] {
      was_there = true;
      if (way == "append") {
        append_one(**store, told);  // nobody waits for anything
      } else {
        dynamic_cast<Upkeep&>(**store).compact(true, [] {});
      }
    });
    mover.move_log();
    REQUIRE(was_there);
    append_many(**store, told);
    told += other.appended;
  }
  check_all_are_there(path, told);
}

}  // namespace weir::test
