#include "io/whole_file.h"

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "io/output.h"
#include "system/fd.h"
#include "system/system_reason.h"

namespace weir::io {

Result<void> write_whole_file(const std::string& path, std::string_view text) {
  const auto failure = [&](int code) {
    return fail(Failure::store, "cannot write " + path + ": " + system_reason(code));
  };
  // Behind a symbolic link it is the file that is replaced, and never a device or a pipe.
  std::string target = path;
  mode_t mode = 0644;
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0) {
    if (!S_ISREG(there.st_mode)) {
      return S_ISDIR(there.st_mode) ? failure(EISDIR)
                                    : fail(Failure::store, "cannot write " + path + ": it is not an ordinary file");
    }
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), std::free);
    if (!real) {
      return failure(errno);
    }
    target = real.get();
    constexpr mode_t kPermissions = 0777;
    mode = there.st_mode & kPermissions;
  } else if (errno != ENOENT || ::lstat(path.c_str(), &there) == 0) {
    return failure(errno);
  }
  const std::size_t slash = target.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : target.substr(0, slash + 1);
  // Its name ends in something that nobody who looks for files of that kind takes.
  std::string beside = target + ".XXXXXX";
  const Fd file(::mkostemp(beside.data(), O_CLOEXEC));
  if (!file) {
    return failure(errno);
  }
  int wrong = write_all(file.get(), text);
  if (wrong == 0 &&
      (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0 || ::rename(beside.c_str(), target.c_str()) != 0)) {
    wrong = errno;
  }
  if (wrong != 0) {
    ::unlink(beside.c_str());
    return failure(wrong);
  }
  if (const Fd parent = Fd::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    ::fsync(parent.get());  // not every file system can: the file is there all the same
  }
  return {};
}

}  // namespace weir::io
