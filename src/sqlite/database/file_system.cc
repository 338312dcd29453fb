#include "sqlite/database/file_system.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <mutex>

#include "sqlite/database/descriptor_file.h"
#include "sqlite/database/log_moving.h"
#include "sqlite/database/log_writing.h"

namespace weir::sqlite {
namespace {

std::mutex registering;
sqlite3_vfs* under = nullptr;  ///< SQLite's default, on which `over` is layered
sqlite3_vfs over;

/// Where our own data begins in the memory that SQLite allocates for a file: behind the real file.
int behind_real() {
  constexpr int kAlign = alignof(std::max_align_t);
  return (under->szOsFile + kAlign - 1) / kAlign * kAlign;
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  if ((flags & SQLITE_OPEN_WAL) != 0) {
    return open_gathering(under, name, file, flags, flags_out);
  }
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    constexpr sqlite3_int64 kNone = -1;
    if (const auto fd = sqlite3_uri_int64(name, kDescriptorParameter, kNone); fd != kNone) {
      return open_descriptor(static_cast<int>(fd), file, flags_out);
    }
  }
  const int code = under->xOpen(under, name, file, flags, flags_out);
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0 && file->pMethods != nullptr) {
    guard_locks(file, reinterpret_cast<std::byte*>(file) + behind_real());
  }
  return code;
}

}  // namespace

const char* file_system() {
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
    over.szOsFile = std::max({now->szOsFile + kLogHandleBytes, behind_real() + kGuardBytes, kDescriptorFileBytes});
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

}  // namespace weir::sqlite
