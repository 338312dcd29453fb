// Redis's texts for what it refuses, where more than one command uses them.
#pragma once

#include <string>

namespace weir {

inline constexpr const char* kNoSuchKey = "ERR no such key";

/// XGROUP and XINFO CONSUMERS.
inline std::string no_group_for_key(const std::string& stream, const std::string& group) {
  return "NOGROUP No such consumer group '" + group + "' for key name '" + stream + "'";
}

/// XPENDING, XCLAIM and XAUTOCLAIM.
inline std::string no_key_or_group(const std::string& stream, const std::string& group) {
  return "NOGROUP No such key '" + stream + "' or consumer group '" + group + "'";
}

inline std::string no_key_or_group_to_read(const std::string& stream, const std::string& group) {
  return no_key_or_group(stream, group) + " in XREADGROUP with GROUP option";
}

}  // namespace weir
