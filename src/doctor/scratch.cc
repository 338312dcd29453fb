#include "doctor/scratch.h"

#include <fmt/format.h>

#include <array>

#include "system/random.h"

namespace weir::doctor {
namespace {

constexpr int kOpen = O_RDWR | O_CLOEXEC;

}  // namespace

Scratch open_scratch(const std::string& folder) {
#ifdef O_TMPFILE
  if (Fd one = Fd::open(folder.c_str(), O_TMPFILE | kOpen, 0600)) {
    if (Fd two = Fd::open(fmt::format("/proc/self/fd/{}", one.get()).c_str(), kOpen)) {
      return {std::move(one), std::move(two)};
    }
  }
#endif
  // Not every file system has files without a name. Here the file has a name for a moment.
  const std::string name = fmt::format("{}/.weir-doctor-{:08x}{:08x}", folder, random_number(), random_number());
  Scratch scratch;
  scratch.one = Fd::open(name.c_str(), kOpen | O_CREAT | O_EXCL, 0600);
  if (scratch.one) {
    scratch.two = Fd::open(name.c_str(), kOpen);
    const int code = errno;
    unlink(name.c_str());
    errno = code;
  }
  return scratch;
}

int write_page(int fd, off_t at) {
  const std::array<char, kPage> page{};
  const ssize_t written = pwrite(fd, page.data(), page.size(), at);
  return written < 0 ? errno : static_cast<std::size_t>(written) == page.size() ? 0 : ENOSPC;
}

}  // namespace weir::doctor
