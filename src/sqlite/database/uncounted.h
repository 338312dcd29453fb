// What of the row of a stream its entries tell.
//
// Appending writes an entry, and leaves the stream's row as it was: a commit has one page less to write. From the row's
// `tail` on entries stand without a gap, and are still to be counted; each adds one to `length`, `added` and `tail`,
// and the last ID is that of the last. Whoever changes one of these otherwise, or deletes an entry, saves them
// as counted. (tables/rows.h counts for all who read it, the trigger of the inbox for itself.)
#pragma once

/// The position of the last that is not counted, or NULL. Requires: weir_streams is called `s` there.
#define WEIR_LAST_UNCOUNTED \
  "(SELECT n FROM weir_entries WHERE n >= s.tail AND n < (s.stream + 1) << 42 ORDER BY n DESC LIMIT 1)"

/// `added` and `more`, columns, as unsigned numbers of 64 bits: XSETID may have set it highest.
#define WEIR_ADDED_AND_MORE                                                                                          \
  "iif(added > 9223372036854775807 - more, added - 9223372036854775807 - 1 + more - 9223372036854775807 - 1, added " \
  "+ more)"
