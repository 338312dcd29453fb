// One process syncs the log for all that wait. The tests check the waiting processes when the syncing process dies,
// stops or fails, and when the record in the lock file is wrong.
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

#include "catch.h"
#include "faults/recording_vfs.h"
#include "sqlite/database/log_index.h"
#include "sqlite/file/lock_file.h"
#include "sqlite/file/sync_record.h"
#include "sqlite/sqlite_store.h"
#include "stream/sharing.h"
#include "support/child.h"
#include "support/messages.h"
#include "support/temp_dir.h"
#include "support/wait.h"

namespace weir::test {
namespace {

using sqlite::LockFile;
using sqlite::LogEnd;
using sqlite::open_sqlite_store;
using sqlite::SyncRecord;

std::unique_ptr<Store> open_store(const std::string& path) {
  auto store = open_sqlite_store(path, StoreOptions{Access::make, Durability::full, Millis(30'000)});
  REQUIRE(store);
  return std::move(*store);
}

/// A database with two writers, neither of which is alone.
struct Writers {
  TempDir folder;
  std::string path = folder.path("w.db");
  RecordingVfs vfs;
  std::unique_ptr<Store> first = open_store(path);
  std::unique_ptr<Store> second = open_store(path);

  Writers() { take_turns(); }

  /// As several would: of two who write in turns neither waits for the other's sync.
  void others_write() {
    for (int i = 0; i < 2; ++i) {
      REQUIRE(second->run(message()));
    }
  }

  void take_turns() {
    for (int i = 0; i < 2; ++i) {
      REQUIRE(first->run(message()));
      others_write();
    }
  }

  LockFile lock_file() const {
    auto file = LockFile::open(path);
    REQUIRE(file);
    return std::move(*file);
  }

  std::int64_t syncs() const {
    const auto& operations = vfs.operations();
    return std::count_if(operations.begin(), operations.end(),
                         [](const auto& operation) { return operation.kind == DiskOperation::Kind::sync; });
  }

  /// How often the next message of the first writer is synced by that writer itself.
  std::int64_t syncs_of_next_message() {
    const std::int64_t before = syncs();
    REQUIRE(first->run(message()));
    return syncs() - before;
  }
};

LogEnd end_of_log(const std::string& path) {
  sqlite3* db = nullptr;
  sqlite3_open(path.c_str(), &db);
  sqlite3_exec(db, "SELECT count(*) FROM weir_entries", nullptr, nullptr, nullptr);
  const auto end = sqlite::log_end(db);
  sqlite3_close(db);
  REQUIRE(end);
  return *end;
}

LogEnd far_after(LogEnd end) {
  constexpr std::uint32_t kFar = 100'000;
  end.frames += kFar;
  return end;
}

/// A process that is about to sync for the others.
Child one_that_syncs(const std::string& path) {
  Child child([&](int out) {
    const auto file = LockFile::open(path);
    say(out, file && file->start_sync() ? "has begun" : "has not begun");
    pause();
  });
  REQUIRE(child.line() == "has begun");
  return child;
}

}  // namespace

TEST_CASE("Whose commit another one's sync covers does not sync once more", "[group_sync]") {
  Writers writers;
  const LockFile other = writers.lock_file();
  // On a slow machine the writer may have lost its patience by then.
  CHECK(soon([&] {
    writers.take_turns();
    const auto length = writers.second->run(Xlen{"s"})->value;
    const std::int64_t before = writers.syncs();
    REQUIRE(other.start_sync());
    std::thread writer([&] { CHECK(writers.first->run(message())); });
    while (writers.second->run(Xlen{"s"})->value == length) {
    }
    SyncRecord::write(other.fd(), end_of_log(writers.path));
    other.end_sync();
    writer.join();
    return writers.syncs() == before;
  }));
}

TEST_CASE("Who committed too late for another one's sync syncs for itself", "[group_sync]") {
  Writers writers;
  const LockFile other = writers.lock_file();
  SyncRecord::write(other.fd(), end_of_log(writers.path));
  CHECK(writers.syncs_of_next_message() == 1);
}

TEST_CASE("A sync of another log covers nothing", "[group_sync]") {
  Writers writers;
  LogEnd end = far_after(end_of_log(writers.path));
  ++end.salt;
  SyncRecord::write(writers.lock_file().fd(), end);
  CHECK(writers.syncs_of_next_message() == 1);
}

TEST_CASE("Who waits for one that is killed before its sync syncs for itself", "[group_sync]") {
  Writers writers;
  Child other = one_that_syncs(writers.path);
  std::thread killer([&] { other.kill(); });
  CHECK(writers.syncs_of_next_message() == 1);
  killer.join();
}

TEST_CASE("Who waits for one that is stopped syncs for itself, and waits once only", "[group_sync]") {
  Writers writers;
  const Child other = one_that_syncs(writers.path);
  kill(other.pid(), SIGSTOP);
  int status = 0;
  REQUIRE(waitpid(other.pid(), &status, WUNTRACED) == other.pid());
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(writers.syncs_of_next_message() >= 1);
    writers.others_write();
  }
  // That of each of them would be 40 seconds.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}

TEST_CASE("A sync that failed is reported, and nobody believes the next one of somebody else", "[group_sync]") {
  Writers writers;
  RecordingVfs::set_syncs_fail(true);
  CHECK_FALSE(writers.first->run(message()));
  RecordingVfs::set_syncs_fail(false);
  SyncRecord::write(writers.lock_file().fd(), far_after(end_of_log(writers.path)));
  writers.others_write();
  CHECK(writers.syncs_of_next_message() >= 1);
}

TEST_CASE("Who waits for one whose sync fails syncs for itself", "[group_sync]") {
  Writers writers;
  const LockFile other = writers.lock_file();
  REQUIRE(other.start_sync());
  const std::uint64_t salt = end_of_log(writers.path).salt;
  std::thread failing([&] {
    SyncRecord::write_failure(other.fd(), salt);
    other.end_sync();
  });
  CHECK(writers.syncs_of_next_message() == 1);
  failing.join();
}

TEST_CASE("A record that claims more than the log holds, as of a newer copy of it, is not believed", "[group_sync]") {
  Writers writers;
  SyncRecord::write(writers.lock_file().fd(), far_after(end_of_log(writers.path)));
  writers.first = open_store(writers.path);
  writers.second = open_store(writers.path);
  writers.take_turns();
  CHECK(writers.syncs_of_next_message() == 1);
}

TEST_CASE("Such a record is not believed by who begins without waiting either", "[group_sync]") {
  Writers writers;
  SyncRecord::write(writers.lock_file().fd(), far_after(end_of_log(writers.path)));
  writers.first = open_store(writers.path);
  writers.second = open_store(writers.path);
  for (Store* writer : {writers.first.get(), writers.second.get()}) {
    auto& sharing = dynamic_cast<Sharing&>(*writer);
    REQUIRE(sharing.together_at_once([&]() -> Result<void> {
      WEIR_TRY(writer->run(message()));
      return {};
    }) == true);
  }
  CHECK(writers.syncs_of_next_message() == 1);
}

TEST_CASE("Whatever bytes the lock file holds, a message is synced before it is reported", "[group_sync]") {
  Writers writers;
  const LockFile file = writers.lock_file();
  for (const int byte : {0x00, 0x01, 0x7f, 0xff}) {
    std::array<char, 512> bytes{};
    bytes.fill(static_cast<char>(byte));
    REQUIRE(pwrite(file.fd(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    CHECK(writers.syncs_of_next_message() == 1);
    writers.others_write();
  }
}

TEST_CASE("A lock file that was cut off under its writers lets each sync for itself", "[group_sync]") {
  Writers writers;
  REQUIRE(truncate((writers.path + "-lock").c_str(), 0) == 0);
  CHECK(writers.syncs_of_next_message() == 1);
}

}  // namespace weir::test
