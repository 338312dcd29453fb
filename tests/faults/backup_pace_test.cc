// A backup while another process writes faster than the backup copies.
#include <fcntl.h>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "stream/upkeep.h"
#include "support/temp_dir.h"
#include "system/fd.h"

namespace weir::test {

using sqlite::open_sqlite_store;

TEST_CASE("The log stays short while a backup takes long, and the backup is complete", "[backup_pace]") {
  constexpr std::size_t kBytes = 100'000;
  constexpr int kAtFirst = 400;
  constexpr int kEachTime = 20;
  constexpr int kTimes = 60;
  const TempDir folder;
  const std::string path = folder.path("w.db");
  const StoreOptions options{Access::make, Durability::normal, std::chrono::milliseconds(30'000)};
  const auto store = open_sqlite_store(path, options);
  const auto writer = open_sqlite_store(path, options);
  REQUIRE(store);
  REQUIRE(writer);
  Xadd add;
  add.stream = "s";
  add.fields = Fields::from_json("{\"text\":\"" + std::string(kBytes, 'x') + "\"}");
  const auto append = [&](int count) {
    for (int n = 0; n < count; ++n) {
      REQUIRE((*writer)->run(add));
    }
  };
  append(kAtFirst);

  const std::string to = folder.path("b.db");
  const Fd file = Fd::open(to.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  int times = 0;
  std::uintmax_t largest = 0;
  const auto done = dynamic_cast<Upkeep&>(**store).backup(file.get(), to, [&]() -> Result<void> {
    if (times < kTimes) {
      ++times;
      append(kEachTime);
    }
    largest = std::max(largest, std::filesystem::file_size(path + "-wal"));
    return {};
  });
  REQUIRE(done);
  CHECK(times == kTimes);
  CHECK(largest < 32U * 1024 * 1024);  // 120 MB were written

  const auto copy = open_sqlite_store(to, {Access::look, Durability::normal, std::chrono::milliseconds(1'000)});
  REQUIRE(copy);
  const auto length = (*copy)->run(Xlen{"s"});
  REQUIRE(length);
  CHECK(length->value == kAtFirst + kTimes * kEachTime);
}

}  // namespace weir::test
