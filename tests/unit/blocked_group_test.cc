// A blocked XREADGROUP, while other processes change its group at the end of one of its looks.
#include <functional>
#include <map>

#include "catch.h"
#include "sqlite/file/waiting.h"
#include "sqlite/sqlite_store.h"
#include "support/moments.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

using sqlite::open_sqlite_store;

Xadd message(std::uint64_t ms) {
  Xadd add;
  add.stream = "s";
  add.id = {NewId::Kind::exact, {ms, 0}};
  add.fields = Fields::from_json("{\"a\":1}");
  return add;
}

XgroupCreate group() {
  return XgroupCreate{"s", "g", kMinId, true, std::nullopt, false};
}

/// A stream with a group that has nothing to read, and a reader whose looks at the stream are counted from 1.
class Reading {
 public:
  Reading() : moment_([this](bool ended, std::string_view sql) { note(ended, sql); }) {
    // A moment in which the reader has its turn is none for others.
    auto opened = open_sqlite_store(path_, StoreOptions{Access::make, Durability::off, Millis(0)});
    REQUIRE(opened);
    other = std::move(*opened);
    REQUIRE(other->run(group()));
    const WatchMoments watching(moment_);
    opened = open_sqlite_store(path_, StoreOptions{Access::make, Durability::off});
    REQUIRE(opened);
    reader_ = std::move(*opened);
  }

  Result<StreamEntries> read(Millis block) {
    return reader_->run(Xreadgroup{"g", "c", {{"s", std::nullopt}}, 1, block, false});
  }

  std::map<int, std::function<void()>> at_end_of_look;
  int looks = 0;
  std::unique_ptr<Store> other;

 private:
  void note(bool ended, std::string_view sql) {
    if (ended && is_look_at_stream(sql)) {
      if (const auto what = at_end_of_look.find(++looks); what != at_end_of_look.end()) {
        what->second();
      }
    }
  }

  TempDir folder_;
  std::string path_ = folder_.path("w.db");
  Moment moment_;
  std::unique_ptr<Store> reader_;
};

/// The look after which a reader sleeps.
int last_look() {
  Reading reading;
  const auto got = reading.read(Millis(20));
  REQUIRE(got);
  REQUIRE(got->empty());
  return reading.looks;
}

TEST_CASE("Who passes over the one ahead still waits for those before it") {
  const TempDir folder;
  const auto store = open_sqlite_store(folder.path("w.db"), StoreOptions{Access::make, Durability::off});
  REQUIRE((*store)->run(group()));
  std::vector<sqlite::LockFile> files;
  std::vector<sqlite::PlaceInLine> places;
  constexpr std::size_t kReaders = 3;
  files.reserve(kReaders);
  for (std::size_t i = 0; i < kReaders; ++i) {
    auto file = sqlite::LockFile::open(folder.path("w.db"));
    REQUIRE(file);
    files.push_back(std::move(*file));
    places.emplace_back(files.back(), 1);
  }
  REQUIRE(places[0].at_head());
  REQUIRE(!places[2].at_head());
  CHECK(!places[2].pass_over_ahead(true));  // the second; the first is about to take what lies there
  REQUIRE(!places[2].at_head());
  CHECK(places[2].pass_over_ahead(true));
  CHECK(places[2].at_head());
}

}  // namespace

TEST_CASE("A group made anew under its old name is none that a blocked reader waits for") {
  const int last = last_look();
  Reading reading;
  bool done = false;
  reading.at_end_of_look[last] = [&] {
    done = reading.other->run(XgroupDestroy{"s", "g"}) && reading.other->run(group()) && reading.other->run(message(1));
  };
  const auto got = reading.read(Millis(10'000));
  REQUIRE(done);
  REQUIRE_FALSE(got);
  CHECK(got.error().failure == Failure::refused);
  CHECK(got.error().message.starts_with("NOGROUP"));
}

TEST_CASE("A message that is gone when a blocked reader looks does not end its wait") {
  const int last = last_look();
  Reading reading;
  bool done = false;
  SECTION("it was deleted in the transaction that added it") {
    reading.at_end_of_look[last] = [&] {
      const std::vector<Request> both{message(1), Xdel{"s", {{1, 0}}}};
      done = reading.other->transact(both, Store::OnRefusal::undo).has_value();
    };
    reading.at_end_of_look[last + 1] = [&] { done = done && reading.other->run(message(2)); };
  }
  SECTION("another consumer took it between the look and the delivery") {
    reading.at_end_of_look[last] = [&] { done = reading.other->run(message(1)).has_value(); };
    reading.at_end_of_look[last + 1] = [&] {
      done = done && reading.other->run(Xreadgroup{"g", "d", {{"s", std::nullopt}}, 1, std::nullopt, false});
    };
    // The next one is that of the delivery, which comes to nothing.
    reading.at_end_of_look[last + 3] = [&] { done = done && reading.other->run(message(2)); };
  }
  const auto got = reading.read(Millis(10'000));
  REQUIRE(done);
  REQUIRE(got);
  REQUIRE(got->size() == 1);
  REQUIRE(got->front().entries.size() == 1);
  CHECK(got->front().entries.front().id == Id{2, 0});
}

TEST_CASE("A writer rings for who waits when what it wrote can be seen, and not before") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  std::optional<sqlite::BellWaiter> waiter;
  const auto has_rung = [&] { return waiter->sleep(Deadline::after(Millis(0)), -1) == sqlite::Woken::maybe; };
  bool early = false;
  const Moment moment = [&](bool, std::string_view sql) { early = early || (waiter && sql == "COMMIT" && has_rung()); };
  const auto writer = [&] {
    const WatchMoments watching(moment);
    return open_sqlite_store(path, StoreOptions{Access::make, Durability::off});
  }();
  REQUIRE(writer);
  REQUIRE((*writer)->run(message(1)));
  const auto file = sqlite::LockFile::open(path);
  REQUIRE(file);
  if (!file->bell().works()) {
    return;  // this system has no bell
  }
  waiter.emplace(*file);
  waiter->listen();
  REQUIRE((*writer)->run(message(2)));
  CHECK_FALSE(early);
  CHECK(has_rung());
}

}  // namespace weir::test
