// Lets SQLite read a database by its descriptor, without a name.
#pragma once

#include <sqlite3.h>

namespace weir::sqlite {

/// The parameter of a database's URI that holds its descriptor, a number.
inline constexpr const char* kDescriptorParameter = "descriptor";

/// The bytes that `open_descriptor` needs for a file.
extern const int kDescriptorFileBytes;

/// For xOpen: opens a file that is only read, that nobody changes, and that takes no locks. `fd` must stay open as long
/// as the file; closing the file does not close it.
int open_descriptor(int fd, sqlite3_file* file, int* flags_out);

}  // namespace weir::sqlite
