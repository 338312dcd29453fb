// simdjson, loaded when the first JSON comes.
//
// Its shared library brings the C++ runtime's along, and together they would take longer to load than a one-shot
// command takes to store its message. Most commands read no JSON.
#pragma once

#include <simdjson.h>

namespace weir::io {

/// simdjson's code for this processor. Ends the program if the library is missing, as the dynamic linker would
/// have done at the start.
const simdjson::implementation& simdjson_implementation();

}  // namespace weir::io
