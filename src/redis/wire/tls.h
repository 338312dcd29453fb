// TLS, where hiredis was built with it; otherwise an error that says so.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "redis/wire/url.h"
#include "stream/result.h"

struct redisContext;

namespace weir::redis {

/// Fails, with what to do, if this program cannot speak TLS. To be asked before anything is sent.
Result<void> tls_is_available();

/// The handshake, on a connection that has said nothing yet. Blocks for up to the context's timeout. Fails with
/// `Failure::store` where the server's certificate is not to be trusted, or is not for `endpoint.host`, too.
Result<void> start_tls(redisContext* context, const Endpoint& endpoint);

/// As redisBufferRead, on a connection that has something to read.
int read_tls(redisContext* context);

/// Writes all of it, or says why it could not.
std::optional<std::string> write_tls(redisContext* context, std::string_view wire);

}  // namespace weir::redis
