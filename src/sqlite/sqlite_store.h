// The embedded engine: streams in a SQLite file.
#pragma once

#include <memory>
#include <string>

#include "sqlite/file/file_limits.h"
#include "stream/result.h"
#include "stream/store.h"

namespace weir::sqlite {

/// Opens the database at `path`. With `Access::make` a missing database is created, with its folders. Fails with
/// `Failure::store` if there is no database (`Access::look`), if the file is no SQLite database or not one of weir's,
/// or if it cannot be opened.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const StoreOptions& options,
                                                 const FileLimits& limits = {});

/// The schema version of the files that this engine makes.
int schema_version();
/// The version of SQLite.
std::string library_version();

}  // namespace weir::sqlite
