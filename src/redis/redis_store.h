// The server engine: streams on a Redis or Valkey server.
#pragma once

#include <memory>
#include <string>

#include "stream/result.h"
#include "stream/store.h"

namespace weir::redis {

/// Connects to `redis://[user:password@]host[:port][/db]`, `rediss://…`, `valkey://…` or `unix://PATH`.
Result<std::unique_ptr<Store>> open_redis_store(const std::string& url, const StoreOptions& options);

}  // namespace weir::redis
