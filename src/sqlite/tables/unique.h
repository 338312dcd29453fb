// The keys of messages of which one at a time waits (--unique): rows of weir_keys without a producer. A row says which
// message was the last with its key; whether that waits is seen from the entries, the delayed messages and the groups.
// So whoever removes an entry need not know of its key, and a row that says nothing any more does no harm.
#pragma once

#include <string_view>

#include "sqlite/tables/rows.h"
#include "stream/delaying.h"

namespace weir::sqlite {

/// The last message with this key is the entry, or the delayed message. Sets the stream's flag.
void save_key(Database& db, StreamRow& stream, std::string_view key, const EntryRow& entry, UnixMs now);
void save_key(Database& db, StreamRow& stream, std::string_view key, const Handle& handle, UnixMs now);
void drop_key(Database& db, const StreamRow& stream, std::string_view key);

/// Drops the keys of entries before the position, which have gone.
void drop_keys_before(Database& db, const StreamRow& stream, std::int64_t n);

}  // namespace weir::sqlite
