// Standing policies: keep_maxlen, keep_maxage_ms and keep_acked of weir_extras. See stream/keeping.h.
#pragma once

#include "sqlite/tables/rows.h"

namespace weir::sqlite {

/// After entries were appended to `stream`, whose tail was `tail_before`: applies its policy if it is time, and counts
/// deleted entries off `stream`, which the caller saves. Requires: a write transaction, with the entries in it.
void keep_after_append(Database& db, StreamRow& stream, std::int64_t tail_before, UnixMs now);

}  // namespace weir::sqlite
