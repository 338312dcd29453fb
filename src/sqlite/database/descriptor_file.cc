#include "sqlite/database/descriptor_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace weir::sqlite {
namespace {

struct DescriptorFile {
  sqlite3_file base;
  int fd;
};

int fd_of(sqlite3_file* file) {
  return reinterpret_cast<DescriptorFile*>(file)->fd;
}

int read_file(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  auto* to = static_cast<std::byte*>(data);
  const auto bytes = static_cast<std::size_t>(size);
  for (std::size_t at = 0; at < bytes;) {
    const ssize_t got = pread(fd_of(file), to + at, bytes - at, static_cast<off_t>(offset) + static_cast<off_t>(at));
    if (got == 0) {
      std::memset(to + at, 0, bytes - at);
      return SQLITE_IOERR_SHORT_READ;
    }
    if (got < 0 && errno != EINTR) {
      return SQLITE_IOERR_READ;
    }
    at += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* bytes) {
  struct stat status {};
  if (fstat(fd_of(file), &status) != 0) {
    return SQLITE_IOERR_FSTAT;
  }
  *bytes = status.st_size;
  return SQLITE_OK;
}

int close_file(sqlite3_file*) {
  return SQLITE_OK;
}

int write_file(sqlite3_file*, const void*, int, sqlite3_int64) {
  return SQLITE_READONLY;
}

int truncate_file(sqlite3_file*, sqlite3_int64) {
  return SQLITE_READONLY;
}

int sync_file(sqlite3_file*, int) {
  return SQLITE_OK;
}

int lock_file(sqlite3_file*, int) {
  return SQLITE_OK;
}

int check_reserved(sqlite3_file*, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}

int control_file(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file*) {
  return 0;  // 0: SQLite uses its own default
}

int characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_IMMUTABLE;
}

constexpr int kWithoutSharedMemory = 1;
constexpr sqlite3_io_methods kMethods{kWithoutSharedMemory,
                                      close_file,
                                      read_file,
                                      write_file,
                                      truncate_file,
                                      sync_file,
                                      file_size,
                                      lock_file,
                                      lock_file,
                                      check_reserved,
                                      control_file,
                                      sector_size,
                                      characteristics,
                                      nullptr,
                                      nullptr,
                                      nullptr,
                                      nullptr,
                                      nullptr,
                                      nullptr};

}  // namespace

const int kDescriptorFileBytes = sizeof(DescriptorFile);

int open_descriptor(int fd, sqlite3_file* file, int* flags_out) {
  reinterpret_cast<DescriptorFile*>(file)->fd = fd;
  file->pMethods = &kMethods;
  if (flags_out != nullptr) {
    *flags_out = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY;
  }
  return SQLITE_OK;
}

}  // namespace weir::sqlite
