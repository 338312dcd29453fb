// A full disk, and a disk that fails to sync: weir reports an error, and no reported message is lost.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "catch.h"
#include "faults/recording_vfs.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/messages.h"
#include "support/small_disk.h"
#include "support/temp_dir.h"
#include "support/wait.h"
#include "system/fd.h"
#include "system/file_lock.h"

namespace weir::test {
namespace {

using sqlite::open_sqlite_store;

Xadd long_message() {
  return message("s", "{\"text\":\"" + std::string(1000, 'x') + "\"}");
}

std::uint64_t length_of(const std::string& path) {
  const auto store = open_sqlite_store(path, StoreOptions{});
  const auto length = store ? (*store)->run(Xlen{"s"}) : tl::unexpected(store.error());
  return length ? length->value : 0;
}

/// From now on the log is written from its beginning, where there is room though the disk is full.
void start_log_anew(const std::string& path) {
  sqlite3* other = nullptr;
  sqlite3_open(path.c_str(), &other);
  sqlite3_exec(other, "PRAGMA wal_checkpoint(RESTART)", nullptr, nullptr, nullptr);
  sqlite3_close(other);
}

/// Byte 1 of the lock file says that somebody waits for messages.
void wait_for_reader(const std::string& path) {
  const Fd file(open((path + "-lock").c_str(), O_RDWR | O_CLOEXEC));
  soon([&] { return locked_by_others(file.get(), {1, 1}).has_value(); });
}

}  // namespace

TEST_CASE("On a disk that is full nobody dies, who waits hears what was stored, and nothing is lost", "[full_disk]") {
  const TempDir folder;
  auto child = on_small_disk(folder.path(), [&](int out) {
    const std::string path = folder.path("w.db");
    std::uint64_t reported = 0;
    {
      const auto store = open_sqlite_store(path, StoreOptions{});
      for (int i = 0; store && i < 20; ++i) {
        reported += (*store)->run(long_message()) ? 1 : 0;
      }
      Child reader([&](int heard) {
        const auto waiting = open_sqlite_store(path, StoreOptions{});
        Xread read;
        read.sources = {{"s", {}}};
        read.sources[0].from.kind = Xread::From::Kind::end;
        read.block = std::chrono::minutes(2);
        const auto got = waiting ? (*waiting)->run(read) : tl::unexpected(waiting.error());
        say(heard, got && !got->empty() ? "heard" : "not heard");
      });
      wait_for_reader(path);
      start_log_anew(path);
      fill(folder.path());
      reported += store && (*store)->run(long_message()) ? 1 : 0;
      say(out, reader.line().value_or("died"));
      auto added = (*store)->run(long_message());
      for (; added; added = (*store)->run(long_message())) {
        ++reported;
      }
      say(out, added.error().message);
    }
    unlink(folder.path("fill").c_str());
    say(out, std::to_string(length_of(path) - reported) + " too many");
    std::filesystem::copy_file(path, folder.path("alone.db"));
    say(out, std::to_string(length_of(folder.path("alone.db")) - reported) + " too many in the file alone");
    say(out, reported > 20 ? "some were added when it was full" : "none was added when it was full");
  });
  if (!child) {
    return;
  }
  CHECK(child->line() == "heard");
  CHECK(child->line() == folder.path("w.db") + ": the disk is full");
  CHECK(child->line() == "0 too many");
  CHECK(child->line() == "0 too many in the file alone");
  CHECK(child->line() == "some were added when it was full");
  CHECK(child->wait() == 0);
}

TEST_CASE("On a full disk messages can be acknowledged and removed all the same", "[full_disk]") {
  const TempDir folder;
  auto child = on_small_disk(folder.path(), [&](int out) {
    const std::string path = folder.path("w.db");
    auto store = open_sqlite_store(path, StoreOptions{});
    (*store)->run(XgroupCreate{"s", "g", kMinId, true, std::nullopt, false});
    constexpr std::uint64_t kCount = 30;
    std::vector<Id> ids;
    ids.reserve(kCount);
    for (std::uint64_t i = 0; i < kCount; ++i) {
      ids.push_back((*store)->run(long_message())->value());
    }
    Xreadgroup read;
    read.group = "g";
    read.consumer = "c";
    read.sources = {{"s", {}}};
    const auto got = (*store)->run(read);
    say(out, got && got->size() == 1 && (*got)[0].entries.size() == kCount ? "read" : "not read");
    (*store).reset();  // so that the database has all its pages
    fill(folder.path());
    store = open_sqlite_store(path, StoreOptions{});
    std::uint64_t acknowledged = 0;
    std::uint64_t deleted = 0;
    for (const Id id : ids) {
      const auto done = (*store)->run(Xack{"s", "g", {id}, std::nullopt, false});
      acknowledged += done ? done->value : 0;
      // As in a transaction, too.
      const std::array<Request, 1> one{Request(Xdel{"s", {id}})};
      const auto replies = (*store)->transact(one, Store::OnRefusal::go_on);
      deleted += replies && replies->front() ? std::get<Count>(*replies->front()).value : 0;
    }
    say(out, std::to_string(acknowledged) + " acknowledged, " + std::to_string(deleted) + " deleted");
    say(out, std::to_string(length_of(path)) + " left");
  });
  if (!child) {
    return;
  }
  CHECK(child->line() == "read");
  CHECK(child->line() == "30 acknowledged, 30 deleted");
  CHECK(child->line() == "0 left");
  CHECK(child->wait() == 0);
}

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
      const std::vector<Xadd> entries(many ? 50 : 1, long_message());
      const auto added = (*store)->append(entries);
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
    const auto id = (*store)->run(long_message());
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
  REQUIRE((*store)->run(long_message()));
  RecordingVfs::set_syncs_fail(true);
  const auto id = (*store)->run(long_message());
  REQUIRE_FALSE(id);
  CHECK(id.error().failure == Failure::store);
  CHECK(id.error().message == path + ": the disk does not say that it has stored what was written");
  // It is there: who tries again without a look adds it twice.
  CHECK(id.error().hint == "it is in the database, but may be gone after a loss of power: look before you do it again");
  CHECK((*store)->run(Xlen{"s"})->value == 2);
  RecordingVfs::set_syncs_fail(false);
  CHECK((*store)->run(long_message()));
}

}  // namespace weir::test
