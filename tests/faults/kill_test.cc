// Producers and consumers die by SIGKILL at any moment. Each printed message must be there, and be done once.
#include <fcntl.h>
#include <sqlite3.h>

#include <fstream>
#include <map>
#include <random>
#include <set>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

constexpr const char* kStream = "s";
constexpr const char* kGroup = "g";

std::unique_ptr<Store> open_or_die(const std::string& path) {
  auto store = sqlite::open_sqlite_store(path, StoreOptions{});
  if (!store) {
    _exit(3);
  }
  return std::move(*store);
}

/// Adds messages and says each ID once it is stored, until it is killed.
void produce(const std::string& path, int out) {
  const auto store = open_or_die(path);
  Xadd add;
  add.stream = kStream;
  add.fields = Fields::from_json("{\"text\":\"something to do\"}");
  while (true) {
    const auto id = store->run(add);
    if (!id) {
      _exit(4);
    }
    say(out, to_string(**id));
  }
}

/// Reads what is new, says "got ID" for each, acknowledges it, says "done ID", until it is killed.
void consume(const std::string& path, const std::string& name, int out) {
  const auto store = open_or_die(path);
  const Xreadgroup read{kGroup, name, {{kStream, std::nullopt}}, 3, Millis(0), false};
  while (true) {
    const auto streams = store->run(read);
    if (!streams) {
      _exit(4);
    }
    for (const Entry& entry : streams->front().entries) {
      say(out, "got " + to_string(entry.id));
      if (!store->run(Xack{kStream, kGroup, {entry.id}, std::nullopt, false})) {
        _exit(5);
      }
      say(out, "done " + to_string(entry.id));
    }
  }
}

/// What the processes said before they died.
struct Heard {
  std::set<Id> printed;
  std::map<Id, int> got;
  std::set<Id> done;

  void take(const std::string& line) {
    if (line.starts_with("got ")) {
      ++got[*parse_id(line.substr(4))];
    } else if (line.starts_with("done ")) {
      done.insert(*parse_id(line.substr(5)));
    } else {
      printed.insert(*parse_id(line));
    }
  }
};

/// Lets a process say some lines, kills it, and hears what else it had said.
void kill_after(Child child, std::size_t lines, Heard& heard) {
  for (std::size_t i = 0; i < lines; ++i) {
    const auto line = child.line();
    REQUIRE(line);
    heard.take(*line);
  }
  child.kill();
  while (const auto line = child.line()) {
    heard.take(*line);
  }
}

}  // namespace

TEST_CASE("Nothing is lost and nothing is new to two readers when processes are killed hundreds of times", "[kill]") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  REQUIRE((*sqlite::open_sqlite_store(path, StoreOptions{}))
              ->run(XgroupCreate{kStream, kGroup, kMinId, true, std::nullopt, false}));
  std::mt19937_64 random(1);
  Heard heard;
  int consumers = 0;
  // A producer that always runs keeps the readers fed, so it writes its lines where they have room, into a file; the
  // others are killed after a few lines.
  const std::string fed = folder.path("fed");
  Child feeder([&](int) { produce(path, ::open(fed.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)); });
  for (int round = 0; round < 150; ++round) {
    Child producer([&](int out) { produce(path, out); });
    Child first([&](int out) { consume(path, "c" + std::to_string(consumers), out); });
    Child second([&](int out) { consume(path, "c" + std::to_string(consumers + 1), out); });
    consumers += 2;
    kill_after(std::move(producer), random() % 8, heard);
    kill_after(std::move(first), random() % 8, heard);
    kill_after(std::move(second), random() % 8, heard);
  }
  feeder.kill();
  std::ifstream lines(fed);
  for (std::string line; std::getline(lines, line);) {
    heard.take(line);
  }

  const auto store = open_or_die(path);
  const auto entries = store->run(Xrange{kStream, kMinId, kMaxId, false, std::nullopt});
  REQUIRE(entries);
  std::set<Id> stored;
  for (const Entry& entry : entries->entries) {
    CHECK((stored.empty() || *stored.rbegin() < entry.id));
    stored.insert(entry.id);
  }
  for (const Id id : heard.printed) {
    INFO(to_string(id));
    CHECK(stored.contains(id));
  }
  for (const auto& [id, times] : heard.got) {
    INFO(to_string(id));
    CHECK(times == 1);
  }
  // What the dead left is pending, is taken over, and with that every message was given to somebody.
  std::set<Id> seen;
  for (const auto& [id, times] : heard.got) {
    seen.insert(id);
  }
  const auto pending = store->run(Xpending{kStream, kGroup, Millis(0), kMinId, kMaxId, 1'000'000, std::nullopt});
  REQUIRE(pending);
  for (const PendingEntry& entry : pending->entries) {
    CHECK_FALSE(heard.done.contains(entry.id));
  }
  const auto taken = store->run(Xautoclaim{kStream, kGroup, "heir", Millis(0), kMinId, 1'000'000, false});
  REQUIRE(taken);
  for (const Entry& entry : taken->claimed.entries) {
    seen.insert(entry.id);
    CHECK(store->run(Xack{kStream, kGroup, {entry.id}, std::nullopt, false})->value == 1);
  }
  const auto rest =
      store->run(Xreadgroup{kGroup, "heir", {{kStream, std::nullopt}}, std::nullopt, std::nullopt, false});
  REQUIRE(rest);
  for (const Entries& stream : *rest) {
    for (const Entry& entry : stream.entries) {
      CHECK(seen.insert(entry.id).second);
    }
  }
  CHECK(seen.size() >= heard.printed.size());
  for (const Id id : stored) {
    // Acknowledged, but killed before it could say so: then it is neither seen nor pending.
    if (!seen.contains(id)) {
      CHECK(store->run(Xack{kStream, kGroup, {id}, std::nullopt, false})->value == 0);
    }
  }

  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  std::string integrity;
  sqlite3_exec(
      db, "PRAGMA integrity_check",
      [](void* out, int, char** values, char**) {
        *static_cast<std::string*>(out) = values[0];
        return 0;
      },
      &integrity, nullptr);
  sqlite3_close(db);
  CHECK(integrity == "ok");
}

}  // namespace weir::test
