// Which number a stream gets. A client that has looked at a stream knows by the number that it is still the same
// stream. So the number of a deleted stream is not given to the next.
//
// The row `last_stream` of weir_meta says how many numbers were given, if the highest number in weir_streams does not.
// Only deleting the stream with the highest number writes this row. When all numbers have been given once, free numbers
// are given again. From then on the row counts deletions, since the number alone no longer tells one stream from the
// next.
#pragma once

#include <cstdint>
#include <optional>

#include "sqlite/database/database.h"

namespace weir::sqlite {

/// Nothing: all numbers are taken.
std::optional<std::int64_t> new_stream_number(Database& db);

/// Call this before this transaction deletes the stream with this number.
void retire_number(Database& db, std::int64_t number);

/// Call this before this transaction deletes all streams.
void retire_all_numbers(Database& db);

/// Nothing: a number stands for one stream, for ever. Else a number stands for one stream as long as this age is the
/// same.
std::optional<std::int64_t> age_of_numbers(Database& db);

}  // namespace weir::sqlite
