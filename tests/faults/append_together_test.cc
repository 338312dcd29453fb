// One process, the leader, appends for processes that wait. The tests check their messages when the leader dies, stops
// or fails, and when the contents of the lock file are wrong. See sqlite/file/append_slots.h.
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "catch.h"
#include "faults/recording_vfs.h"
#include "sqlite/database/database.h"
#include "sqlite/file/append_slots.h"
#include "sqlite/file/appended_row.h"
#include "sqlite/file/lock_file.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/messages.h"
#include "support/temp_dir.h"
#include "support/wait.h"

namespace weir::test {
namespace {

using sqlite::AppendSlots;
using sqlite::LockFile;
using sqlite::open_sqlite_store;
using Asked = AppendSlots::Asked;

std::unique_ptr<Store> open_store(const std::string& path, std::chrono::milliseconds timeout = Millis(30'000)) {
  auto store = open_sqlite_store(path, StoreOptions{Access::make, Durability::full, timeout});
  REQUIRE(store);
  return std::move(*store);
}

/// A transaction of SQL, as the leader's, to be ended by the test.
class Transaction {
 public:
  explicit Transaction(const std::string& path) {
    sqlite3_open(path.c_str(), &db_);
    sqlite3_busy_timeout(db_, 30'000);
    run("BEGIN IMMEDIATE");
  }
  ~Transaction() { sqlite3_close(db_); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Under the ID that is given back.
  Id append(const Asked& asked) {
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(db_, "INSERT INTO weir_inbox(stream, fields) VALUES (?, ?)", -1, &insert, nullptr);
    sqlite3_bind_text(insert, 1, asked.stream.c_str(), -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, asked.fields.c_str(), -1, SQLITE_STATIC);
    CHECK(sqlite3_step(insert) == SQLITE_DONE);
    sqlite3_finalize(insert);
    sqlite3_stmt* look = nullptr;
    sqlite3_prepare_v2(db_, "SELECT last_ms, last_seq FROM weir_streams WHERE name = ?", -1, &look, nullptr);
    sqlite3_bind_text(look, 1, asked.stream.c_str(), -1, SQLITE_STATIC);
    CHECK(sqlite3_step(look) == SQLITE_ROW);
    const Id id{static_cast<std::uint64_t>(sqlite3_column_int64(look, 0)),
                static_cast<std::uint64_t>(sqlite3_column_int64(look, 1))};
    sqlite3_finalize(look);
    return id;
  }
  /// As the one that leads does, for one slot.
  void note(const AppendSlots::Place& place, Id id) {
    std::string bytes(place.slot * 24, '\0');
    for (const std::uint64_t each : {place.number, id.ms, id.seq}) {
      for (int shift = 56; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<char>(each >> shift));
      }
    }
    sqlite3_stmt* write = nullptr;
    sqlite3_prepare_v2(db_, "INSERT OR REPLACE INTO weir_meta VALUES ('appended', ?)", -1, &write, nullptr);
    sqlite3_bind_blob(write, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    CHECK(sqlite3_step(write) == SQLITE_DONE);
    sqlite3_finalize(write);
  }
  void commit() { run("COMMIT"); }
  void undo() { run("ROLLBACK"); }

 private:
  void run(const char* sql) { CHECK(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK); }
  sqlite3* db_ = nullptr;
};

/// A database on which many write, and the test as the one that leads.
struct Crowd {
  TempDir folder;
  std::string path = folder.path("w.db");
  std::unique_ptr<Store> writer = open_store(path);
  std::unique_ptr<Store> other = open_store(path);
  std::optional<LockFile> file;
  std::optional<AppendSlots> slots;

  Crowd() {
    others_write(*writer);
    auto opened = LockFile::open(path);
    REQUIRE(opened);
    file.emplace(std::move(*opened));
    slots.emplace(*file);
    REQUIRE(slots->start_leading());
  }

  /// So many that this one takes it for a crowd.
  void others_write(Store& one) {
    for (int i = 0; i < 2; ++i) {
      REQUIRE(one.run(message()));
      for (int n = 0; n < 8; ++n) {
        REQUIRE(other->run(message()));
      }
    }
    REQUIRE(one.run(message()));
  }

  /// What somebody that waits asks, in a turn that the caller has to end.
  Asked turn_with_what_is_asked() {
    std::vector<Asked> asked;
    CHECK(soon([&] {
      REQUIRE(file->take_turn(std::chrono::milliseconds(30'000)));
      asked = slots->asked(row());
      if (asked.empty()) {
        file->end_turn();
      }
      return !asked.empty();
    }));
    REQUIRE(asked.size() == 1);
    return asked.front();
  }

  /// What has been appended for others. Requires: the turn.
  sqlite::AppendedRow row() const {
    auto db = sqlite::Database::open(path);
    REQUIRE(db);
    return sqlite::AppendedRow(*db);
  }

  std::uint64_t length() { return (*open_sqlite_store(path, StoreOptions{}))->run(Xlen{"s"})->value; }
  std::vector<Entry> entries() {
    return (*open_sqlite_store(path, StoreOptions{}))->run(Xrange{"s", kMinId, kMaxId, false, std::nullopt})->entries;
  }
};

bool holds(const std::string& path, const std::string& text) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {}).find(text) != std::string::npos;
}

/// Asks for an append in a thread of its own.
class Waiting {
 public:
  Waiting(Store& store, Xadd entry)
      : thread_([this, &store, entry = std::move(entry)] { answer_ = store.run(entry); }) {}
  ~Waiting() {
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  const Result<MaybeId>& answer() {
    thread_.join();
    return *answer_;
  }

 private:
  std::optional<Result<MaybeId>> answer_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("Who waits is told the ID under which the one that leads has appended its message", "[append_together]") {
  Crowd crowd;
  Waiting waiting(*crowd.writer, message("s", R"({"of":"who waits"})"));
  const Asked asked = crowd.turn_with_what_is_asked();
  REQUIRE(crowd.slots->take(std::span(&asked.place, 1)).empty());
  CHECK(asked.stream == "s");
  CHECK(asked.fields == R"({"of":"who waits"})");
  Id id;
  const auto before = crowd.length();
  {
    Transaction transaction(crowd.path);
    id = transaction.append(asked);
    transaction.note(asked.place, id);
    transaction.commit();
  }
  crowd.file->end_turn();
  const AppendSlots::Outcome outcome{asked.place, id};
  crowd.slots->tell(std::span(&outcome, 1));
  const auto& answer = waiting.answer();
  REQUIRE(answer);
  CHECK(**answer == id);
  CHECK(crowd.length() == before + 1);
  CHECK_FALSE(holds(crowd.path + "-lock", "who waits"));
  crowd.slots->stop_leading(nullptr);
}

TEST_CASE("Who waits for one that dies finds out whether its message is there", "[append_together]") {
  enum class Dies { before_it_takes, before_it_appends, before_it_commits, before_it_tells };
  for (const Dies dies :
       {Dies::before_it_takes, Dies::before_it_appends, Dies::before_it_commits, Dies::before_it_tells}) {
    for (const bool another_leads : {false, true}) {
      Crowd crowd;
      crowd.others_write(*crowd.other);
      std::optional<Waiting> waiting(std::in_place, *crowd.writer, message("s", R"({"of":"who waits"})"));
      const Asked asked = crowd.turn_with_what_is_asked();
      const auto before = crowd.length();
      if (dies > Dies::before_it_takes) {
        REQUIRE(crowd.slots->take(std::span(&asked.place, 1)).empty());
      }
      Id id;
      {
        Transaction transaction(crowd.path);
        if (dies > Dies::before_it_appends) {
          id = transaction.append(asked);
          transaction.note(asked.place, id);
        }
        if (dies > Dies::before_it_commits) {
          transaction.commit();
        }
      }
      // A process that dies gives up its locks at once.
      std::optional<Waiting> leading;
      if (another_leads) {
        leading.emplace(*crowd.other, message("s", R"({"of":"who leads next"})"));
      }
      crowd.slots.reset();
      crowd.file.reset();
      const auto& answer = waiting->answer();
      REQUIRE(answer);
      if (leading) {
        REQUIRE(leading->answer());
      }
      if (dies == Dies::before_it_tells) {
        CHECK(**answer == id);
      }
      std::vector<Id> found;
      for (const Entry& entry : crowd.entries()) {
        if (entry.fields && entry.fields->json() == R"({"of":"who waits"})") {
          found.push_back(entry.id);
        }
      }
      CHECK(found == std::vector<Id>{**answer});
      CHECK(crowd.length() == before + (another_leads ? 2 : 1));
    }
  }
}

TEST_CASE("What one that leads has undone is appended by who asked for it", "[append_together]") {
  Crowd crowd;
  Waiting waiting(*crowd.writer, message());
  const Asked asked = crowd.turn_with_what_is_asked();
  REQUIRE(crowd.slots->take(std::span(&asked.place, 1)).empty());
  const auto before = crowd.length();
  {
    Transaction transaction(crowd.path);
    transaction.note(asked.place, transaction.append(asked));
    transaction.undo();
  }
  crowd.file->end_turn();
  crowd.slots->stop_leading(nullptr);
  REQUIRE(waiting.answer());
  CHECK(crowd.length() == before + 1);
}

TEST_CASE("What cannot be appended by others is appended by who asked for it", "[append_together]") {
  Crowd crowd;
  Waiting waiting(*crowd.writer, message());
  const AppendSlots::Outcome declined{crowd.turn_with_what_is_asked().place, std::nullopt};
  crowd.file->end_turn();
  crowd.slots->tell(std::span(&declined, 1));
  REQUIRE(waiting.answer());  // though somebody leads all the time
}

TEST_CASE("Who waits for one that is stopped appends its message itself, and waits once only", "[append_together]") {
  Crowd crowd;
  crowd.slots->stop_leading(nullptr);
  Child leader([&](int out) {
    auto file = LockFile::open(crowd.path);
    AppendSlots slots(*file);
    say(out, slots.start_leading() ? "leads" : "does not");
    pause();
  });
  REQUIRE(leader.line() == "leads");
  kill(leader.pid(), SIGSTOP);
  int status = 0;
  REQUIRE(waitpid(leader.pid(), &status, WUNTRACED) == leader.pid());
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(crowd.writer->run(message()));
    REQUIRE(crowd.other->run(message()));
  }
  // That of each of them would be 40 seconds.
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(30));
}

TEST_CASE("Who gives up says whether its message may still be appended", "[append_together]") {
  for (const bool is_taken : {false, true}) {
    Crowd crowd;
    const auto hasty = open_store(crowd.path, Millis(100));
    crowd.slots->stop_leading(nullptr);
    crowd.others_write(*hasty);
    REQUIRE(crowd.slots->start_leading());
    const auto before = crowd.length();
    Waiting waiting(*hasty, message());
    const Asked asked = crowd.turn_with_what_is_asked();
    if (is_taken) {
      REQUIRE(crowd.slots->take(std::span(&asked.place, 1)).empty());
    }
    const auto& answer = waiting.answer();
    REQUIRE_FALSE(answer);
    CHECK((answer.error().message.find("it may be there") != std::string::npos) == is_taken);
    // Who leads looks again whether it is still asked for.
    CHECK(crowd.slots->take(std::span(&asked.place, 1)).size() == 1);
    crowd.file->end_turn();
    CHECK(crowd.length() == before);
    crowd.slots->stop_leading(nullptr);
    CHECK(hasty->run(message()));
  }
}

TEST_CASE("What a process that is gone has asked for is not appended, nor by who gets its slot", "[append_together]") {
  Crowd crowd;
  crowd.slots->stop_leading(nullptr);
  Child asker([&](int out) {
    const auto store = open_store(crowd.path);
    crowd.others_write(*store);
    say(out, "is about to ask");
    const auto file = LockFile::open(crowd.path);
    for (AppendSlots slots(*file); slots.start_leading(); slots.stop_leading(nullptr)) {
    }
    store->run(message("s", R"({"of":"the dead"})"));
  });
  REQUIRE(asker.line() == "is about to ask");
  CHECK(soon([&] { return crowd.slots->start_leading(); }));
  crowd.turn_with_what_is_asked();
  asker.kill();
  CHECK(crowd.slots->asked(crowd.row()).empty());
  CHECK(holds(crowd.path + "-lock", "the dead"));
  AppendSlots::wipe_left(*crowd.file);
  CHECK_FALSE(holds(crowd.path + "-lock", "the dead"));
  crowd.file->end_turn();
  const auto next = open_store(crowd.path);
  crowd.slots->stop_leading(nullptr);
  crowd.others_write(*next);
  REQUIRE(crowd.slots->start_leading());
  REQUIRE(crowd.file->take_turn(std::chrono::milliseconds(30'000)));
  CHECK(crowd.slots->asked(crowd.row()).empty());
  crowd.file->end_turn();
}

TEST_CASE("What the disk has no room for together with others' is appended alone", "[append_together]") {
  const RecordingVfs vfs;
  Crowd crowd;
  auto file = LockFile::open(crowd.path);
  REQUIRE(file);
  AppendSlots other(*file);
  REQUIRE(file->take_turn(std::chrono::milliseconds(30'000)));
  other.claim();
  file->end_turn();
  REQUIRE(other.ask("s", R"({"of":"another"})"));
  const auto before = crowd.length();
  crowd.slots->stop_leading(nullptr);
  constexpr long long kOnePage = 4096 + 24;  // together, what became of each is written besides
  RecordingVfs::set_space(kOnePage);
  CHECK(crowd.writer->run(message()));
  RecordingVfs::set_space(-1);
  CHECK(crowd.length() == before + 1);
  CHECK(other.hear().told == AppendSlots::Told::nothing);
  crowd.others_write(*crowd.writer);
  CHECK(other.hear().told == AppendSlots::Told::appended);
}

TEST_CASE("A stream that has no ID left refuses who leads, and who asks others", "[append_together]") {
  Crowd crowd;
  Xadd last = message("full");
  last.id = {NewId::Kind::exact, kMaxId};
  REQUIRE(crowd.other->run(last));
  {
    Waiting waiting(*crowd.writer, message("full"));
    const Asked asked = crowd.turn_with_what_is_asked();
    crowd.file->end_turn();
    crowd.slots->stop_leading(nullptr);
    const auto& answer = waiting.answer();
    REQUIRE_FALSE(answer);
    CHECK(answer.error().failure == Failure::refused);
  }
  crowd.others_write(*crowd.writer);
  const auto refused = crowd.writer->run(message("full"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().failure == Failure::refused);
  CHECK(crowd.writer->run(message()));
}

TEST_CASE("Whatever bytes lie where others ask, each message is there once", "[append_together]") {
  Crowd crowd;
  crowd.slots->stop_leading(nullptr);
  std::mt19937 random(7);
  const int fd = open((crowd.path + "-lock").c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(fd >= 0);
  std::atomic<bool> over = false;
  std::thread scribbler([&] {
    while (!over) {
      std::string bytes(1 + random() % 4096, static_cast<char>(random()));
      const auto at = static_cast<off_t>(4096 + random() % (40'960 - 4096));
      [[maybe_unused]] const auto written = pwrite(fd, bytes.data(), bytes.size(), at);
      if (random() % 64 == 0) {
        [[maybe_unused]] const int cut = ftruncate(fd, static_cast<off_t>(random() % 40'960));
      }
    }
  });
  constexpr int kWriters = 4;
  constexpr int kMessages = 100;
  const auto before = crowd.length();
  std::vector<std::thread> writers;
  writers.reserve(kWriters);
  std::atomic<int> told = 0;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&] {
      const auto store = open_store(crowd.path);
      for (int n = 0; n < kMessages; ++n) {
        told += store->run(message()) ? 1 : 0;
      }
    });
  }
  for (auto& writer : writers) {
    writer.join();
  }
  over = true;
  scribbler.join();
  close(fd);
  CHECK(told == kWriters * kMessages);
  CHECK(crowd.length() == before + kWriters * kMessages);
}

TEST_CASE("Of many who write at once, on a slow disk, each is told, with fewer syncs than messages",
          "[append_together]") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  REQUIRE(open_store(path)->run(message()));
  const RecordingVfs vfs;
  RecordingVfs::set_sync_takes(std::chrono::milliseconds(5));
  constexpr int kWriters = 8;
  constexpr int kMessages = 30;
  std::vector<std::thread> writers;
  writers.reserve(kWriters);
  std::vector<std::set<Id>> told(kWriters);
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      const auto store = open_store(path);
      for (int n = 0; n < kMessages; ++n) {
        // To streams of their own, and too long for others at times.
        const auto id = store->run(
            message("s" + std::to_string(i % 3), "{\"a\":\"" + std::string(n % 7 == 3 ? 3000 : n, 'x') + "\"}"));
        CHECK(id);
        told[i].insert(id ? **id : Id{});
      }
    });
  }
  for (auto& writer : writers) {
    writer.join();
  }
  const auto& operations = vfs.operations();
  const auto syncs = std::count_if(operations.begin(), operations.end(),
                                   [](const auto& operation) { return operation.kind == DiskOperation::Kind::sync; });
  CHECK(syncs < kWriters * kMessages);
  std::uint64_t length = 0;
  for (int i = 0; i < 3; ++i) {
    length += open_store(path)->run(Xlen{"s" + std::to_string(i)})->value;
  }
  CHECK(length == kWriters * kMessages);
  for (const auto& ids : told) {
    CHECK(ids.size() == kMessages);
  }
}

}  // namespace weir::test
