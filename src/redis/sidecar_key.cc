#include "redis/sidecar_key.h"

#include <algorithm>

#include "redis/wire/cluster.h"

namespace weir::redis {
namespace {

constexpr std::string_view kStart = "weir:";
constexpr std::string_view kTag = ":{";

std::string tag_of(std::string_view stream) {
  const std::string_view hashed = hashed_part(stream);
  if (!hashed.empty() && hashed.find('}') == std::string_view::npos) {
    return std::string(hashed);
  }
  // Few names need this. It tries some ten thousand numbers, which takes about a millisecond.
  const int slot = slot_of(stream);
  for (unsigned number = 0;; ++number) {
    std::string tag = std::to_string(number);
    if (slot_of(tag) == slot) {
      return tag;
    }
  }
}

}  // namespace

std::string sidecar_key(std::string_view purpose, std::string_view stream) {
  std::string key(kStart);
  key.append(purpose).append(kTag).append(tag_of(stream)).append("}").append(stream);
  return key;
}

std::vector<std::string> sidecar_keys(std::string_view stream) {
  constexpr std::string_view kPurposes[] = {"due",  "delayed", "unique",  "keep",   "pause",
                                            "pace", "serial",  "outcome", "copied", "bell"};
  std::vector<std::string> keys;
  for (const std::string_view purpose : kPurposes) {
    keys.push_back(sidecar_key(purpose, stream));
  }
  return keys;
}

bool is_sidecar_key(std::string_view key) {
  if (!key.starts_with(kStart)) {
    return false;
  }
  const std::size_t tag = key.find(kTag, kStart.size());
  if (tag == std::string_view::npos || tag == kStart.size() || key.find('}', tag) == std::string_view::npos) {
    return false;
  }
  const std::string_view purpose = key.substr(kStart.size(), tag - kStart.size());
  return std::ranges::all_of(purpose, [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace weir::redis
