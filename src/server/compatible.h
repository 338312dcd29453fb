// What Redis fixes by convention, where clients rely on it.
#pragma once

#include <algorithm>
#include <string_view>

namespace weir::server {

/// The version of Redis whose answers to what is not about streams these are.
inline constexpr std::string_view kCompatibleVersion = "7.2.4";

/// Whether a client may be called so: CLIENT LIST has it in a line of words, for each client.
inline bool is_plain(std::string_view name) {
  constexpr std::size_t kLongest = 1024;
  return name.size() <= kLongest && std::ranges::all_of(name, [](char c) { return c >= '!' && c <= '~'; });
}
inline constexpr std::string_view kNotPlainName = "Client names cannot contain spaces, newlines or special characters.";

}  // namespace weir::server
