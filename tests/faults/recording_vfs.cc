#include "faults/recording_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace weir::test {
namespace {

std::mutex recording_one;
std::vector<DiskOperation> recorded;
std::atomic<int> sync_takes_ms = 0;
sqlite3_vfs* real = nullptr;
long long space = -1;
std::atomic<bool> syncs_fail = false;
std::map<RecordingVfs::Moment, std::function<void()>> acts;
sqlite3_vfs recording;

struct File {
  sqlite3_file base;
  std::string* path;
  sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

void record(DiskOperation operation) {
  const std::scoped_lock lock(recording_one);
  recorded.push_back(std::move(operation));
}

std::size_t count_recorded() {
  const std::scoped_lock lock(recording_one);
  return recorded.size();
}

void come(RecordingVfs::Moment moment) {
  if (auto act = acts.extract(moment); !act.empty()) {
    act.mapped()();
  }
}

File* file_of(sqlite3_file* file) {
  return reinterpret_cast<File*>(file);
}

int file_close(sqlite3_file* file) {
  File* self = file_of(file);
  delete self->path;
  return self->inner()->pMethods->xClose(self->inner());
}
int file_read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
  sqlite3_file* inner = file_of(file)->inner();
  return inner->pMethods->xRead(inner, data, size, offset);
}
int file_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  File* self = file_of(file);
  if (space >= 0) {
    if (space < size) {
      return SQLITE_FULL;
    }
    space -= size;
  }
  record({DiskOperation::Kind::write, *self->path, offset,
          std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))});
  return self->inner()->pMethods->xWrite(self->inner(), data, size, offset);
}
int file_truncate(sqlite3_file* file, sqlite3_int64 size) {
  File* self = file_of(file);
  record({DiskOperation::Kind::truncate, *self->path, size, {}});
  return self->inner()->pMethods->xTruncate(self->inner(), size);
}
int file_sync(sqlite3_file* file, int) {
  File* self = file_of(file);
  if (syncs_fail) {
    return SQLITE_IOERR_FSYNC;
  }
  come(RecordingVfs::Moment::before_sync);
  // It is only written down: nobody cuts the power of this machine, and a test makes thousands.
  const auto begun = static_cast<long long>(count_recorded());
  std::this_thread::sleep_for(std::chrono::milliseconds(sync_takes_ms));
  record({DiskOperation::Kind::sync, *self->path, begun, {}});
  return SQLITE_OK;
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  sqlite3_file* inner = file_of(file)->inner();
  return inner->pMethods->xFileSize(inner, size);
}
int file_lock(sqlite3_file* file, int level) {
  sqlite3_file* inner = file_of(file)->inner();
  return inner->pMethods->xLock(inner, level);
}
int file_unlock(sqlite3_file* file, int level) {
  sqlite3_file* inner = file_of(file)->inner();
  return inner->pMethods->xUnlock(inner, level);
}
int file_check_lock(sqlite3_file* file, int* result) {
  sqlite3_file* inner = file_of(file)->inner();
  return inner->pMethods->xCheckReservedLock(inner, result);
}
int file_control(sqlite3_file* file, int what, void* data) {
  sqlite3_file* inner = file_of(file)->inner();
  return inner->pMethods->xFileControl(inner, what, data);
}
int file_sector(sqlite3_file* file) {
  sqlite3_file* inner = file_of(file)->inner();
  return inner->pMethods->xSectorSize(inner);
}
int file_traits(sqlite3_file*) {
  return 0;
}  // nothing is atomic, nothing is in order
int file_shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  sqlite3_file* inner = file_of(file)->inner();
  return inner->pMethods->xShmMap(inner, page, size, extend, out);
}
int file_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  sqlite3_file* inner = file_of(file)->inner();
  constexpr int kToWrite = 0;
  constexpr int kToMove = 1;
  if (offset == kToMove && count == 1 && flags == (SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE)) {
    come(RecordingVfs::Moment::before_moving_log);
  }
  const int code = inner->pMethods->xShmLock(inner, offset, count, flags);
  if (offset == kToWrite && flags == (SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE)) {
    come(RecordingVfs::Moment::after_commit);
  }
  return code;
}
void file_shm_barrier(sqlite3_file* file) {
  sqlite3_file* inner = file_of(file)->inner();
  inner->pMethods->xShmBarrier(inner);
}
int file_shm_unmap(sqlite3_file* file, int remove) {
  sqlite3_file* inner = file_of(file)->inner();
  return inner->pMethods->xShmUnmap(inner, remove);
}
int file_fetch(sqlite3_file*, sqlite3_int64, int, void** out) {
  *out = nullptr;  // nothing is mapped
  return SQLITE_OK;
}
/// Called in a checkpoint, too, when it has read how long the log is, and that is news.
int file_unfetch(sqlite3_file*, sqlite3_int64, void* page) {
  if (page == nullptr) {
    come(RecordingVfs::Moment::moving_log_begins);
  }
  return SQLITE_OK;
}

