#include "sqlite/file/log_index.h"

#include <cstddef>
#include <cstring>

namespace weir::sqlite {
namespace {

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

constexpr std::size_t kHeaderWords = sizeof(IndexHeader) / sizeof(std::uint32_t);
constexpr std::size_t kMovedWord = 2 * kHeaderWords;

/// Null: there is none.
volatile std::uint32_t* index_of(sqlite3* db) {
  sqlite3_file* log = nullptr;
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, nullptr, SQLITE_FCNTL_JOURNAL_POINTER, &log);
  sqlite3_file_control(db, nullptr, SQLITE_FCNTL_FILE_POINTER, &file);
  constexpr int kIndexPage = 32768;
  volatile void* index = nullptr;
  // SQLite has mapped it, and answers with the address.
  if (log == nullptr || log->pMethods == nullptr || file == nullptr || file->pMethods == nullptr ||
      file->pMethods->iVersion < 2 || file->pMethods->xShmMap(file, 0, kIndexPage, 0, &index) != SQLITE_OK) {
    return nullptr;
  }
  return static_cast<volatile std::uint32_t*>(index);
}

}  // namespace

std::optional<LogEnd> log_end(sqlite3* db) {
  const volatile std::uint32_t* index = index_of(db);
  if (index == nullptr) {
    return std::nullopt;
  }
  std::uint32_t copies[2][kHeaderWords];
  for (std::size_t i = 0; i < 2 * kHeaderWords; ++i) {
    copies[i / kHeaderWords][i % kHeaderWords] = index[i];
  }
  if (std::memcmp(copies[0], copies[1], sizeof copies[0]) != 0) {
    return std::nullopt;
  }
  IndexHeader header{};
  std::memcpy(&header, copies[0], sizeof header);
  return LogEnd{header.change, header.frames, std::uint64_t{header.salt[0]} << 32U | header.salt[1]};
}

std::optional<std::uint32_t> frames_moved(sqlite3* db) {
  const volatile std::uint32_t* index = index_of(db);
  return index != nullptr ? std::optional(index[kMovedWord]) : std::nullopt;
}

void forget_moved(sqlite3* db) {
  if (volatile std::uint32_t* index = index_of(db)) {
    index[kMovedWord] = 0;
  }
}

}  // namespace weir::sqlite
