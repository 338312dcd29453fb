#include "system/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace weir {

std::optional<std::size_t> terminal_columns(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return std::nullopt;
  }
  return size.ws_col;
}

bool is_in_foreground(int fd) {
  return ::tcgetpgrp(fd) == ::getpgrp();
}

}  // namespace weir
