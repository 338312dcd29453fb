// A large file that is there whole or not at all.
#pragma once

#include <string>

#include "stream/result.h"
#include "system/fd.h"

namespace weir::io {

/// `target.partial`, until it becomes the target; it is removed if it does not. What is left there by a process that
/// was killed is written over. Fails with `Failure::store`. Threads: one.
class PartialFile {
 public:
  /// Empty, for its owner only, and for one process at a time.
  static Result<PartialFile> open(const std::string& target);
  PartialFile(PartialFile&& other) noexcept;
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  PartialFile& operator=(PartialFile&&) = delete;
  ~PartialFile();

  int fd() const { return file_.get(); }
  const std::string& path() const { return path_; }

  /// Takes the target's place, synced, with the permissions and the group of the file `like`. Whoever looks sees the
  /// old one or this.
  Result<void> become_target(const std::string& like);

 private:
  explicit PartialFile(std::string target) : target_(std::move(target)), path_(target_ + ".partial") {}
  tl::unexpected<Error> failure() const;

  std::string target_;
  std::string path_;
  Fd file_;
  bool owned_ = false;
};

}  // namespace weir::io
