// Loads simdjson when the first JSON comes.
//
// The shared library of simdjson needs that of the C++ runtime. Loading both would take longer than a short command
// needs to store its message, and most commands read no JSON.
#pragma once

#include <simdjson.h>

namespace weir::io {

/// The code of simdjson for this processor. Throws std::runtime_error, with a message for the user, if the library is
/// missing: this is no fault of the text, and happens only in a broken installation. Threads: any.
const simdjson::implementation& simdjson_implementation();

}  // namespace weir::io
