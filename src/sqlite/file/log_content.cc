#include "sqlite/file/log_content.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace weir::sqlite {
namespace {

std::uint32_t big_endian(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U | std::uint32_t{bytes[2]} << 8U | bytes[3];
}

std::uint32_t little_endian(const unsigned char* bytes) {
  return std::uint32_t{bytes[3]} << 24U | std::uint32_t{bytes[2]} << 16U | std::uint32_t{bytes[1]} << 8U | bytes[0];
}

bool read(sqlite3_file* file, Bytes& bytes, std::int64_t offset) {
  return file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()), offset) == SQLITE_OK;
}

/// For this class and the code below see "WAL File Format" in SQLite's documentation.
class Checksum {
 public:
  explicit Checksum(bool big) : big_(big) {}
  void add(const unsigned char* bytes, std::size_t size) {
    constexpr std::size_t kStep = 8;
    for (std::size_t i = 0; i + kStep <= size; i += kStep) {
      first_ += word(bytes + i) + second_;
      second_ += word(bytes + i + kStep / 2) + first_;
    }
  }
  bool is(const unsigned char* bytes) const { return big_endian(bytes) == first_ && big_endian(bytes + 4) == second_; }

 private:
  std::uint32_t word(const unsigned char* bytes) const { return big_ ? big_endian(bytes) : little_endian(bytes); }

  bool big_;
  std::uint32_t first_ = 0;
  std::uint32_t second_ = 0;
};

constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::uint32_t kLargestPage = 65536;

}  // namespace

LogFile::LogFile(sqlite3* db) {
  sqlite3_vfs* vfs = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
  if (vfs == nullptr) {
    return;
  }
  space_.reset(new std::max_align_t[static_cast<std::size_t>(vfs->szOsFile) / sizeof(std::max_align_t) + 1]());
  auto* file = reinterpret_cast<sqlite3_file*>(space_.get());
  const char* name = sqlite3_filename_wal(sqlite3_db_filename(db, "main"));
  opened_ = vfs->xOpen(vfs, name, file, SQLITE_OPEN_WAL | SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK;
}

LogFile::~LogFile() {
  if (auto* file = reinterpret_cast<sqlite3_file*>(space_.get()); file != nullptr && file->pMethods != nullptr) {
    file->pMethods->xClose(file);
  }
}

sqlite3_file* LogFile::file() const {
  return opened_ ? reinterpret_cast<sqlite3_file*>(space_.get()) : nullptr;
}

bool LogFile::read(Bytes& bytes, std::int64_t offset) const {
  return opened_ && weir::sqlite::read(file(), bytes, offset);
}

LogContent LogFile::content() const {
  sqlite3_file* log = file();
  constexpr std::uint32_t kMagic = 0x377f0682;
  constexpr std::uint32_t kLeastPage = 512;
  LogContent content;
  Bytes header(kHeaderBytes);
  if (log == nullptr || !weir::sqlite::read(log, header, 0) || (big_endian(header.data()) & ~1U) != kMagic) {
    return content;
  }
  const std::uint32_t page_bytes = big_endian(&header[8]);
  Checksum sum((big_endian(header.data()) & 1U) != 0);
  sum.add(header.data(), 24);
  if (!sum.is(&header[24]) || page_bytes < kLeastPage || page_bytes > kLargestPage) {
    return content;
  }
  content.page_bytes = page_bytes;
  std::map<std::uint32_t, std::int64_t> uncommitted;
  Bytes frame(kFrameHeaderBytes + page_bytes);
  for (std::int64_t at = kHeaderBytes; weir::sqlite::read(log, frame, at);
       at += static_cast<std::int64_t>(frame.size())) {
    const bool same_salt = std::equal(&frame[8], &frame[16], &header[16]);
    sum.add(frame.data(), 8);
    sum.add(&frame[kFrameHeaderBytes], page_bytes);
    if (!same_salt || !sum.is(&frame[16])) {
      break;
    }
    uncommitted[big_endian(frame.data())] = at + static_cast<std::int64_t>(kFrameHeaderBytes);
    if (const std::uint32_t pages = big_endian(&frame[4]); pages != 0) {
      content.pages = pages;
      for (const auto& [page, offset] : uncommitted) {
        content.last[page] = offset;
      }
      uncommitted.clear();
    }
  }
  return content;
}

bool is_log_in_database(sqlite3* db) {
  sqlite3_file* database = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &database);
  const LogFile log(db);
  if (database == nullptr || database->pMethods == nullptr || !log.is_open()) {
    return false;
  }
  const LogContent content = log.content();
  if (content.pages == 0) {
    return true;
  }
  // The database's own header says how large its pages are (1 for 65536), and how many there are.
  Bytes header(kHeaderBytes);
  if (!read(database, header, 0)) {
    return false;
  }
  const std::uint32_t stored = std::uint32_t{header[16]} << 8U | header[17];
  if ((stored == 1 ? kLargestPage : stored) != content.page_bytes || big_endian(&header[28]) != content.pages) {
    return false;
  }
  Bytes in_log(content.page_bytes);
  Bytes in_database(content.page_bytes);
  for (const auto& [page, offset] : content.last) {
    if (page > content.pages) {
      continue;  // cut off by a later commit
    }
    if (!log.read(in_log, offset) || !read(database, in_database, std::int64_t{page - 1} * content.page_bytes) ||
        in_log != in_database) {
      return false;
    }
  }
  return true;
}

}  // namespace weir::sqlite
