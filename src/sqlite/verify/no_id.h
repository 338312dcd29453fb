// Whether two columns hold no valid ID, in SQL.
#pragma once

// A value that is not a valid half of an ID: see database/id_halves.h.
#define WEIR_NO_HALF(half)                                                                                             \
  "NOT iif(typeof(" half ") = 'integer', " half " >= 0, typeof(" half ") = 'text' AND length(" half ") = 20 AND " half \
  " NOT GLOB '*[^0-9]*' AND " half " BETWEEN '09223372036854775808' AND '18446744073709551615')"
#define WEIR_NO_ID(ms, seq) "(" WEIR_NO_HALF(ms) " OR " WEIR_NO_HALF(seq) ")"
