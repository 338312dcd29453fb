// Requests as commands. A request is one command, or several that the server runs as one transaction (MULTI).
#pragma once

#include <type_traits>
#include <vector>

#include "redis/command.h"
#include "stream/request.h"

namespace weir::redis {

using Commands = std::vector<WireCommand>;

/// Each of these has a `decode` in decode.h that reads the replies in the same order.
/// None of them waits: BLOCK is left out (see `blocking`). Keys of a whole server are read by `RedisEngine`; here,
/// as a part of a transaction, by KEYS.
Commands encode(const Xadd& request);
/// The same into a command that is used again and again.
void encode_into(WireCommand& command, const Xadd& request);
Commands encode(const Xlen& request);
Commands encode(const Xrange& request);
Commands encode(const Xdel& request);
Commands encode(const Xtrim& request);
Commands encode(const Xsetid& request);
Commands encode(const Xread& request);
Commands encode(const Xreadgroup& request);
Commands encode(const XgroupCreate& request);
Commands encode(const XgroupSetid& request);
Commands encode(const XgroupDestroy& request);
Commands encode(const XgroupCreateConsumer& request);
Commands encode(const XgroupDelConsumer& request);
Commands encode(const Xack& request);
Commands encode(const Xnack& request);
Commands encode(const XpendingSummary& request);
Commands encode(const Xpending& request);
Commands encode(const Xclaim& request);
Commands encode(const Xautoclaim& request);
Commands encode(const XinfoStream& request);
Commands encode(const XinfoStreamFull& request);
Commands encode(const XinfoGroups& request);
Commands encode(const XinfoConsumers& request);
Commands encode(const Del& request);
Commands encode(const Exists& request);
Commands encode(const Rename& request);
Commands encode(const Type& request);
Commands encode(const Keys& request);
Commands encode(const Flushall& request);

/// The first command of a read, made to wait for so long (0: for ever). Requires: no `+`, and no history.
WireCommand blocking(const Xread& request, Millis block);
WireCommand blocking(const Xreadgroup& request, Millis block);

/// XPENDING for what a group read of history gave, in the same order; nothing where nothing can be after the ID.
std::vector<WireCommand> history_deliveries(const Xreadgroup& request);

/// Whether `R` changes nothing, so that it can be repeated when a connection breaks.
template <typename R>
inline constexpr bool kOnlyLooks =
    std::is_same_v<R, Xlen> || std::is_same_v<R, Xrange> || std::is_same_v<R, Xread> ||
    std::is_same_v<R, XpendingSummary> || std::is_same_v<R, Xpending> || std::is_same_v<R, XinfoStream> ||
    std::is_same_v<R, XinfoStreamFull> || std::is_same_v<R, XinfoGroups> || std::is_same_v<R, XinfoConsumers> ||
    std::is_same_v<R, Exists> || std::is_same_v<R, Type> || std::is_same_v<R, Keys>;

}  // namespace weir::redis
