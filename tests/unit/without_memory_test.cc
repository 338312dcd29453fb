// Threads without memory: they do not end the process.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "catch.h"
#include "server/workers.h"
#include "sqlite/sqlite_store.h"
#include "support/temp_dir.h"
#include "support/wait.h"
#include "top/lookout.h"

namespace weir {
namespace {

std::unique_ptr<Store> opened(const test::TempDir& folder) {
  auto store = sqlite::open_sqlite_store(folder.path() + "/w.db", {Access::make, Durability::off});
  REQUIRE(store);
  return std::move(*store);
}

std::unique_ptr<server::Unit> unit_of(Request request, bool writes) {
  auto unit = std::make_unique<server::Unit>();
  unit->writes = writes;
  unit->asks.push_back({std::move(request)});
  return unit;
}

}  // namespace

TEST_CASE("A thread of weir serve that cannot even hand over an answer says so and ends", "[serve]") {
  const test::TempDir folder;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> lost;
  std::vector<std::unique_ptr<Store>> looking;
  looking.push_back(opened(folder));
  const std::unique_ptr<Lines> lines = dynamic_cast<Sharing&>(*looking.front()).lines().value();
  server::Workers workers(
      opened(folder), std::move(looking), *lines, [](const auto&) { throw std::bad_alloc(); },
      [&](const Error& error) {
        const std::lock_guard lock(mutex);
        lost.push_back(error.message);
        changed.notify_one();
      });
  workers.add(unit_of(Xlen{"s"}, true));
  workers.add(unit_of(Keys{}, false));
  std::unique_lock lock(mutex);
  CHECK(changed.wait_for(lock, std::chrono::seconds(60), [&] { return lost.size() == 2; }));
  CHECK(lost == std::vector<std::string>{"out of memory", "out of memory"});
}

TEST_CASE("weir top without memory says so, and goes on once there is some", "[top]") {
  const test::TempDir folder;
  std::atomic<int> opens = 0;
  top::LookoutOptions options;
  options.open = [&](Access) -> Result<std::unique_ptr<Store>> {
    if (++opens == 1) {
      throw std::bad_alloc();
    }
    return opened(folder);
  };
  top::Lookout lookout(std::move(options), opened(folder));
  lookout.act({top::Action::Do::ack, "s"});
  lookout.want({});
  std::optional<std::string> trouble;
  bool well = false;
  CHECK(test::soon([&] {
    if (const auto news = lookout.take(); news.trouble) {
      well = trouble && !*news.trouble;
      trouble = *news.trouble ? (*news.trouble)->message : trouble;
    }
    return well;
  }));
  CHECK(trouble == "out of memory");
}

}  // namespace weir
