// TLS, where hiredis was built with it; otherwise an error that says so.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "redis/url.h"
#include "util/result.h"

struct redisContext;

namespace weir {

Result<void> start_tls(redisContext* context, const Endpoint& endpoint);

/// Writes all of it, or says why it could not.
std::optional<std::string> write_tls(redisContext* context, std::string_view wire);

}  // namespace weir
