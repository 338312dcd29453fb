// The record in FILE-lock of the files at rest is trusted only if it is certain to be right.
#include "sqlite/file/rest_record.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "catch.h"
#include "sqlite/sqlite_store.h"
#include "support/temp_dir.h"
#include "system/fd.h"

namespace weir::test {
namespace {

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// A database at rest, which then lost what was written to it last, as after loss of power: the log has it all.
struct Rest {
  TempDir folder;
  std::string path = folder.path("w.db");
  Fd lock_file;

  Rest() {
    add(3);
    const std::string before = content(path);
    add(5);
    std::ofstream(path, std::ios::binary) << before;
    constexpr timespec kLongAgo{1'000'000'000, 0};
    const timespec times[2] = {kLongAgo, kLongAgo};
    REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    lock_file.reset(open((path + "-lock").c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(sqlite::RestRecord::read(lock_file.get()));
  }
  void add(int messages) const {
    const auto store = sqlite::open_sqlite_store(path, StoreOptions{});
    REQUIRE(store);
    Xadd add;
    add.stream = "s";
    add.fields = Fields::from_json("{\"a\":1}");
    for (int i = 0; i < messages; ++i) {
      REQUIRE((*store)->run(add));
    }
  }
  /// -1: refused.
  std::int64_t length() const {
    const auto store = sqlite::open_sqlite_store(path, StoreOptions{});
    return store ? static_cast<std::int64_t>((*store)->run(Xlen{"s"})->value) : -1;
  }
};

}  // namespace

TEST_CASE("A database that is older than it was at rest is another one", "[rest_record]") {
  CHECK(Rest().length() == -1);
}

TEST_CASE("A database that is older than it was before the system started anew lost power", "[rest_record]") {
  const Rest rest;
  auto record = sqlite::RestRecord::read(rest.lock_file.get());
  record->run ^= 1U;
  record->write(rest.lock_file.get());
  CHECK(rest.length() == 8);
}

TEST_CASE("A database that is older than it was, on a disk that was taken away meanwhile, lost power",
          "[rest_record]") {
  const Rest rest;
  auto record = sqlite::RestRecord::read(rest.lock_file.get());
  record->database.device ^= 1U;
  record->write(rest.lock_file.get());
  CHECK(rest.length() == 8);
}

TEST_CASE("A record that was not written whole says nothing", "[rest_record]") {
  const Rest rest;
  char byte = 0;
  const off_t inside = sqlite::kRestRecordOffset + GENERATE(0, 8, 40, 100);
  REQUIRE(pread(rest.lock_file.get(), &byte, 1, inside) == 1);
  byte = static_cast<char>(byte ^ 1);
  REQUIRE(pwrite(rest.lock_file.get(), &byte, 1, inside) == 1);
  CHECK_FALSE(sqlite::RestRecord::read(rest.lock_file.get()));
  CHECK(rest.length() == 8);
}

}  // namespace weir::test
