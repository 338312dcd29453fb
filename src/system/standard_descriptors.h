// Standard input, output and error, which a program may be started without.
#pragma once

namespace weir {

/// Opens those of descriptors 0 to 2 that are closed, on /dev/null. Without it the next file or connection would take
/// their place, and what is printed would go there: to a server as commands. To be called first, while there is one
/// thread. Without /dev/null they stay closed.
void open_standard_descriptors();

}  // namespace weir
