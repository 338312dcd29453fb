#include "sqlite/file/last_to_leave.h"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <thread>

namespace weir::sqlite {
namespace {

sqlite3_file* file_of(sqlite3* db, int which) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, nullptr, which, &file);
  return file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

int lock_state(sqlite3* db) {
  int state = SQLITE_LOCK_NONE;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_LOCKSTATE, &state);
  return state;
}

/// As "WAL-Index Format" in SQLite's documentation has it: two copies, at 0 and 48 of the first page of the index.
struct IndexHeader {
  std::uint32_t version;
  std::uint32_t unused;
  std::uint32_t change;
  std::uint32_t kinds;
  std::uint32_t frames;
  std::uint32_t pages;
  std::uint32_t checksum[2];
  std::uint32_t salt[2];
  std::uint32_t header_checksum[2];
};
static_assert(sizeof(IndexHeader) == 48);

}  // namespace

std::optional<LogEnd> log_end(sqlite3* db) {
  sqlite3_file* file = file_of(db, SQLITE_FCNTL_FILE_POINTER);
  constexpr int kIndexPage = 32768;
  volatile void* index = nullptr;
  // SQLite has mapped it, and answers with the address.
  if (file == nullptr || file_of(db, SQLITE_FCNTL_JOURNAL_POINTER) == nullptr || file->pMethods->iVersion < 2 ||
      file->pMethods->xShmMap(file, 0, kIndexPage, 0, &index) != SQLITE_OK || index == nullptr) {
    return std::nullopt;
  }
  constexpr std::size_t kWords = sizeof(IndexHeader) / sizeof(std::uint32_t);
  std::uint32_t copies[2][kWords];
  const auto* words = static_cast<const volatile std::uint32_t*>(index);
  for (std::size_t i = 0; i < 2 * kWords; ++i) {
    copies[i / kWords][i % kWords] = words[i];
  }
  if (std::memcmp(copies[0], copies[1], sizeof copies[0]) != 0) {
    return std::nullopt;
  }
  IndexHeader header{};
  std::memcpy(&header, copies[0], sizeof header);
  return LogEnd{header.change, header.frames, std::uint64_t{header.salt[0]} << 32U | header.salt[1]};
}

bool become_last(sqlite3* db) {
  sqlite3_file* file = file_of(db, SQLITE_FCNTL_FILE_POINTER);
  if (file == nullptr || lock_state(db) != SQLITE_LOCK_SHARED) {
    return false;
  }
  // Of those who leave at once one has the reserved lock, which nothing else takes while there is a log; the others
  // wait here until it is gone. So one of them is last.
  constexpr std::chrono::milliseconds kPause{1};
  constexpr int kTries = 1000;
  for (int i = 0; file->pMethods->xLock(file, SQLITE_LOCK_RESERVED) != SQLITE_OK; ++i) {
    if (i == kTries) {
      return false;
    }
    std::this_thread::sleep_for(kPause);
  }
  return file->pMethods->xLock(file, SQLITE_LOCK_EXCLUSIVE) == SQLITE_OK;
}

bool empty_log_unsynced(sqlite3* db) {
  int frames = 0;
  int moved = 0;
  return sqlite3_exec(db, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr) == SQLITE_OK &&
         sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_PASSIVE, &frames, &moved) == SQLITE_OK &&
         moved == frames;
}

}  // namespace weir::sqlite
