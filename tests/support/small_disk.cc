#include "support/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "catch.h"
#include "system/fd.h"

namespace weir::test {

bool mount_small([[maybe_unused]] const std::string& folder) {
#ifdef __linux__
  return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("none", folder.c_str(), "tmpfs", 0, "size=1m") == 0;
#else
  return false;
#endif
}

std::optional<Child> on_small_disk(const std::string& folder, const std::function<void(int out)>& body) {
  Child child([&](int out) {
    const bool mounted = mount_small(folder);
    say(out, mounted ? "mounted" : "not mounted");
    if (mounted) {
      body(out);
    }
  });
  if (child.line() != "mounted") {
    WARN("skipped: no file system can be mounted here");
    return std::nullopt;
  }
  return child;
}

void fill(const std::string& folder) {
  const Fd file(open((folder + "/fill").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const std::string page(4096, 'x');
  while (write(file.get(), page.data(), page.size()) > 0) {
  }
}

}  // namespace weir::test
