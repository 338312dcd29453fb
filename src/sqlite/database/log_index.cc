#include "sqlite/database/log_index.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>

namespace weir::sqlite {
namespace {

/// See "WAL-Index Format" in SQLite's documentation. The first page of the index has two copies of the header, at 0 and
/// 48. A writer writes the second copy first; a reader reads the first copy first.
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

constexpr std::size_t kHeaderWords = sizeof(IndexHeader) / sizeof(std::uint32_t);
constexpr std::size_t kFramesWord = offsetof(IndexHeader, frames) / sizeof(std::uint32_t);
constexpr std::size_t kMovedWord = 2 * kHeaderWords;
constexpr std::size_t kSummedWords = offsetof(IndexHeader, header_checksum) / sizeof(std::uint32_t);

using HeaderWords = std::array<std::uint32_t, kHeaderWords>;

HeaderWords copy_of(const volatile std::uint32_t* from) {
  HeaderWords words{};
  std::copy_n(from, kHeaderWords, words.begin());
  return words;
}

/// Whether the header's checksum is right.
bool is_whole(const HeaderWords& header) {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  for (std::size_t i = 0; i < kSummedWords; i += 2) {
    first += header[i] + second;
    second += header[i + 1] + first;
  }
  return header[kSummedWords] == first && header[kSummedWords + 1] == second;
}

/// The index in memory. Null: there is none.
volatile std::uint32_t* index_of(sqlite3_file* database) {
  constexpr int kIndexPage = 32768;
  volatile void* index = nullptr;
  // SQLite has mapped the index already, so this only returns the address.
  return database != nullptr && database->pMethods != nullptr && database->pMethods->iVersion >= 2 &&
                 database->pMethods->xShmMap(database, 0, kIndexPage, 0, &index) == SQLITE_OK
             ? static_cast<volatile std::uint32_t*>(index)
             : nullptr;
}

sqlite3_file* file_of(sqlite3* db, int which) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, nullptr, which, &file);
  return file != nullptr && file->pMethods != nullptr ? file : nullptr;
}

}  // namespace

std::optional<LogEnd> log_end(sqlite3* db) {
  const volatile std::uint32_t* index =
      file_of(db, SQLITE_FCNTL_JOURNAL_POINTER) != nullptr ? index_of(file_of(db, SQLITE_FCNTL_FILE_POINTER)) : nullptr;
  if (index == nullptr) {
    return std::nullopt;
  }
  const HeaderWords words = copy_of(index);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (words != copy_of(index + kHeaderWords) || !is_whole(words)) {
    return std::nullopt;
  }
  IndexHeader header{};
  std::memcpy(&header, words.data(), sizeof header);
  return LogEnd{header.change, header.frames, std::uint64_t{header.salt[0]} << 32U | header.salt[1]};
}

bool is_all_moved(sqlite3_file* database) {
  const volatile std::uint32_t* index = index_of(database);
  if (index == nullptr) {
    return false;
  }
  const std::uint32_t frames = index[kFramesWord];
  return __atomic_load_n(&index[kMovedWord], __ATOMIC_RELAXED) >= frames;
}

void forget_moved(sqlite3_file* database) {
  if (volatile std::uint32_t* index = index_of(database)) {
    __atomic_store_n(&index[kMovedWord], 0, __ATOMIC_RELAXED);
  }
}

}  // namespace weir::sqlite
