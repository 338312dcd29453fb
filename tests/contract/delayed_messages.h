// Short forms for tests of delayed messages.
#pragma once

#include <string>
#include <vector>

#include "contract/helpers.h"
#include "stream/delaying.h"

namespace weir::test {

inline constexpr Millis kHour{3'600'000};

inline Delaying& delaying(Store& store) {
  return dynamic_cast<Delaying&>(store);
}

inline Handle delay(Store& store, const std::string& stream, Due due, const std::string& value = "v") {
  const Xadd entry{stream, {}, fields({{"f", value}}), true, std::nullopt};
  return must(delaying(store).delay(std::span(&entry, 1), due)).front().value();
}
inline Handle delay_past(Store& store, const std::string& stream, const std::string& value = "v") {
  return delay(store, stream, Due{false, Millis(1)}, value);
}
inline Handle delay_an_hour(Store& store, const std::string& stream, const std::string& value = "v") {
  return delay(store, stream, Due{true, kHour}, value);
}

inline std::vector<DelayedMessage> delayed(Store& store, const std::string& stream) {
  return must(delaying(store).delayed(stream, std::nullopt, 1000));
}

}  // namespace weir::test
