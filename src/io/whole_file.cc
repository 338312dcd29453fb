#include "io/whole_file.h"

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>

#include "system/fd.h"
#include "system/system_reason.h"

namespace weir::io {
namespace {

bool write_all_of(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return true;
}

}  // namespace

Result<void> write_whole_file(const std::string& path, std::string_view text) {
  const auto failure = [&] { return fail(Failure::store, "cannot write " + path + ": " + system_reason(errno)); };
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  // Its name ends in something that nobody who looks for files of that kind takes.
  std::string beside = path + ".XXXXXX";
  const Fd file(::mkostemp(beside.data(), O_CLOEXEC));
  if (!file) {
    return failure();
  }
  constexpr mode_t kMode = 0644;
  if (!write_all_of(file.get(), text) || ::fchmod(file.get(), kMode) != 0 || ::fsync(file.get()) != 0 ||
      ::rename(beside.c_str(), path.c_str()) != 0) {
    auto failed = failure();
    ::unlink(beside.c_str());
    return failed;
  }
  if (const Fd parent = Fd::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    ::fsync(parent.get());  // not every file system can: the file is there all the same
  }
  return {};
}

}  // namespace weir::io
