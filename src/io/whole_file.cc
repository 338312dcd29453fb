#include "io/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "io/output.h"
#include "system/fd.h"
#include "system/file_like.h"
#include "system/folder.h"
#include "system/random.h"
#include "system/system_reason.h"

namespace weir::io {

namespace {

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

/// Opens a file to which nobody else can write. A new file gets the rights of any new file of this user.
Fd open_beside(std::string& name, bool is_new) {
  constexpr mode_t kForAll = 0644;
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  constexpr int kTries = 100;
  const std::size_t at = name.size();
  for (int i = 0; i < kTries; ++i) {
    name.resize(at);
    name.push_back('.');
    for (int letter = 0; letter < 6; ++letter) {
      name.push_back(kLetters[random_number() % kLetters.size()]);
    }
    Fd file = Fd::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, is_new ? kForAll : 0600);
    if (file || errno != EEXIST) {
      return file;
    }
  }
  return {};
}

}  // namespace

Result<void> write_whole_file(const std::string& path, std::string_view text) {
  const auto failure = [&](int code) {
    return fail(Failure::store, "cannot write " + path + ": " + system_reason(code));
  };
  // If the name is a symbolic link, its target is replaced, but never a device or a pipe.
  WEIR_ASSIGN(const std::string target, followed(path));
  struct stat there {};
  const bool is_new = ::lstat(path.c_str(), &there) != 0 && errno == ENOENT;
  if (!is_new) {
    if (::stat(target.c_str(), &there) != 0) {
      return failure(errno);
    }
    if (!S_ISREG(there.st_mode)) {
      return S_ISDIR(there.st_mode) ? failure(EISDIR)
                                    : fail(Failure::store, "cannot write " + path + ": it is not an ordinary file");
    }
  }
  // The ending keeps programs that look for files of this kind from taking this one.
  std::string beside = target;
  const Fd file = open_beside(beside, is_new);
  if (!file) {
    return failure(errno);
  }
  int wrong = write_all(file.get(), text);
  if (wrong == 0 && !is_new) {
    wrong = make_like(file.get(), there, true);
  }
  if (wrong == 0 && (::fsync(file.get()) != 0 || ::rename(beside.c_str(), target.c_str()) != 0)) {
    wrong = errno;
  }
  if (wrong != 0) {
    ::unlink(beside.c_str());
    return failure(wrong);
  }
  sync_folder_of(target);
  return {};
}

}  // namespace weir::io
