// The keys of unique messages, of which only one waits at a time (--unique): rows of weir_keys without a producer. A
// row says which message was the last with its key. Whether that message still waits is found out from the entries, the
// delayed messages and the groups. So removing an entry need not remove its key, and an outdated row does no harm.
#pragma once

#include <string_view>

#include "sqlite/tables/rows.h"
#include "stream/delaying.h"

namespace weir::sqlite {

/// Notes the entry, or the delayed message, as the last message with this key. Sets the stream's flag.
void save_key(Database& db, StreamRow& stream, std::string_view key, const EntryRow& entry, UnixMs now);
void save_key(Database& db, StreamRow& stream, std::string_view key, const Handle& handle, UnixMs now);
void drop_key(Database& db, const StreamRow& stream, std::string_view key);

/// Drops the keys of entries before position `n`, which have been deleted.
void drop_keys_before(Database& db, const StreamRow& stream, std::int64_t n);

}  // namespace weir::sqlite
