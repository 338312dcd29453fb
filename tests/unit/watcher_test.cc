// The thread with which `weir serve` watches the store.
#include "server/watcher.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/temp_dir.h"

namespace weir {
namespace {

constexpr int kRounds = 1500;

std::unique_ptr<Store> opened(const test::TempDir& folder) {
  auto store = sqlite::open_sqlite_store(folder.path() + "/w.db", {Access::make, Durability::off});
  REQUIRE(store);
  return std::move(*store);
}

/// Watchers that begin and end, one after the other.
struct Watchers {
  const test::TempDir folder;
  const std::unique_ptr<Store> store = opened(folder);
  std::unique_ptr<Lines> lines;
  std::mutex mutex;
  std::condition_variable changed;
  int ended = 0;

  void run() {
    constexpr int kMoments = 300;
    for (int round = 0; round < kRounds; ++round) {
      {
        const server::Watcher watcher(
            opened(folder), *lines, [](const auto&) {}, [](const auto&) {});
        const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(round % kMoments);
        while (std::chrono::steady_clock::now() < until) {
        }
      }
      const std::lock_guard lock(mutex);
      ++ended;
      changed.notify_one();
    }
  }

  /// Whether one more than that many end within a time that only waiting for ever takes.
  bool more_end(int than) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(60), [&] { return ended > than; });
  }
};

}  // namespace

TEST_CASE("A watcher ends whenever it is told to", "[serve]") {
  // Each time at another moment after it has begun. A watcher that misses it waits for ever.
  auto watchers = std::make_shared<Watchers>();
  auto lines = dynamic_cast<Sharing&>(*watchers->store).lines();
  REQUIRE(lines);
  watchers->lines = std::move(*lines);
  std::thread running([watchers] { watchers->run(); });
  for (int round = 0; round < kRounds; ++round) {
    if (!watchers->more_end(round)) {
      running.detach();  // what it uses stays with it
      FAIL("the watcher of round " << round << " does not end");
    }
  }
  running.join();
}

}  // namespace weir
