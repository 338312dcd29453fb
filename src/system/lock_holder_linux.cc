#include <dirent.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "system/lock_holder.h"

namespace weir {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct DirCloser {
  void operator()(DIR* dir) const { closedir(dir); }
};

/// Calls `each` with every line of a small file, until it returns true.
template <typename Each>
bool any_line(const std::string& path, Each each) {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "re"));
  char line[512];
  while (file && std::fgets(line, sizeof line, file.get()) != nullptr) {
    if (each(line)) {
      return true;
    }
  }
  return false;
}

/// Whether a line of /proc/PID/fdinfo/N such as "lock: 1: OFDLCK ADVISORY WRITE -1 fe:01:1234 0 0" describes an
/// exclusive lock on that byte of that inode.
bool is_lock_on(const char* line, unsigned long inode, std::int64_t byte) {
  char type[16];
  char mode[16];
  char end[24];
  long pid = 0;
  unsigned long found_inode = 0;
  long long start = 0;
  if (std::sscanf(line, "lock: %*d: %15s %*s %15s %ld %*x:%*x:%lu %lld %23s", type, mode, &pid, &found_inode, &start,
                  end) != 6) {
    return false;
  }
  const long long last = std::string(end) == "EOF" ? INT64_MAX : std::atoll(end);
  return std::string(mode) == "WRITE" && found_inode == inode && start <= byte && byte <= last;
}

/// Whether the descriptor is of this very file: another file system may have the same inode number. The device in the
/// lock's line is no help: on btrfs it differs from the one that `stat` gives. False also if this process may not look
/// at the descriptor: naming nobody is better than naming the wrong process.
bool is_same_file(const std::string& descriptor, const struct stat& file) {
  struct stat found {};
  return stat(descriptor.c_str(), &found) == 0 && found.st_dev == file.st_dev && found.st_ino == file.st_ino;
}

bool holds(const std::string& process, const struct stat& file, std::int64_t byte) {
  const std::string folder = process + "/fdinfo/";
  const std::string open_files = process + "/fd/";
  const std::unique_ptr<DIR, DirCloser> descriptors(opendir(folder.c_str()));
  while (descriptors) {
    const dirent* entry = readdir(descriptors.get());
    if (entry == nullptr) {
      break;
    }
    const std::string name = entry->d_name;
    if (name[0] != '.' &&
        any_line(folder + name, [&](const char* line) { return is_lock_on(line, file.st_ino, byte); }) &&
        is_same_file(open_files + name, file)) {
      return true;
    }
  }
  return false;
}

/// Reads a line of /proc/PID/stat such as "4711 (sleep) T 4700 …". The process chooses its own name, which may hold
/// anything.
LockHolder describe(long pid, const std::string& stat) {
  LockHolder holder;
  holder.pid = pid;
  const auto open = stat.find('(');
  const auto close = stat.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) {
    return holder;
  }
  for (const char c : stat.substr(open + 1, close - open - 1)) {
    if (c > ' ' && c < 0x7f) {
      holder.name += c;
    }
  }
  const std::string state = stat.substr(close + 1, 2);
  holder.stopped = state == " T" || state == " t";
  return holder;
}

}  // namespace

std::optional<LockHolder> lock_holder(const std::string& path, std::int64_t byte) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) {
    return std::nullopt;
  }
  const std::unique_ptr<DIR, DirCloser> processes(opendir("/proc"));
  while (processes) {
    const dirent* entry = readdir(processes.get());
    if (entry == nullptr) {
      break;
    }
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') {
      continue;
    }
    const std::string process = std::string("/proc/") + entry->d_name;
    if (holds(process, file, byte)) {
      std::string stat_line;
      any_line(process + "/stat", [&](const char* line) {
        stat_line += line;
        return false;
      });
      return describe(std::atol(entry->d_name), stat_line);
    }
  }
  return std::nullopt;
}

}  // namespace weir
