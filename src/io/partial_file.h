// Writes a large file that appears whole or not at all.
#pragma once

#include <string>

#include "stream/result.h"
#include "system/fd.h"

namespace weir::io {

/// The file `target.partial`, until it becomes the target; otherwise it is removed. One that a killed process left
/// behind is overwritten. Fails with `Failure::store`. Threads: one.
class PartialFile {
 public:
  /// Opens an empty file that only its owner can read. Only one process at a time can have it.
  static Result<PartialFile> open(const std::string& target);
  PartialFile(PartialFile&& other) noexcept;
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  PartialFile& operator=(PartialFile&&) = delete;
  ~PartialFile();

  int fd() const { return file_.get(); }
  const std::string& path() const { return path_; }

  /// Syncs the file, gives it the permissions and the group of the file `like`, and puts it in the target's place. A
  /// reader sees either the old file or this one.
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
