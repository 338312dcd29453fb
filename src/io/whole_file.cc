#include "io/whole_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "io/output.h"
#include "system/fd.h"
#include "system/file_like.h"
#include "system/folder.h"
#include "system/system_reason.h"

namespace weir::io {

namespace {

tl::unexpected<Error> cannot_write(const std::string& path, int code) {
  return fail(Failure::store, "cannot write " + path + ": " + system_reason(code));
}

/// Whoever made the link decides which file is replaced. So it has to be this user or root, and nobody else may write
/// the folder.
bool may_lead(const struct stat& link, const std::string& folder) {
  const auto is_trusted = [](uid_t user) { return user == ::geteuid() || user == 0; };
  struct stat around {};
  return is_trusted(link.st_uid) || (::stat(folder.c_str(), &around) == 0 && is_trusted(around.st_uid) &&
                                     (around.st_mode & (S_IWGRP | S_IWOTH)) == 0);
}

/// The end of the links of a name; the file need not exist.
Result<std::string> followed(const std::string& path) {
  constexpr int kMostLinks = 40;  // the kernel's limit
  std::filesystem::path name = path;
  for (int i = 0; i < kMostLinks; ++i) {
    struct stat link {};
    if (::lstat(name.c_str(), &link) != 0 || !S_ISLNK(link.st_mode)) {
      break;
    }
    const std::filesystem::path folder = name.parent_path();
    if (!may_lead(link, folder.empty() ? "." : folder.string())) {
      return fail(Failure::store, "cannot write " + path + ": " + (i == 0 ? "it" : name.string()) +
                                      " is a symbolic link of another user");
    }
    std::error_code failed;
    name = folder / std::filesystem::read_symlink(name, failed);
  }
  return name.string();
}

bool has_name(const Fd& file, const std::string& name) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(file.get(), &opened) == 0 && ::lstat(name.c_str(), &named) == 0 && named.st_ino == opened.st_ino &&
         named.st_dev == opened.st_dev;
}

/// Whether the writer of the file is alive. Where the file system has no locks nobody can tell, and two may write at
/// once.
bool is_locked_by_another(const Fd& file) {
  return ::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

/// Removes what a killed process has left under the name. False: its writer is alive. `path`: as below.
Result<bool> remove_left(const std::string& name, const std::string& path) {
  const auto failure = [&] {
    return fail(Failure::store, "cannot write " + path + ": " + name + " is in the way: " + system_reason(errno));
  };
  const Fd left = Fd::open(name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (!left) {
    return errno == ENOENT ? Result<bool>(true) : failure();
  }
  if (is_locked_by_another(left)) {
    return false;
  }
  // If the file has another name by now, its writer was alive, and the next one may have begun.
  if (has_name(left, name) && ::unlink(name.c_str()) != 0) {
    return failure();
  }
  return true;
}

/// Opens a new file to which nobody else can write, and locks it. It gets the rights of any new file of this user.
/// `path`: how the user calls its target.
Result<Fd> open_beside(const std::string& name, const std::string& path, bool is_new) {
  constexpr mode_t kForAll = 0644;
  constexpr auto kPause = std::chrono::milliseconds(10);
  constexpr int kTries = 1'000;
  for (int i = 0; i < kTries; ++i) {
    Fd file = Fd::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, is_new ? kForAll : 0600);
    if (!file && errno != EEXIST) {
      return cannot_write(path, errno);
    }
    // Before it was locked another process may have taken it for left, and removed it.
    if (file && !is_locked_by_another(file) && has_name(file, name)) {
      return file;
    }
    if (!file) {
      WEIR_ASSIGN(const bool is_free, remove_left(name, path));
      if (!is_free) {
        std::this_thread::sleep_for(kPause);
      }
    }
  }
  return fail(Failure::store, "cannot write " + path + ": " + name + " is being written by another process");
}

}  // namespace

Result<void> write_whole_file(const std::string& path, std::string_view text) {
  // If the name is a symbolic link, its target is replaced, but never a device or a pipe.
  WEIR_ASSIGN(const std::string target, followed(path));
  struct stat there {};
  const bool is_new = ::lstat(path.c_str(), &there) != 0 && errno == ENOENT;
  if (!is_new) {
    if (::stat(target.c_str(), &there) != 0) {
      return cannot_write(path, errno);
    }
    if (!S_ISREG(there.st_mode)) {
      return S_ISDIR(there.st_mode) ? cannot_write(path, EISDIR)
                                    : fail(Failure::store, "cannot write " + path + ": it is not an ordinary file");
    }
  }
  // The ending keeps programs that look for files of this kind from taking this one.
  const std::string beside = target + ".partial";
  WEIR_ASSIGN(const Fd file, open_beside(beside, path, is_new));
  int wrong = write_all(file.get(), text);
  if (wrong == 0 && !is_new) {
    wrong = make_like(file.get(), there, true);
  }
  if (wrong == 0 && (::fsync(file.get()) != 0 || ::rename(beside.c_str(), target.c_str()) != 0)) {
    wrong = errno;
  }
  if (wrong != 0) {
    ::unlink(beside.c_str());
    return cannot_write(path, wrong);
  }
  sync_folder_of(target);
  return {};
}

}  // namespace weir::io
