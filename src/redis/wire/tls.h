// TLS, if hiredis was built with it; otherwise an error that says so.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "redis/wire/url.h"
#include "stream/result.h"

struct redisContext;

namespace weir::redis {

/// Fails, with a remedy, if this program cannot use TLS. To be called before anything is sent.
Result<void> tls_is_available();

/// Does the handshake, on a connection on which nothing was sent yet. Blocks for up to the context's timeout. Fails
/// with `Failure::store`, also if the server's certificate cannot be trusted or is not for `endpoint.host`.
Result<void> start_tls(redisContext* context, const Endpoint& endpoint);

/// Like redisBufferRead, on a connection that has something to read.
int read_tls(redisContext* context);

/// Writes all of `wire`, or returns why that was not possible.
std::optional<std::string> write_tls(redisContext* context, std::string_view wire);

}  // namespace weir::redis
