// Code that ends a turn, a sync or a place in line must need no memory, since it runs in destructors and after a
// commit.
#include <chrono>
#include <cstdlib>
#include <new>
#include <string>
#include <thread>

#include "catch.h"
#include "sqlite/file/lock_file.h"
#include "sqlite/sqlite_store.h"
#include "support/messages.h"
#include "support/temp_dir.h"

namespace {

thread_local bool none_left = false;

}  // namespace

// All of what is freed below: a sanitizer has each of them, and minds where one of its own is mixed with these.
void* operator new(std::size_t size, const std::nothrow_t& /*nothrow*/) noexcept {
  return none_left ? nullptr : std::malloc(size);
}

void* operator new(std::size_t size) {
  void* memory = operator new(size, std::nothrow);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return memory;
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace weir::test {
namespace {

using sqlite::LockFile;

struct Database {
  TempDir folder;
  std::string path = folder.path("w.db");
  Database() { REQUIRE((*sqlite::open_sqlite_store(path, StoreOptions{}))->run(message())); }
};

/// While it lives, this thread is given no memory.
class NoMemory {
 public:
  NoMemory() { none_left = true; }
  ~NoMemory() { none_left = false; }
  NoMemory(const NoMemory&) = delete;
  NoMemory& operator=(const NoMemory&) = delete;
};

}  // namespace

TEST_CASE("Who has no memory left passes the turn on all the same", "[memory]") {
  const Database database;
  auto has_it = LockFile::open(database.path);
  auto waits = LockFile::open(database.path);
  REQUIRE((has_it && waits));
  REQUIRE(has_it->take_turn(std::chrono::milliseconds(0)));
  bool has_come = false;
  std::thread waiting([&] { has_come = waits->take_turn(std::chrono::minutes(1)).has_value(); });
  while (!has_it->anybody_waits_for_turn()) {
    std::this_thread::yield();
  }
  {
    const NoMemory none;
    has_it->end_turn_and_ring();
  }
  waiting.join();
  CHECK(has_come);
}

TEST_CASE("Who has no memory left leaves the line and wakes the next", "[memory]") {
  const Database database;
  auto first = LockFile::open(database.path);
  auto second = LockFile::open(database.path);
  REQUIRE((first && second));
  const auto head = first->join_line(1);
  const auto next = second->join_line(1);
  REQUIRE((head && next));
  const auto bell = second->bell_of_place(1, *next);
  bell->listen();
  {
    const NoMemory none;
    first->leave_line(1, *head);
  }
  CHECK(bell->wait(std::chrono::minutes(1), -1) == Doorbell::Heard::ring);
  CHECK_FALSE(second->place_ahead(1, *next));
}

}  // namespace weir::test
