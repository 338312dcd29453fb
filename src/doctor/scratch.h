// A file without a name, for trials.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "system/fd.h"

namespace weir::doctor {

/// In bytes.
inline constexpr std::size_t kPage = 4096;

/// The file, opened twice, as two processes would. The file vanishes with this process, even if it is killed.
struct Scratch {
  Fd one;
  Fd two;
};

/// Without `one`: errno says why.
Scratch open_scratch(const std::string& folder);

/// Writes a page of zeros. Returns an errno, or 0.
int write_page(int fd, off_t at);

}  // namespace weir::doctor
