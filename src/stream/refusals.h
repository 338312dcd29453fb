// Redis's error texts that more than one command uses.
#pragma once

#include <string>
#include <string_view>

namespace weir {

inline constexpr const char* kNoSuchKey = "ERR no such key";

/// A name as Redis's texts show it: they are C strings, so the name ends at a zero byte.
inline std::string name_in_text(std::string_view name) {
  return "'" + std::string(name.substr(0, name.find('\0'))) + "'";
}

/// XGROUP and XINFO CONSUMERS.
inline std::string no_group_for_key(const std::string& stream, const std::string& group) {
  return "NOGROUP No such consumer group " + name_in_text(group) + " for key name " + name_in_text(stream);
}

/// XPENDING, XCLAIM and XAUTOCLAIM.
inline std::string no_key_or_group(const std::string& stream, const std::string& group) {
  return "NOGROUP No such key " + name_in_text(stream) + " or consumer group " + name_in_text(group);
}

inline std::string no_key_or_group_to_read(const std::string& stream, const std::string& group) {
  return no_key_or_group(stream, group) + " in XREADGROUP with GROUP option";
}

}  // namespace weir
