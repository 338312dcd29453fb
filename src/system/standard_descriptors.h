// Handles a program that is started without standard input, output or error.
#pragma once

namespace weir {

/// Opens /dev/null on those of descriptors 0 to 2 that are closed. Otherwise the next file or connection would get that
/// number, and printed text would go there: to a server, as commands. Input is opened for writing and output for
/// reading, so that using them fails as it did while they were closed. Call this first, while there is only one thread.
/// If /dev/null cannot be opened, they stay closed.
void open_standard_descriptors();

/// If standard output is not open for writing, discards what is printed from now on, without errors.
void drop_what_cannot_be_printed();

}  // namespace weir
