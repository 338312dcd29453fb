// Values that Redis fixes by convention and that clients rely on.
#pragma once

#include <algorithm>
#include <string_view>

namespace weir::server {

/// The version of Redis whose answers we give to commands that are not about streams.
inline constexpr std::string_view kCompatibleVersion = "7.2.4";

/// Whether a client may have this name: CLIENT LIST writes one line per client, and spaces separate the words in it.
inline bool is_plain(std::string_view name) {
  constexpr std::size_t kLongest = 1024;
  return name.size() <= kLongest && std::ranges::all_of(name, [](char c) { return c >= '!' && c <= '~'; });
}
inline constexpr std::string_view kNotPlainName = "Client names cannot contain spaces, newlines or special characters.";

}  // namespace weir::server
