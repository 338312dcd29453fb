// Requests as commands. A request is one command, or several that the server runs as one transaction (MULTI).
#pragma once

#include <vector>

#include "redis/wire/command.h"
#include "stream/request.h"

namespace weir::redis {

using Commands = std::vector<WireCommand>;

/// Each of these has a `decode` in decode.h that reads the replies in the same order.
/// None of them waits: BLOCK is left out (see `blocking`). Keys of a whole server are read by `RedisEngine`; here,
/// as a part of a transaction, by KEYS.
#define WEIR_ENCODE(Request) Commands encode(const Request& request);
WEIR_REQUESTS(WEIR_ENCODE)
#undef WEIR_ENCODE

/// The same into a command that is used again and again.
void encode_into(WireCommand& command, const Xadd& request);

/// MAXCOUNT and MAXSIZE, where they are given.
void add_limit(WireCommand& command, const ReadLimit& limit);

/// The first command of a read, made to wait for so long (0: for ever). Requires: no `+`, and no history.
WireCommand blocking(const Xread& request, Millis block);
WireCommand blocking(const Xreadgroup& request, Millis block);

/// XPENDING for what a group read of history gave, in the same order; nothing where nothing can be after the ID.
std::vector<WireCommand> history_deliveries(const Xreadgroup& request);

}  // namespace weir::redis
