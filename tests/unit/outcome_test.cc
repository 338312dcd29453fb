// What `wait` says of a message while others do their part.
#include "worker/outcome.h"
#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/messages.h"
#include "support/moments.h"
#include "support/temp_dir.h"

namespace weir::test {
namespace {

std::unique_ptr<Store> open(const std::string& path) {
  auto store = sqlite::open_sqlite_store(path, StoreOptions{Access::make, Durability::off, Millis(30'000)});
  REQUIRE(store);
  return std::move(*store);
}

/// What is said of a message that another process is given, acknowledges and deletes at moment `when`; nothing if there
/// was no such moment.
std::optional<Result<worker::Outcome>> outcome_if_done(int when) {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  const auto worker = open(path);
  const Id id = worker->run(message())->value();
  REQUIRE(worker->run(XgroupCreate{"s", "g", kMinId, false, std::nullopt, false}));
  int now = 0;
  bool came = false;
  bool is_done = false;
  const Moment moment = [&](bool, std::string_view) {
    if (now++ == when) {
      came = true;
      is_done = worker->run(Xreadgroup{"g", "c", {{"s", std::nullopt}}, std::nullopt, std::nullopt, false}) &&
                worker->run(Xack{"s", "g", {id}, std::nullopt, false}) && worker->run(Xdel{"s", {id}});
    }
  };
  const WatchMoments watching(moment);
  const auto waiter = open(path);
  if (came) {
    return worker::Outcome::acknowledged;  // before it was asked about
  }
  worker::OutcomeOptions options{"s", "g", {id}, {}, std::nullopt};
  options.most = Millis(0);
  auto outcome = worker::await_outcome(*waiter, options);
  CHECK(is_done == came);
  return came ? std::optional(std::move(outcome)) : std::nullopt;
}

}  // namespace

TEST_CASE("A message that is done, and deleted, between two looks is not one that never was there", "[worker]") {
  for (int when = 0;; ++when) {
    INFO("at moment " << when);
    const auto outcome = outcome_if_done(when);
    if (!outcome) {
      CHECK(when > 10);
      break;
    }
    CHECK((*outcome ? std::string() : outcome->error().message).empty());
  }
}

}  // namespace weir::test
