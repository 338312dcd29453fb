#include "worker/process/own_braces.h"

#include <cstddef>

namespace weir::worker {
namespace {

/// Few fields have such names, but most scripts and programs in braces look like this.
bool is_unlike_a_name(std::string_view inside) {
  return inside.empty() || inside.find_first_of(" \t\r\n,:;\"'`$()=|&<>%#\\") != std::string_view::npos;
}

}  // namespace

std::string own_braces_hint(std::string_view argument, bool any) {
  constexpr std::size_t kLongest = 40;
  std::size_t i = 0;
  while ((i = argument.find_first_of("{}", i)) != std::string_view::npos) {
    if (i + 1 < argument.size() && argument[i + 1] == argument[i]) {
      i += 2;  // these braces are already doubled
      continue;
    }
    const std::size_t end = argument.find('}', i + 1);
    if (argument[i] == '}' || end == std::string_view::npos) {
      return {};  // the argument is refused for its braces anyway
    }
    const std::string_view inside = argument.substr(i + 1, end - i - 1);
    const bool of_a_shell = i > 0 && argument[i - 1] == '$';
    if (any || of_a_shell || is_unlike_a_name(inside)) {
      return "braces that are the command's own are doubled: " + std::string(of_a_shell ? "$" : "") + "{{" +
             (inside.size() > kLongest ? " … " : std::string(inside)) + "}}; ";
    }
    i = end + 1;
  }
  return {};
}

}  // namespace weir::worker
