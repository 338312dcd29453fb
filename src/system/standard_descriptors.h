// Standard input, output and error, which a program may be started without.
#pragma once

namespace weir {

/// Opens those of descriptors 0 to 2 that are closed, on /dev/null. Without it the next file or connection would take
/// their place, and what is printed would go there: to a server as commands. Input is opened for writing and output for
/// reading: who uses them fails as with the closed ones. To be called first, while there is one thread. Without
/// /dev/null they stay closed.
void open_standard_descriptors();

/// Where standard output is not open for writing, what is printed from now on goes nowhere, and nothing fails.
void drop_what_cannot_be_printed();

}  // namespace weir
