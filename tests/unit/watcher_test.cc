// The thread with which `weir serve` watches the store.
#include "server/watcher.h"

#include <chrono>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/temp_dir.h"

namespace weir {
namespace {

std::unique_ptr<Store> opened(const test::TempDir& folder) {
  auto store = sqlite::open_sqlite_store(folder.path() + "/w.db", {Access::make, Durability::off});
  REQUIRE(store);
  return std::move(*store);
}

}  // namespace

TEST_CASE("A watcher ends whenever it is told to", "[serve]") {
  // Each time at another moment after it has begun. A watcher that misses it waits for ever.
  constexpr int kRounds = 1500;
  constexpr int kMoments = 300;
  const test::TempDir folder;
  const std::unique_ptr<Store> store = opened(folder);
  auto lines = dynamic_cast<Sharing&>(*store).lines();
  REQUIRE(lines);
  for (int round = 0; round < kRounds; ++round) {
    const server::Watcher watcher(
        opened(folder), **lines, [](const auto&) {}, [](const auto&) {});
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(round % kMoments);
    while (std::chrono::steady_clock::now() < until) {
    }
  }
  SUCCEED("all of them have ended");
}

}  // namespace weir
