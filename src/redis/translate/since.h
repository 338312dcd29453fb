// Features for which a server may be too old.
#pragma once

#include "stream/request.h"

namespace weir::redis {

/// The first version of Redis that can do what a request asks for. Null: every server that weir works with can, or
/// weir's script does it there.
template <typename R>
const char* since(const R& /*request*/) {
  return nullptr;
}

inline const char* since(const std::optional<Trim>& trim) {
  return trim && trim->references != References::keep ? "8.2" : nullptr;
}
inline const char* since(const Xtrim& request) {
  return since(std::optional(request.trim));
}
inline const char* since(const Xread& request) {
  return request.limit.any() ? "8.10" : nullptr;
}
inline const char* since(const Xreadgroup& request) {
  return request.limit.any() ? "8.10" : request.claim ? "8.4" : nullptr;
}
inline const char* since(const Xadd& request) {
  return request.idempotence ? "8.6" : since(request.trim);
}
inline const char* since(const Xcfgset& /*request*/) {
  return "8.6";
}
inline const char* since(const Xidmprecord& /*request*/) {
  return "8.6";
}

}  // namespace weir::redis
