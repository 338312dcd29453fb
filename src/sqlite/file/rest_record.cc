#include "sqlite/file/rest_record.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <string_view>
#include <type_traits>

#include "system/fd.h"

namespace weir::sqlite {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// The record as it lies in the file, in native byte order.
struct Stored {
  std::uint64_t checksum;
  RestRecord record;
};
static_assert(std::is_trivially_copyable_v<Stored> && std::has_unique_object_representations_v<Stored>);

/// FNV-1a.
std::uint64_t hash(std::string_view bytes) {
  constexpr std::uint64_t kStart = 0xcbf29ce484222325U;
  constexpr std::uint64_t kPrime = 0x100000001b3U;
  std::uint64_t sum = kStart;
  for (const char byte : bytes) {
    sum = (sum ^ static_cast<unsigned char>(byte)) * kPrime;
  }
  return sum;
}

/// Change kLayout with every change of the layout. The checksum of zeros, as in a new file, is not zero.
std::uint64_t checksum(const RestRecord& record) {
  constexpr std::uint64_t kLayout = 1;
  char bytes[sizeof record];
  std::memcpy(bytes, &record, sizeof record);
  return hash({bytes, sizeof bytes}) ^ kLayout;
}

/// Identifies this run of the system; if the system gives it no name, by the second in which it started.
std::uint64_t this_run() {
  const Fd file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  char name[64];
  if (const ssize_t size = file ? ::read(file.get(), name, sizeof name) : 0; size > 0) {
    return hash({name, static_cast<std::size_t>(size)});
  }
  timespec now{};
  timespec running{};
  clock_gettime(CLOCK_REALTIME, &now);
  clock_gettime(CLOCK_MONOTONIC, &running);
  return static_cast<std::uint64_t>(now.tv_sec - running.tv_sec);
}

}  // namespace

std::optional<FileMark> FileMark::of(const std::string& path) {
#ifdef STATX_BTIME
  struct statx file {};
  if (statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_SIZE | STATX_MTIME | STATX_BTIME, &file) == 0) {
    const bool knows_birth = (file.stx_mask & STATX_BTIME) != 0;
    return FileMark{std::uint64_t{file.stx_dev_major} << 32U | file.stx_dev_minor, file.stx_ino,
                    knows_birth ? file.stx_btime.tv_sec * kSecond + file.stx_btime.tv_nsec : 0,
                    static_cast<std::int64_t>(file.stx_size), file.stx_mtime.tv_sec * kSecond + file.stx_mtime.tv_nsec};
  }
#endif
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    return std::nullopt;
  }
#ifdef __APPLE__
  const timespec written = status.st_mtimespec;
#else
  const timespec written = status.st_mtim;
#endif
  return FileMark{static_cast<std::uint64_t>(status.st_dev), status.st_ino, 0, status.st_size,
                  written.tv_sec * kSecond + written.tv_nsec};
}

std::optional<RestRecord> RestRecord::of(const std::string& database, const LogEnd& end) {
  const auto file = FileMark::of(database);
  const auto log = FileMark::of(database + "-wal");
  if (!file || !log) {
    return std::nullopt;
  }
  return RestRecord{*file, *log, end, this_run()};
}

std::optional<RestRecord> RestRecord::read(int lock_file) {
  Stored stored{};
  if (pread(lock_file, &stored, sizeof stored, kRestRecordOffset) != sizeof stored ||
      stored.checksum != checksum(stored.record)) {
    return std::nullopt;
  }
  return stored.record;
}

void RestRecord::write(int lock_file) const {
  const Stored stored{checksum(*this), *this};
  // If the write fails nothing is lost: the next process to leave repeats the work.
  [[maybe_unused]] const ssize_t written = pwrite(lock_file, &stored, sizeof stored, kRestRecordOffset);
}

bool RestRecord::is_of_this_run() const {
  return run == this_run();
}

}  // namespace weir::sqlite
