// A message that was reported under --durability full is there after loss of power, whenever the power fails.
#include <sqlite3.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <latch>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "catch.h"
#include "faults/recording_vfs.h"
#include "sqlite/sqlite_store.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

using sqlite::open_sqlite_store;

/// Something a caller was told, and how many disk operations there had been by then.
struct Report {
  std::size_t operations;
  Id id;
};

struct Told {
  std::vector<Report> added;
  std::vector<Report> acknowledged;
};

/// Always the same, unless another beginning is asked for: WEIR_POWER_SEED.
unsigned long long seed() {
  const char* given = std::getenv("WEIR_POWER_SEED");
  return given == nullptr ? 20240229 : std::strtoull(given, nullptr, 10);
}

Xadd message(const std::string& stream, std::size_t length) {
  Xadd add;
  add.stream = stream;
  add.fields = Fields::from_json("{\"text\":\"" + std::string(length, 'x') + "\"}");
  return add;
}

/// Two writers in turn, with groups, checkpoints of another program, and a close in the middle.
Told work_on(const std::string& path, Durability durability, const RecordingVfs& vfs) {
  Told told;
  std::mt19937_64 random(seed());
  const auto long_or_short = [&random](bool is_long) { return 1 + random() % (is_long ? 18'000 : 160); };
  const StoreOptions options{Access::make, durability, std::chrono::milliseconds(1000)};
  for (int session = 0; session < 3; ++session) {
    auto first = open_sqlite_store(path, options);
    auto second = open_sqlite_store(path, options);
    REQUIRE(first);
    REQUIRE(second);
    XgroupCreate group{"s", "g", kMinId, true, std::nullopt, true};
    REQUIRE((*first)->run(group));
    for (int i = 0; i < 24; ++i) {
      Store& writer = i % 2 == 0 ? **first : **second;
      const auto id = writer.run(message("s", long_or_short(i % 5 == 0)));
      REQUIRE(id);
      told.added.push_back({vfs.operations().size(), **id});
      if (i % 3 == 2) {
        Xreadgroup read{"g", "c", {{"s", std::nullopt}}, 1, std::nullopt, false};
        const auto entries = writer.run(read);
        REQUIRE(entries);
        const Id taken = entries->front().entries.front().id;
        REQUIRE(writer.run(Xack{"s", "g", {taken}, std::nullopt, false}));
        told.acknowledged.push_back({vfs.operations().size(), taken});
      }
      if (i == 11) {
        sqlite3* other = nullptr;
        sqlite3_open(path.c_str(), &other);
        sqlite3_exec(other, "PRAGMA wal_checkpoint(RESTART)", nullptr, nullptr, nullptr);
        sqlite3_close(other);
      }
    }
  }
  // One after the other, each the last to leave; now and then another program moves the log and starts it anew.
  for (int i = 0; i < 9; ++i) {
    {
      auto alone = open_sqlite_store(path, options);
      REQUIRE(alone);
      const auto id = (*alone)->run(message("s", long_or_short(i % 4 == 0)));
      REQUIRE(id);
      told.added.push_back({vfs.operations().size(), **id});
    }
    if (i % 3 == 2) {
      sqlite3* other = nullptr;
      sqlite3_open(path.c_str(), &other);
      int keep_log = i == 5 ? 1 : 0;
      sqlite3_file_control(other, "main", SQLITE_FCNTL_PERSIST_WAL, &keep_log);
      sqlite3_exec(other, "PRAGMA wal_checkpoint(RESTART)", nullptr, nullptr, nullptr);
      sqlite3_close(other);
    }
  }
  REQUIRE(told.added.size() == 81);
  return told;
}

bool has_appended_for_others(const std::string& path) {
  sqlite3* db = nullptr;
  int found = 0;
  sqlite3_open(path.c_str(), &db);
  sqlite3_exec(
      db, "SELECT 1 FROM weir_meta WHERE key = 'appended'",
      [](void* out, int, char**, char**) {
        ++*static_cast<int*>(out);
        return 0;
      },
      &found, nullptr);
  sqlite3_close(db);
  return found == 1;
}

/// Many writers at once, on a disk that takes its time: one appends, or at least syncs, for those who wait.
Told work_together(const std::string& path, const RecordingVfs& vfs) {
  constexpr int kWriters = 8;
  constexpr int kMessages = 12;
  RecordingVfs::set_sync_takes(std::chrono::milliseconds(2));
  Told told;
  std::mutex telling;
  std::latch all_are_there(kWriters);
  std::vector<std::thread> writers;
  writers.reserve(kWriters);
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      const auto store = open_sqlite_store(path, {Access::make, Durability::full, std::chrono::milliseconds(30'000)});
      all_are_there.arrive_and_wait();
      for (int n = 0; store && n < kMessages; ++n) {
        const auto id = (*store)->run(message("s", n % 5 == i ? 9000 : 80));
        const std::scoped_lock lock(telling);
        if (id) {
          told.added.push_back({vfs.count(), **id});
        }
      }
    });
  }
  for (auto& writer : writers) {
    writer.join();
  }
  REQUIRE(told.added.size() == std::size_t{kWriters * kMessages});
  REQUIRE(has_appended_for_others(path));
  return told;
}

/// One that promises something, beside one that promises nothing and moves the log when it leaves.
Told work_beside_a_careless_one(const std::string& path, const RecordingVfs& vfs) {
  Told told;
  const auto careful = open_sqlite_store(path, {Access::make, Durability::full, std::chrono::milliseconds(1000)});
  REQUIRE(careful);
  for (int i = 0; i < 4; ++i) {
    const auto id = (*careful)->run(message("s", 80));
    REQUIRE(id);
    told.added.push_back({vfs.operations().size(), **id});
    if (i == 1) {
      constexpr std::size_t kLongLog = std::size_t{1100} * 1024;
      const auto careless = open_sqlite_store(path, {Access::make, Durability::off, std::chrono::milliseconds(1000)});
      REQUIRE(careless);
      REQUIRE((*careless)->run(message("s", kLongLog)));
    }
  }
  return told;
}

/// One file is made; then its log is taken away, as another program may, and made again.
Told work_that_makes_a_log(const std::string& path, const RecordingVfs& vfs) {
  Told told;
  const auto add = [&] {
    const auto store = open_sqlite_store(path, {Access::make, Durability::full, std::chrono::milliseconds(1000)});
    REQUIRE(store);
    const auto id = (*store)->run(message("s", 80));
    REQUIRE(id);
    told.added.push_back({vfs.operations().size(), **id});
  };
  add();
  sqlite3* other = nullptr;
  sqlite3_open(path.c_str(), &other);
  sqlite3_exec(other, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  add();
  return told;
}

/// What SQLite finds wrong with a database, and how many messages it holds: "ok 3".
std::string soundness(const std::string& path) {
  sqlite3* db = nullptr;
  std::string found;
  sqlite3_open(path.c_str(), &db);
  for (const char* query : {"PRAGMA integrity_check", "SELECT ' ' || count(*) FROM weir_entries"}) {
    sqlite3_exec(
        db, query,
        [](void* out, int, char** values, char**) {
          *static_cast<std::string*>(out) += values[0];
          return 0;
        },
        &found, nullptr);
  }
  sqlite3_close(db);
  return found;
}

/// The IDs that were reported before the cut and are not there after it.
std::set<Id> lost_after(const std::map<std::string, std::string>& disk, const std::string& path, const Told& told,
                        std::size_t cut) {
  const RecordingVfs without_syncs;
  const TempDir folder;
  const std::string copy = folder.path("w.db");
  for (const auto& [name, content] : disk) {
    std::ofstream(copy + name.substr(path.size()), std::ios::binary) << content;
  }
  std::set<Id> lost;
  for (const Report& report : told.added) {
    if (report.operations <= cut) {
      lost.insert(report.id);
    }
  }
  if (disk.count(path) == 0) {
    return lost;
  }
  auto store = open_sqlite_store(copy, StoreOptions{});
  INFO("cut at operation " << cut << (store ? "" : ": " + store.error().message));
  REQUIRE(store);
  const auto entries = (*store)->run(Xrange{"s", kMinId, kMaxId, false, std::nullopt});
  REQUIRE(entries);
  for (const Entry& entry : entries->entries) {
    lost.erase(entry.id);
  }
  const std::string sound = "ok " + std::to_string(entries->entries.size());
  REQUIRE(soundness(copy) == sound);
  const auto pending = (*store)->run(Xpending{"s", "g", Millis(0), kMinId, kMaxId, 1000, std::nullopt});
  if (pending) {
    for (const Report& report : told.acknowledged) {
      for (const PendingEntry& entry : pending->entries) {
        if (report.operations <= cut && report.id == entry.id) {
          lost.insert(entry.id);
        }
      }
    }
  }
  store->reset();
  // Who has only looked has left the file complete, whatever state it was found in.
  const std::string alone = folder.path("alone.db");
  std::filesystem::copy_file(copy, alone);
  REQUIRE(soundness(alone) == sound);
  return lost;
}

/// Cuts the power before every operation, or every so many; returns at how many cuts something reported was lost.
/// What of the unsynced is on the disk: nothing, all, what chance decides; or each of all possibilities, if they are
/// few.
enum class Unsynced { three, each };

template <typename Work>
int cuts_that_lose(Work work, std::size_t every = 1, Unsynced unsynced = Unsynced::three) {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  std::vector<DiskOperation> operations;
  Told told;
  {
    const RecordingVfs vfs;
    told = work(path, vfs);
    operations = vfs.operations();
  }
  std::mt19937_64 random(seed());
  int losing = 0;
  int cuts = 0;
  for (std::size_t cut = seed() % every; cut <= operations.size(); cut += every) {
    const auto replay = [&](const std::function<bool()>& reaches_disk) {
      losing += lost_after(disk_after(operations, cut, reaches_disk), path, told, cut).empty() ? 0 : 1;
      ++cuts;
    };
    constexpr unsigned kFew = 6;
    unsigned count = 0;
    disk_after(operations, cut, [&] { return ++count == 0; });
    if (unsynced == Unsynced::each && count <= kFew) {
      for (unsigned set = 0; set < 1U << count; ++set) {
        replay([left = set]() mutable { return (std::exchange(left, left >> 1U) & 1U) != 0; });
      }
    } else {
      replay([] { return false; });
      replay([] { return true; });
      replay([&] { return random() % 2 == 0; });
    }
  }
  std::cout << cuts << " power cuts replayed\n" << std::flush;
  return losing;
}

}  // namespace

TEST_CASE("What was reported under full durability survives loss of power at any moment", "[power_loss]") {
  CHECK(cuts_that_lose([](const std::string& path, const RecordingVfs& vfs) {
          return work_on(path, Durability::full, vfs);
        }) == 0);
}

TEST_CASE("Under normal durability loss of power may take what was reported: the simulation can fail",
          "[power_loss][unsafe]") {
  CHECK(cuts_that_lose([](const std::string& path, const RecordingVfs& vfs) {
          return work_on(path, Durability::normal, vfs);
        }) > 0);
}

TEST_CASE("What was reported by many at once survives loss of power, though one appends and syncs for the others",
          "[power_loss]") {
  CHECK(cuts_that_lose(work_together) == 0);
}

TEST_CASE("A file that is being made, or given a log, survives loss of power", "[power_loss]") {
  CHECK(cuts_that_lose(work_that_makes_a_log, 1, Unsynced::each) == 0);
}

TEST_CASE("What was reported survives loss of power beside one without durability that moves the log", "[power_loss]") {
  constexpr std::size_t kEvery = 7;  // there are a thousand
  CHECK(cuts_that_lose(work_beside_a_careless_one, kEvery) == 0);
}

}  // namespace weir::test