const sqlite3_io_methods methods = {
    3,           file_close,   file_read,     file_write,       file_truncate,  file_sync,
    file_size,   file_lock,    file_unlock,   file_check_lock,  file_control,   file_sector,
    file_traits, file_shm_map, file_shm_lock, file_shm_barrier, file_shm_unmap, file_fetch,
    file_unfetch};

int vfs_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  File* self = file_of(file);
  self->base.pMethods = nullptr;
  self->path = new std::string(name != nullptr ? name : "");
  const int code = real->xOpen(real, name, self->inner(), flags, out_flags);
  if (self->inner()->pMethods != nullptr) {
    self->base.pMethods = &methods;
  } else {
    delete self->path;
  }
  return code;
}

int vfs_delete(sqlite3_vfs*, const char* name, int sync_folder) {
  record({DiskOperation::Kind::remove, name, 0, {}});
  return real->xDelete(real, name, sync_folder);
}

void apply(std::map<std::string, std::string>& disk, const DiskOperation& operation) {
  const auto offset = static_cast<std::size_t>(operation.offset);
  switch (operation.kind) {
    case DiskOperation::Kind::write: {
      std::string& content = disk[operation.path];
      if (content.size() < offset + operation.data.size()) {
        content.resize(offset + operation.data.size());
      }
      content.replace(offset, operation.data.size(), operation.data);
      break;
    }
    case DiskOperation::Kind::truncate:
      disk[operation.path].resize(offset);
      break;
    case DiskOperation::Kind::remove:
      disk.erase(operation.path);
      break;
    case DiskOperation::Kind::sync:
      break;
  }
}

}  // namespace

RecordingVfs::RecordingVfs() {
  recorded.clear();
  real = sqlite3_vfs_find(nullptr);
  recording = *real;
  recording.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
  recording.zName = "recording";
  recording.xOpen = vfs_open;
  recording.xDelete = vfs_delete;
  sqlite3_vfs_register(&recording, 1);
}

RecordingVfs::~RecordingVfs() {
  set_space(-1);
  set_syncs_fail(false);
  set_sync_takes(std::chrono::milliseconds(0));
  acts.clear();
  sqlite3_vfs_unregister(&recording);
  sqlite3_vfs_register(real, 1);
}

const std::vector<DiskOperation>& RecordingVfs::operations() const {
  return recorded;
}

std::size_t RecordingVfs::count() const {
  return count_recorded();
}

void RecordingVfs::set_space(long long bytes) {
  space = bytes;
}

void RecordingVfs::set_syncs_fail(bool fail) {
  syncs_fail = fail;
}

void RecordingVfs::set_sync_takes(std::chrono::milliseconds time) {
  sync_takes_ms = static_cast<int>(time.count());
}

void RecordingVfs::at(Moment moment, std::function<void()> act) {
  acts[moment] = std::move(act);
}

std::map<std::string, std::string> disk_after(const std::vector<DiskOperation>& operations, std::size_t cut,
                                              const std::function<bool()>& reaches_disk) {
  std::map<std::string, std::size_t> synced;  // path: how many operations are on the disk, as far as they are of it
  for (std::size_t i = 0; i < cut; ++i) {
    if (operations[i].kind == DiskOperation::Kind::sync) {
      auto& so_far = synced[operations[i].path];
      so_far = std::max(so_far, static_cast<std::size_t>(operations[i].offset));
    } else if (operations[i].kind == DiskOperation::Kind::remove) {
      synced[operations[i].path] = i + 1;
    }
  }
  std::map<std::string, std::string> disk;
  for (std::size_t i = 0; i < cut; ++i) {
    const auto known = synced.find(operations[i].path);
    const bool safe = known != synced.end() && i < known->second;
    if (safe || reaches_disk()) {
      apply(disk, operations[i]);
    }
  }
  return disk;
}

}  // namespace weir::test
