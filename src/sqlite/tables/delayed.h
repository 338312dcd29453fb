// Delayed messages: rows of weir_delayed, which become entries when they are due.
#pragma once

#include "sqlite/tables/rows.h"

namespace weir::sqlite {

/// Appends what of the stream's delayed messages is due, in the order of their handles, and brings `stream` up to date.
/// Of very many it takes some, and the next that looks goes on: others wait for the turn to write meanwhile. Requires:
/// a write transaction.
void append_due(Database& db, StreamRow& stream, UnixMs now);

}  // namespace weir::sqlite
