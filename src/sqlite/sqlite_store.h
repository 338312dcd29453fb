// The embedded engine: streams in a SQLite file.
#pragma once

#include <memory>
#include <string>

#include "sqlite/file/file_limits.h"
#include "stream/result.h"
#include "stream/store.h"

namespace weir::sqlite {

/// Opens the database at `path`. With `Access::make` a missing one is created, its folders too.
/// Fails with `Failure::store`: there is none (`Access::look`), it is no database or no SQLite database of weir's, or
/// it may not be opened.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const StoreOptions& options,
                                                 const FileLimits& limits = {});

/// Of the files that it makes.
int schema_version();
/// Of SQLite.
std::string library_version();

}  // namespace weir::sqlite
