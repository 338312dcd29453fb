// The server engine: streams on a Redis or Valkey server.
#pragma once

#include <memory>
#include <string>

#include "stream/result.h"
#include "stream/store.h"

namespace weir::redis {

/// Connects to `redis://[user:password@]host[:port][/db]`, `rediss://…`, `valkey://…` or `unix://PATH`.
/// Blocks until the server has answered, for up to 10 s. Fails with `Failure::usage` if the URL is wrong, and with
/// `Failure::store` if the server cannot be reached or refuses the login.
Result<std::unique_ptr<Store>> open_redis_store(const std::string& url, const StoreOptions& options);

/// The version of hiredis.
std::string library_version();
/// Whether this program supports `rediss://`.
bool has_tls();

}  // namespace weir::redis
