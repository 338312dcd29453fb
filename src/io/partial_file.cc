#include "io/partial_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "system/file_like.h"
#include "system/folder.h"
#include "system/system_reason.h"

namespace weir::io {

Result<PartialFile> PartialFile::open(const std::string& target) {
  PartialFile partial(target);
  partial.file_ = Fd::open(partial.path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
  struct stat opened {};
  if (!partial.file_ || ::fstat(partial.fd(), &opened) != 0) {
    return partial.failure();
  }
  if (!S_ISREG(opened.st_mode) || opened.st_nlink != 1 || opened.st_uid != ::geteuid()) {
    return fail(Failure::store, partial.path_ + " is in the way, and is not yours");
  }
  if (::flock(partial.fd(), LOCK_EX | LOCK_NB) != 0) {
    return fail(Failure::store, partial.path_ + " is being written by another process");
  }
  // The process that had the lock may just have made this file the target.
  struct stat named {};
  if (::lstat(partial.path_.c_str(), &named) != 0 || named.st_ino != opened.st_ino || named.st_dev != opened.st_dev) {
    return fail(Failure::store, target + " was just written by another process");
  }
  constexpr mode_t kOwner = 0600;
  if (::fchmod(partial.fd(), kOwner) != 0 || ::ftruncate(partial.fd(), 0) != 0) {
    return partial.failure();
  }
  partial.owned_ = true;
  return partial;
}

PartialFile::PartialFile(PartialFile&& other) noexcept
    : target_(std::move(other.target_)),
      path_(std::move(other.path_)),
      file_(std::move(other.file_)),
      owned_(std::exchange(other.owned_, false)) {}

PartialFile::~PartialFile() {
  if (owned_) {
    ::unlink(path_.c_str());
  }
}

tl::unexpected<Error> PartialFile::failure() const {
  return fail(Failure::store, "cannot write " + path_ + ": " + system_reason(errno));
}

Result<void> PartialFile::become_target(const std::string& like) {
  struct stat of {};
  if (::stat(like.c_str(), &of) != 0) {
    return failure();
  }
  if (const int wrong = make_like(fd(), of, false); wrong != 0) {
    errno = wrong;
    return failure();
  }
  if (::fsync(fd()) != 0 || ::rename(path_.c_str(), target_.c_str()) != 0) {
    return failure();
  }
  owned_ = false;
  sync_folder_of(target_);
  return {};
}

}  // namespace weir::io
