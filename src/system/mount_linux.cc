#include <fstream>
#include <sstream>
#include <string_view>

#include "system/mount.h"

namespace weir {
namespace {

/// The list writes blanks, newlines and backslashes as a backslash and three octal digits.
std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      plain += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

bool is_in(std::string_view path, std::string_view folder) {
  return folder == "/" || (path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/'));
}

}  // namespace

std::optional<Mount> mount_of(const std::string& path) {
  std::ifstream list("/proc/self/mountinfo");
  std::optional<Mount> found;
  // A line: number, parent, device, root, point, options, tags up to a "-", type, source, options of the file system.
  for (std::string line; std::getline(list, line);) {
    std::istringstream fields(line);
    std::string skipped;
    std::string point;
    Mount mount;
    fields >> skipped >> skipped >> skipped >> skipped >> point >> mount.options;
    while (fields >> skipped && skipped != "-") {
    }
    std::string of_all;
    if (!(fields >> mount.type >> skipped >> of_all)) {
      continue;
    }
    mount.point = without_escapes(point);
    mount.options += "," + of_all;
    // A later mount over the same point hides the earlier one.
    if (is_in(path, mount.point) && (!found || mount.point.size() >= found->point.size())) {
      found = std::move(mount);
    }
  }
  return found;
}

}  // namespace weir
