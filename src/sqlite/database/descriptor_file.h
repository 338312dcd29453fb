// A database that is read by its descriptor: it needs no name.
#pragma once

#include <sqlite3.h>

namespace weir::sqlite {

/// The parameter of a database's URI that holds its descriptor, a number.
inline constexpr const char* kDescriptorParameter = "descriptor";

/// What `open_descriptor` needs for a file.
extern const int kDescriptorFileBytes;

/// For xOpen: a file that is only read, that nobody changes, and that has no locks. `fd` stays open as long as the file
/// is, and is not closed with it.
int open_descriptor(int fd, sqlite3_file* file, int* flags_out);

}  // namespace weir::sqlite
