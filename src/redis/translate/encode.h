// Turns requests into commands. A request is one command, or several that the server runs as one transaction (MULTI).
#pragma once

#include <vector>

#include "redis/wire/command.h"
#include "stream/request.h"

namespace weir::redis {

using Commands = std::vector<WireCommand>;

/// Each of these has a `decode` in decode.h that reads the replies in the same order. No command here waits: BLOCK is
/// left out (see `blocking`). `RedisEngine` lists the keys of a whole server itself; within a transaction, KEYS does
/// it.
#define WEIR_ENCODE(Request) Commands encode(const Request& request);
WEIR_REQUESTS(WEIR_ENCODE)
#undef WEIR_ENCODE

/// The same, into a command whose memory is used again.
void encode_into(WireCommand& command, const Xadd& request);

/// Adds MAXCOUNT and MAXSIZE, if given.
void add_limit(WireCommand& command, const ReadLimit& limit);

/// The first command of a read, with BLOCK `block` (0: for ever). Requires: no `+`, and no history.
WireCommand blocking(const Xread& request, Millis block);
WireCommand blocking(const Xreadgroup& request, Millis block);

/// XPENDING for the entries that a read of history returned, in the same order; nothing for a source after whose ID no
/// entry can be.
std::vector<WireCommand> history_deliveries(const Xreadgroup& request);

}  // namespace weir::redis
