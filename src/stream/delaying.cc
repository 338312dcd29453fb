#include "stream/delaying.h"

#include <limits>

#include "stream/id.h"

namespace weir {

std::string to_string(const Handle& handle) {
  return "@" + std::to_string(handle.due.count()) + "-" + std::to_string(handle.number);
}

std::optional<Handle> parse_handle(std::string_view text) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  const std::size_t dash = text.find('-');
  if (!text.starts_with('@') || dash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto due = parse_part(text.substr(1, dash - 1));
  const auto number = parse_part(text.substr(dash + 1));
  if (!due || !number || *due > kMost || *number > kMost) {
    return std::nullopt;
  }
  return Handle{UnixMs(static_cast<std::int64_t>(*due)), *number};
}

}  // namespace weir
