// The write-ahead log does not grow without bound while many processes write and one reads.
#include <atomic>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/child.h"
#include "support/temp_dir.h"

namespace weir::test {

using sqlite::open_sqlite_store;

TEST_CASE("Under constant load, with a reader all the time, the log stays bounded", "[log_size]") {
  const TempDir folder;
  const std::string path = folder.path("w.db");
  const StoreOptions options{Access::make, Durability::normal, std::chrono::milliseconds(30'000)};
  constexpr int kWriters = 4;
  constexpr int kMessages = 1400;
  constexpr std::size_t kBytes = 100'000;
  {
    const auto store = open_sqlite_store(path, options);
    REQUIRE(store);
    REQUIRE((*store)->run(XgroupCreate{"s", "g", kMinId, true, std::nullopt, false}));
  }
  std::vector<Child> writers;
  writers.reserve(kWriters);
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&](int) {
      const auto store = open_sqlite_store(path, options);
      Xadd add;
      add.stream = "s";
      add.fields = Fields::from_json("{\"text\":\"" + std::string(kBytes, 'x') + "\"}");
      add.trim = Trim{Trim::By::maxlen, false, 50, {}, 0};
      for (int n = 0; n < kMessages; ++n) {
        if (!store || !(*store)->run(add)) {
          _exit(1);
        }
      }
    });
  }
  Child reader([&](int) {
    const auto store = open_sqlite_store(path, options);
    while (store && (*store)->run(Xrange{"s", kMinId, kMaxId, false, 100})) {
    }
    _exit(1);
  });
  std::uintmax_t largest = 0;
  for (Child& writer : writers) {
    CHECK(writer.wait() == 0);
    largest = std::max(largest, std::filesystem::file_size(path + "-wal"));
  }
  // 560 MB were written. From 64 MB on writers wait until it has been moved.
  CHECK(largest < 256U * 1024 * 1024);
}

}  // namespace weir::test
