#include "sqlite/database/log_writing.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <new>
#include <utility>

namespace weir::sqlite {
namespace {

constexpr std::size_t kFrameHeaderBytes = 24;
constexpr std::size_t kPageBytes = 4096;  ///< pages of other sizes are not gathered
constexpr std::size_t kMostFrames = 8;    ///< how many are gathered at a time

using Frames = std::array<unsigned char, kMostFrames*(kFrameHeaderBytes + kPageBytes)>;

/// SQLite allocates the memory for this and for the real file behind it.
struct LogFileHandle {
  sqlite3_file base;
  const char* name;  ///< SQLite keeps it as long as the file is open
  int hint;          ///< a descriptor for starting the disk; closing it drops no locks, as the log has none
  GatheredCommit::Disk disk;
  bool gathers;
  bool is_commit;       ///< the last header gathered is of a commit's last frame
  sqlite3_int64 place;  ///< where the gathered bytes belong in the file
  std::size_t size;     ///< how many bytes are gathered
  Frames* gathered;     ///< made at the first commit

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

LogFileHandle& handle_of(sqlite3_file* file) {
  return *reinterpret_cast<LogFileHandle*>(file);
}

int write_gathered(LogFileHandle& log) {
  if (log.size == 0) {
    return SQLITE_OK;
  }
  const auto size = static_cast<int>(log.size);
  log.size = 0;
  return log.real()->pMethods->xWrite(log.real(), log.gathered->data(), size, log.place);
}

void let_disk_begin(LogFileHandle& log) {
#ifdef SYNC_FILE_RANGE_WRITE
  constexpr int kFailed = -2;
  if (log.hint == -1) {
    // Another file may have this name by now, so open() neither waits nor follows links.
    log.hint = open(log.name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    log.hint = log.hint == -1 ? kFailed : log.hint;
  }
  if (log.hint >= 0) {
    // Errors are ignored here: the sync reports them.
    [[maybe_unused]] const int begun = sync_file_range(log.hint, 0, 0, SYNC_FILE_RANGE_WRITE);
  }
#else
  (void)log;
#endif
}

/// Whether a write continues the gathered frames, each of which is a header and then a page. When SQLite goes back to a
/// frame that this transaction has written before, it writes only a header or only a page.
bool is_next(const LogFileHandle& log, std::size_t size, sqlite3_int64 offset) {
  const std::size_t in_frame = log.size % (kFrameHeaderBytes + kPageBytes);
  return size == (in_frame == 0 ? kFrameHeaderBytes : kPageBytes) &&
         (log.size == 0 || offset == log.place + static_cast<sqlite3_int64>(log.size));
}

bool ends_commit(const void* header) {
  // This field has the number of the database's pages after the commit; it is 0 in a frame that ends no commit.
  constexpr std::array<unsigned char, 4> kNoCommit{};
  return std::memcmp(static_cast<const unsigned char*>(header) + 4, kNoCommit.data(), kNoCommit.size()) != 0;
}

int write_log(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  LogFileHandle& log = handle_of(file);
  const auto bytes = static_cast<std::size_t>(size);
  if (!log.gathers || !is_next(log, bytes, offset)) {
    const int code = write_gathered(log);
    return code == SQLITE_OK ? log.real()->pMethods->xWrite(log.real(), data, size, offset) : code;
  }
  if (log.size == 0) {
    log.place = offset;
  }
  std::memcpy(log.gathered->data() + log.size, data, bytes);
  log.size += bytes;
  if (bytes == kFrameHeaderBytes) {
    log.is_commit = ends_commit(data);
    return SQLITE_OK;
  }
  if (!log.is_commit) {
    return log.size == log.gathered->size() ? write_gathered(log) : SQLITE_OK;
  }
  log.gathers = false;
  const int code = write_gathered(log);
  if (code == SQLITE_OK && log.disk == GatheredCommit::Disk::begins) {
    let_disk_begin(log);
  }
  return code;
}

int close_log(sqlite3_file* file) {
  LogFileHandle& log = handle_of(file);
  delete std::exchange(log.gathered, nullptr);
  if (log.hint >= 0) {
    close(log.hint);
  }
  return log.real()->pMethods->xClose(log.real());
}

int read_log(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  LogFileHandle& log = handle_of(file);
  const int code = write_gathered(log);
  return code == SQLITE_OK ? log.real()->pMethods->xRead(log.real(), data, size, offset) : code;
}

int truncate_log(sqlite3_file* file, sqlite3_int64 size) {
  LogFileHandle& log = handle_of(file);
  const int code = write_gathered(log);
  return code == SQLITE_OK ? log.real()->pMethods->xTruncate(log.real(), size) : code;
}

int sync_log_to_disk(sqlite3_file* file, int how) {
  LogFileHandle& log = handle_of(file);
  const int code = write_gathered(log);
  return code == SQLITE_OK ? log.real()->pMethods->xSync(log.real(), how) : code;
}

int size_of_log(sqlite3_file* file, sqlite3_int64* size) {
  LogFileHandle& log = handle_of(file);
  const int code = write_gathered(log);
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

/// Version 1 of the methods, without shared memory, which belongs to the database and not to the log.
const sqlite3_io_methods kLogMethods{
    1,        close_log,  read_log,        write_log,   truncate_log,  sync_log_to_disk, size_of_log,
    lock_log, unlock_log, is_log_reserved, control_log, sector_of_log, traits_of_log,    nullptr,
    nullptr,  nullptr,    nullptr,         nullptr,     nullptr,
};

}  // namespace

const int kLogHandleBytes = sizeof(LogFileHandle);

int open_gathering(sqlite3_vfs* under, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  auto* log = reinterpret_cast<LogFileHandle*>(file);
  *log = {};
  log->name = name;
  log->hint = -1;
  const int code = under->xOpen(under, name, log->real(), flags, flags_out);
  if (log->real()->pMethods != nullptr) {
    log->base.pMethods = &kLogMethods;
  }
  return code;
}

GatheredCommit::GatheredCommit(sqlite3_file* log, Disk disk)
    : log_(log != nullptr && log->pMethods == &kLogMethods ? log : nullptr) {
  if (log_ != nullptr) {
    LogFileHandle& handle = handle_of(log_);
    if (handle.gathered == nullptr) {
      handle.gathered = new (std::nothrow) Frames;  // memory that is never used costs nothing
    }
    handle.gathers = handle.gathered != nullptr;
    handle.size = 0;
    handle.disk = disk;
  }
}

GatheredCommit::~GatheredCommit() {
  if (log_ != nullptr) {
    // Gathered bytes that are left belong to a commit that failed before its last frame.
    handle_of(log_).gathers = false;
    handle_of(log_).size = 0;
  }
}

}  // namespace weir::sqlite
