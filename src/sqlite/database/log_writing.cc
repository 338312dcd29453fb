#include "sqlite/database/log_writing.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <mutex>

namespace weir::sqlite {
namespace {

constexpr int kLogHeaderBytes = 32;
constexpr int kFrameHeaderBytes = 24;
constexpr int kMostPageBytes = 4096;  ///< larger pages are written as SQLite does it
constexpr sqlite3_int64 kNothingYet = INT64_MAX;

/// SQLite makes it, as plain memory, and the real file behind it.
struct LogFileHandle {
  sqlite3_file base;
  const char* name;  ///< SQLite keeps it as long as the file is open
  int hint;          ///< a descriptor to tell the disk to begin; closing it drops no lock: there are none on the log
  bool at_commit;
  bool is_commit;       ///< what is held is the header of a commit's last frame
  bool holds;           ///< a frame's header, which is not yet written
  sqlite3_int64 place;  ///< of it in the file
  sqlite3_int64 first;  ///< what this transaction has written reaches from there
  sqlite3_int64 end;    ///< to there
  std::array<unsigned char, kFrameHeaderBytes + kMostPageBytes> frame;

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

LogFileHandle& handle_of(sqlite3_file* file) {
  return *reinterpret_cast<LogFileHandle*>(file);
}

int write_real(LogFileHandle& log, const void* data, int size, sqlite3_int64 offset) {
  return log.real()->pMethods->xWrite(log.real(), data, size, offset);
}

/// Writes a header whose page did not come next.
int release(LogFileHandle& log) {
  if (!log.holds) {
    return SQLITE_OK;
  }
  log.holds = false;
  return write_real(log, log.frame.data(), kFrameHeaderBytes, log.place);
}

void begin_writing(LogFileHandle& log) {
#ifdef SYNC_FILE_RANGE_WRITE
  constexpr int kFailed = -2;
  if (log.hint == -1) {
    // Whatever has its name by now: neither waited for nor followed.
    log.hint = open(log.name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    log.hint = log.hint == -1 ? kFailed : log.hint;
  }
  if (log.hint >= 0) {
    // Whatever goes wrong is told to the sync.
    [[maybe_unused]] const int begun = sync_file_range(log.hint, 0, 0, SYNC_FILE_RANGE_WRITE);
  }
#else
  (void)log;
#endif
}

int close_log(sqlite3_file* file) {
  LogFileHandle& log = handle_of(file);
  if (log.hint >= 0) {
    close(log.hint);
  }
  const int held = release(log);
  const int code = log.real()->pMethods->xClose(log.real());
  return code == SQLITE_OK ? held : code;
}

/// Its page comes next. Not so where SQLite goes back to a frame of this transaction, to write its checksum anew.
bool is_new_frame(const LogFileHandle& log, int size, sqlite3_int64 offset) {
  return size == kFrameHeaderBytes && offset >= kLogHeaderBytes && (offset < log.first || offset >= log.end);
}

void hold(LogFileHandle& log, const void* header, sqlite3_int64 offset) {
  std::memcpy(log.frame.data(), header, kFrameHeaderBytes);
  // How many pages the database has after it; 0 in a frame that ends no commit.
  constexpr std::array<unsigned char, 4> kNoCommit{};
  log.is_commit = std::memcmp(log.frame.data() + 4, kNoCommit.data(), kNoCommit.size()) != 0;
  log.place = offset;
  log.holds = true;
}

int write_log(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  LogFileHandle& log = handle_of(file);
  const bool is_page = log.holds && offset == log.place + kFrameHeaderBytes && size <= kMostPageBytes;
  if (!is_page) {
    if (const int code = release(log); code != SQLITE_OK) {
      return code;
    }
    const bool is_new = is_new_frame(log, size, offset);
    log.first = std::min(log.first, offset);
    log.end = std::max(log.end, offset + size);
    if (is_new) {
      hold(log, data, offset);
      return SQLITE_OK;
    }
    return write_real(log, data, size, offset);
  }
  log.end = std::max(log.end, offset + size);
  std::memcpy(log.frame.data() + kFrameHeaderBytes, data, static_cast<std::size_t>(size));
  log.holds = false;
  const int code = write_real(log, log.frame.data(), kFrameHeaderBytes + size, log.place);
  if (code == SQLITE_OK && log.is_commit && log.at_commit) {
    begin_writing(log);
  }
  return code;
}

int read_log(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  LogFileHandle& log = handle_of(file);
  const int code = release(log);
  return code == SQLITE_OK ? log.real()->pMethods->xRead(log.real(), data, size, offset) : code;
}

int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
  LogFileHandle& log = handle_of(file);
  const int code = release(log);
  return code == SQLITE_OK ? log.real()->pMethods->xTruncate(log.real(), size) : code;
}

int sync_log_to_disk(sqlite3_file* file, int how) {
  LogFileHandle& log = handle_of(file);
  const int code = release(log);
  return code == SQLITE_OK ? log.real()->pMethods->xSync(log.real(), how) : code;
}

int size_of_log(sqlite3_file* file, sqlite3_int64* size) {
  LogFileHandle& log = handle_of(file);
  const int code = release(log);
  return code == SQLITE_OK ? log.real()->pMethods->xFileSize(log.real(), size) : code;
}

int lock_log(sqlite3_file* file, int level) {
  sqlite3_file* real = handle_of(file).real();
  return real->pMethods->xLock(real, level);
}

int unlock_log(sqlite3_file* file, int level) {
  sqlite3_file* real = handle_of(file).real();
  return real->pMethods->xUnlock(real, level);
}

int is_log_reserved(sqlite3_file* file, int* reserved) {
  sqlite3_file* real = handle_of(file).real();
  return real->pMethods->xCheckReservedLock(real, reserved);
}

int control_log(sqlite3_file* file, int what, void* argument) {
  sqlite3_file* real = handle_of(file).real();
  return real->pMethods->xFileControl(real, what, argument);
}

int sector_of_log(sqlite3_file* file) {
  sqlite3_file* real = handle_of(file).real();
  return real->pMethods->xSectorSize(real);
}

int traits_of_log(sqlite3_file* file) {
  sqlite3_file* real = handle_of(file).real();
  return real->pMethods->xDeviceCharacteristics(real);
}

/// The first version: the shared memory is the database's, not the log's.
const sqlite3_io_methods kLogMethods{
    1,        close_log,  read_log,        write_log,   truncate_log,  sync_log_to_disk, size_of_log,
    lock_log, unlock_log, is_log_reserved, control_log, sector_of_log, traits_of_log,    nullptr,
    nullptr,  nullptr,    nullptr,         nullptr,     nullptr,
};

std::mutex registering;
sqlite3_vfs* under = nullptr;  ///< SQLite's default, over which it was registered
sqlite3_vfs over;

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  if ((flags & SQLITE_OPEN_WAL) == 0) {
    return under->xOpen(under, name, file, flags, flags_out);
  }
  auto* log = reinterpret_cast<LogFileHandle*>(file);
  *log = {};
  log->name = name;
  log->hint = -1;
  log->first = kNothingYet;
  const int code = under->xOpen(under, name, log->real(), flags, flags_out);
  if (log->real()->pMethods != nullptr) {
    log->base.pMethods = &kLogMethods;
  }
  return code;
}

}  // namespace

const char* log_writing_vfs() {
  const std::lock_guard lock(registering);
  sqlite3_vfs* now = sqlite3_vfs_find(nullptr);
  if (now == nullptr) {
    return nullptr;
  }
  if (now != under) {
    if (under != nullptr) {
      sqlite3_vfs_unregister(&over);
    }
    under = now;
    over = *now;
    over.szOsFile += static_cast<int>(sizeof(LogFileHandle));
    over.zName = "weir";
    over.pNext = nullptr;
    over.xOpen = open_file;
    if (sqlite3_vfs_register(&over, 0) != SQLITE_OK) {
      under = nullptr;
      return nullptr;
    }
  }
  return over.zName;
}

void begin_log_writing(sqlite3_file* log) {
  if (log != nullptr && log->pMethods == &kLogMethods) {
    handle_of(log).first = kNothingYet;
    handle_of(log).end = 0;
  }
}

void let_disk_begin(sqlite3_file* log, bool at_commit) {
  if (log != nullptr && log->pMethods == &kLogMethods) {
    handle_of(log).at_commit = at_commit;
  }
}

}  // namespace weir::sqlite
