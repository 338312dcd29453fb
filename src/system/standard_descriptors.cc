#include "system/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "system/fd.h"

namespace weir {
namespace {

constexpr const char* kNull = "/dev/null";

}  // namespace

void open_standard_descriptors() {
  constexpr std::array kModes = {O_WRONLY, O_RDONLY, O_RDWR};  // of input, output, error
  for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) {
      static_cast<void>(::open(kNull, kModes[static_cast<std::size_t>(fd)]));  // the lowest free number: `fd`
    }
  }
}

void drop_what_cannot_be_printed() {
  if ((::fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY) {
    const Fd null = Fd::open(kNull, O_RDWR | O_CLOEXEC);
    ::dup2(null.get(), STDOUT_FILENO);
  }
}

}  // namespace weir
