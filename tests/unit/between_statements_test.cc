// Another process acts between two statements of this process, at the very moment that matters.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/messages.h"
#include "support/moments.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

using sqlite::open_sqlite_store;

/// As another process would; false if it found the file locked.
bool add_one(const std::string& path) {
  const auto store = open_sqlite_store(path, StoreOptions{Access::make, Durability::off, Millis(0)});
  return store && (*store)->run(message());
}

std::string application_file(const TempDir& folder) {
  std::string path = folder.path("w.db");
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, "CREATE TABLE users(name)", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  return path;
}

/// Opens a file in which another process makes the tables at moment `when`; whether there was such a moment.
bool open_while_another_makes_it(Access access, bool is_applications, int when) {
  const TempDir folder;
  const std::string path = is_applications ? application_file(folder) : folder.path("w.db");
  int now = 0;
  bool opening = true;
  bool came = false;
  bool added = false;
  const Moment moment = [&](bool, std::string_view) {
    if (opening && now++ == when) {
      came = true;
      added = add_one(path);
    }
  };
  const auto store = [&] {
    const WatchMoments watching(moment);
    return open_sqlite_store(path, StoreOptions{access, Durability::off, Millis(2000)});
  }();
  opening = false;
  INFO("moment " << when << (added ? ", where another added a message: " : ": ")
                 << (store ? "" : store.error().message));
  if (access == Access::look && !store) {
    CHECK(store.error().message == path + ": holds no streams");
    return came;
  }
  REQUIRE(store);
  CHECK((*store)->run(Xlen{"s"})->value == (added ? 1 : 0));
  if (access == Access::make) {
    CHECK((*store)->run(message()));
    CHECK((*store)->run(Xlen{"s"})->value == (added ? 2 : 1));
  }
  return came;
}

/// Looks at a file of version 1 that another process migrates at moment `when`, of opening or of looking; whether there
/// was such a moment.
bool look_while_another_migrates(int when) {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  std::filesystem::copy_file(WEIR_FIXTURES "/schema-1.db", path);
  int now = 0;
  bool migrated = false;
  const Moment moment = [&](bool, std::string_view) {
    if (now++ == when) {
      migrated = add_one(path);
    }
  };
  const WatchMoments watching(moment);
  const auto store = open_sqlite_store(path, StoreOptions{Access::look});
  INFO("moment " << when);
  REQUIRE(store);
  for (int looks = 0; looks < 2; ++looks) {
    const auto pending = (*store)->run(Xpending{"jobs", "workers", Millis(0), kMinId, kMaxId, 10, std::nullopt});
    REQUIRE(pending);
    REQUIRE(pending->entries.size() == 3);
    CHECK(pending->entries[0].released);
    CHECK(pending->entries[1].released);
    CHECK_FALSE(pending->entries[2].released);
    const auto groups = (*store)->run(XinfoGroups{"jobs"});
    REQUIRE(groups);
    CHECK(groups->groups.front().released == 2);
  }
  return migrated;
}

struct Woken {
  bool looked = false;                                       ///< so often
  std::optional<std::chrono::steady_clock::duration> after;  ///< nothing: the writer could not have its turn then
};

/// How long a blocked read takes to return a message that another process adds at the end of its look number `which`,
/// counted from 1.
template <typename Read>
Woken add_at_look(const Read& read, int which) {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  auto writer = open_sqlite_store(path, StoreOptions{Access::make, Durability::off, Millis(0)});
  REQUIRE(writer);
  REQUIRE((*writer)->run(XgroupCreate{"s", "g", kMinId, true, std::nullopt, false}));
  int looks = 0;
  std::optional<std::chrono::steady_clock::time_point> added;
  const Moment moment = [&](bool ended, std::string_view sql) {
    if (ended && is_look_at_stream(sql) && ++looks == which && (*writer)->run(message())) {
      added = std::chrono::steady_clock::now();
    }
  };
  const auto reader = [&] {
    const WatchMoments watching(moment);
    return open_sqlite_store(path, StoreOptions{Access::make, Durability::off});
  }();
  REQUIRE(reader);
  const auto got = (*reader)->run(read);
  REQUIRE(got);
  REQUIRE(got->empty() == !added);
  return {looks >= which, added ? std::optional(std::chrono::steady_clock::now() - *added) : std::nullopt};
}

/// The number of looks at whose end a message wakes the reader at once. A missed ring is made up for by the slow look,
/// which comes a quarter of a second later, never sooner. A busy machine may be as slow, but not each time.
template <typename Read>
int looks_that_miss_nothing(const Read& read) {
  constexpr std::chrono::milliseconds kSlowLook{250};
  constexpr int kTries = 20;
  int good = 0;
  Woken woken;
  for (int which = 1; (woken = add_at_look(read, which)).looked; ++which) {
    for (int tries = 1; tries < kTries && woken.after && *woken.after >= kSlowLook; ++tries) {
      woken = add_at_look(read, which);
    }
    INFO("look " << which);
    CHECK((!woken.after || *woken.after < kSlowLook));
    good += woken.after ? 1 : 0;
  }
  return good;
}

}  // namespace

TEST_CASE("A file is opened well whenever another process makes its tables meanwhile") {
  for (const Access access : {Access::make, Access::look}) {
    for (const bool is_applications : {false, true}) {
      if (access == Access::look && !is_applications) {
        continue;  // who only looks opens no file that is not there
      }
      int when = 0;
      while (open_while_another_makes_it(access, is_applications, when)) {
        ++when;
      }
      CHECK(when >= 4);
    }
  }
}

TEST_CASE("An old file is looked at well whenever another process migrates it meanwhile") {
  int when = 0;
  while (look_while_another_migrates(when)) {
    ++when;
  }
  CHECK(when > 10);
}

TEST_CASE("A reader that looks while a message comes is not left asleep") {
  const Millis block(600);
  Xread read;
  read.sources = {{"s", {Xread::From::Kind::after, kMinId}}};
  read.block = block;
  CHECK(looks_that_miss_nothing(read) >= 2);
  CHECK(looks_that_miss_nothing(Xreadgroup{"g", "c", {{"s", std::nullopt}}, 1, block, false}) >= 3);
}

}  // namespace weir::test
