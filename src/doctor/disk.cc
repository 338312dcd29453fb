// Checks the disk: its free space, and what a sync costs.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "doctor/file_checks.h"
#include "doctor/scratch.h"
#include "system/clock.h"
#include "system/system_reason.h"

namespace weir::doctor {
namespace {

constexpr std::string_view kSpace = "space";
constexpr std::string_view kSync = "sync";
constexpr std::int64_t kMegabyte = 1 << 20;
/// The log grows to this size before weir waits until the log is moved.
constexpr std::int64_t kLogGrows = 64 * kMegabyte;

using Microseconds = std::chrono::microseconds;

/// "0.12 ms"
std::string milliseconds(Microseconds time) {
  const auto us = static_cast<double>(time.count());
  return us < 1000     ? fmt::format("{:.2f} ms", us / 1000)
         : us < 10'000 ? fmt::format("{:.1f} ms", us / 1000)
                       : fmt::format("{:.0f} ms", us / 1000);
}

/// Rounds to two digits, since the figures are no more exact.
std::int64_t rounded(std::int64_t number) {
  std::int64_t unit = 1;
  while (number / unit >= 100) {
    unit *= 10;
  }
  return (number + unit / 2) / unit * unit;
}

std::string room(std::int64_t bytes) {
  return bytes >= 1024 * kMegabyte ? fmt::format("{} GiB", bytes / (1024 * kMegabyte))
         : bytes >= kMegabyte      ? fmt::format("{} MiB", bytes / kMegabyte)
                                   : fmt::format("{} KiB", bytes / 1024);
}

int sync_data(int fd) {
#ifdef __APPLE__
  return fcntl(fd, F_FULLFSYNC);
#else
  return fdatasync(fd);
#endif
}

/// The errno if no page can be written, whatever the figures for free space say, as with a quota. 0: a page was
/// written.
int reason_not_to_write(const Place& place) {
  if (!place.may_make_files) {
    return 0;
  }
  const Scratch scratch = open_scratch(place.folder);
  if (!scratch.one) {
    return errno;
  }
  const int code = write_page(scratch.one.get(), 0);
  // Some file systems report a full disk only at a sync.
  return code == 0 && fsync(scratch.one.get()) != 0 ? errno : code;
}

const char* what_to_do_about(int code) {
  switch (code) {
    case EFBIG:
      return "raise ulimit -f";
    case EACCES:
    case EPERM:
      return "name a database elsewhere with --db";
    case EIO:
      return "look at the system's log: the disk may be failing";
    default:
      return "make room there, or move the database";
  }
}

}  // namespace

void check_space(const Place& place, const Tell& tell) {
  constexpr std::uint64_t kFewFiles = 16;
  struct statvfs system {};
  if (place.is_read_only || statvfs(place.folder.c_str(), &system) != 0 || system.f_blocks == 0) {
    return;  // no space to be had; the finding on the file system says so
  }
  const auto blocks = geteuid() == 0 ? system.f_bfree : system.f_bavail;
  const std::int64_t free = static_cast<std::int64_t>(blocks) * static_cast<std::int64_t>(system.f_frsize);
  const bool few_files = system.f_files > 0 && system.f_favail < kFewFiles;
  const std::string what = room(free) + " free";
  const std::vector<std::pair<std::string_view, std::int64_t>> figures{{"free_bytes", free}};
  rlimit size{};
  const bool limited = getrlimit(RLIMIT_FSIZE, &size) == 0 && size.rlim_cur != RLIM_INFINITY &&
                       static_cast<std::int64_t>(size.rlim_cur) < kLogGrows;
  if (const int code = reason_not_to_write(place); code != 0) {
    tell({State::bad, kSpace, what + ", and nothing can be written: " + system_reason(code), what_to_do_about(code),
          figures});
  } else if (few_files) {
    tell({State::bad, kSpace,
          fmt::format("{}, but the file system takes only {} more {}", what, system.f_favail,
                      system.f_favail == 1 ? "file" : "files"),
          "remove files there that are not needed", figures});
  } else if (free < kMegabyte) {
    tell({State::bad, kSpace, what, "make room there, or move the database", figures});
  } else if (free < kLogGrows) {
    tell({State::warning, kSpace, what + ": the log alone can take 64 MiB", "make room there, or move the database",
          figures});
  } else if (limited) {
    tell({State::warning, kSpace,
          fmt::format("{}, but a file may have no more than {}", what, room(static_cast<std::int64_t>(size.rlim_cur))),
          "raise ulimit -f", figures});
  } else {
    tell({State::ok, kSpace, what, {}, figures});
  }
}

void try_sync(const Place& place, const Tell& tell) {
  constexpr std::size_t kSyncs = 20;
  constexpr Microseconds kTooQuick{20};
  constexpr Microseconds kSlow{30'000};
  constexpr std::chrono::seconds kPatience{3};
  const Scratch scratch = open_scratch(place.folder);
  const auto at = [](std::size_t i) { return static_cast<off_t>(i * kPage); };
  // As in the log, the written pages already have their place on the disk.
  int code = scratch.one ? 0 : errno;
  for (std::size_t i = 0; code == 0 && i < kSyncs; ++i) {
    code = write_page(scratch.one.get(), at(i));
  }
  if (code != 0 || fsync(scratch.one.get()) != 0) {
    tell({State::warning, kSync, std::string("could not be measured: ") + system_reason(code != 0 ? code : errno),
          "see to that first"});
    return;
  }
  std::vector<Microseconds> times;
  const SteadyTime start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kSyncs && std::chrono::steady_clock::now() - start < kPatience; ++i) {
    const SteadyTime before = std::chrono::steady_clock::now();
    if (write_page(scratch.one.get(), at(i)) != 0 || sync_data(scratch.one.get()) != 0) {
      tell({State::bad, kSync, std::string("fails: ") + system_reason(errno), what_to_do_about(EIO)});
      return;
    }
    times.push_back(std::chrono::duration_cast<Microseconds>(std::chrono::steady_clock::now() - before));
  }
  std::sort(times.begin(), times.end());
  const Microseconds median = std::max(times[times.size() / 2], Microseconds(1));
  const std::string what =
      fmt::format("{}, at worst {}: about {} durable commits a second by one writer", milliseconds(median),
                  milliseconds(times.back()), rounded(1'000'000 / median.count()));
  const std::vector<std::pair<std::string_view, std::int64_t>> figures{{"median_us", median.count()},
                                                                       {"worst_us", times.back().count()}};
  const auto mount = mount_of(place.folder);
  const bool memory = mount && is_memory(*mount);
  if (median < kTooQuick && !memory) {
    tell({State::warning, kSync, what + ", quicker than disks are",
          "if libeatmydata, a disk cache without a battery or a virtual machine says \"done\" too early, what was "
          "stored can be "
          "lost with power",
          figures});
  } else if (median > kSlow) {
    tell({State::warning, kSync, what,
          "add many messages in one command (weir xadd < lines), or say --durability normal, which survives kill -9 "
          "only",
          figures});
  } else {
    tell({State::ok, kSync, memory ? milliseconds(median) + ", of memory, where it means nothing" : what, {}, figures});
  }
}

}  // namespace weir::doctor
