// Messages for tests in which the content of a message does not matter.
#pragma once

#include <string>
#include <utility>

#include "stream/request.h"

namespace weir::test {

inline Xadd message(std::string stream = "s", std::string fields = R"({"a":1})") {
  Xadd add;
  add.stream = std::move(stream);
  add.fields = Fields::from_json(std::move(fields));
  return add;
}

}  // namespace weir::test
