// Delayed messages: rows of weir_delayed, which become entries when they are due.
#pragma once

#include "sqlite/tables/rows.h"

namespace weir::sqlite {

/// Appends the stream's due messages, in the order of their handles, and brings `stream` up to date. If very many are
/// due, appends only some, since other processes wait for the turn to write; the next look goes on. Requires: a write
/// transaction.
void append_due(Database& db, StreamRow& stream, UnixMs now);

}  // namespace weir::sqlite
