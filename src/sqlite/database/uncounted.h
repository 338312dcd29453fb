// Figures of a stream's row that have to be computed from its entries.
//
// Appending writes an entry, but leaves the stream's row as it was, so that a commit has one page less to write.
// Entries from the row's `tail` on stand without a gap and are not counted yet. Each of them adds one to `length`,
// `added` and `tail`, and the last ID is that of the last one. Code that changes these figures in another way, or
// deletes an entry, first counts and saves the row. (tables/rows.h counts for all code that reads a row; the inbox's
// trigger counts for itself.)
#pragma once

/// The position of the last uncounted entry, or NULL. Requires: the query calls weir_streams `s`.
#define WEIR_LAST_UNCOUNTED \
  "(SELECT n FROM weir_entries WHERE n >= s.tail AND n < (s.stream + 1) << 42 ORDER BY n DESC LIMIT 1)"

/// The sum of the columns `added` and `more`, as unsigned 64-bit numbers: XSETID may have set `added` to any of these.
#define WEIR_ADDED_AND_MORE                                                                                          \
  "iif(added > 9223372036854775807 - more, added - 9223372036854775807 - 1 + more - 9223372036854775807 - 1, added " \
  "+ more)"
