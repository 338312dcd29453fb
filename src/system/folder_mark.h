// A cheap way to know that no file of a folder was removed, renamed or replaced. One implementation for each system.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weir {

/// Changes whenever a name in the folder does. If two marks are equal, no name has changed in between.
struct FolderMark {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t changed_s = 0;
  std::int64_t changed_ns = 0;

  bool operator==(const FolderMark&) const = default;
};

/// Whether the file system of `folder` is known to keep change times that marks can rely on. Threads: any, as for
/// `folder_mark`.
bool keeps_folder_marks(const std::string& folder);

/// The folder's mark, for the price of one stat. Nothing if the folder has changed so lately that its next change could
/// have the same time, or if it cannot be looked at. Requires: keeps_folder_marks(folder).
std::optional<FolderMark> folder_mark(const std::string& folder);

}  // namespace weir
