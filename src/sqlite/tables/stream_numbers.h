// Which number a stream gets. Who has looked at a stream knows by its number that it is still the same: so the number
// of one that is gone is not given to the next.
//
// The row `last_stream` of weir_meta says how many numbers were given, where the highest of weir_streams does not: who
// deletes the stream with the highest number writes it, and nobody else. When all have been given once, those that are
// free are given again; from then on the row counts what is deleted, as nothing else tells one stream from the next.
#pragma once

#include <cstdint>
#include <optional>

#include "sqlite/database/database.h"

namespace weir::sqlite {

/// Nothing: all are taken.
std::optional<std::int64_t> new_stream_number(Database& db);

/// The stream with this number, which is still there, is deleted in this transaction.
void retire_number(Database& db, std::int64_t number);

/// All streams are.
void retire_all_numbers(Database& db);

/// Nothing: a number stands for one stream, for ever. Otherwise it does so as long as this is the same.
std::optional<std::int64_t> age_of_numbers(Database& db);

}  // namespace weir::sqlite
