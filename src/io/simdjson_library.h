// simdjson, loaded when the first JSON comes.
//
// Its shared library brings the C++ runtime's along, and together they would take longer to load than a one-shot
// command takes to store its message. Most commands read no JSON.
#pragma once

#include <simdjson.h>

namespace weir::io {

/// simdjson's code for this processor. Throws std::runtime_error, with a message for the user, if the library is
/// missing: that is no property of the text, and is met where the installation is broken. Threads: any.
const simdjson::implementation& simdjson_implementation();

}  // namespace weir::io
