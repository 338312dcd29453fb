// The types of values that came with RESP3, as hiredis numbers them from 1.0 on. An older one, as in Debian 12, does
// not read RESP3, and has no names for them.
#pragma once

#include <hiredis/hiredis.h>

namespace weir::redis {

inline constexpr bool kReadsResp3 = HIREDIS_MAJOR >= 1;

inline constexpr int kDouble = 7;      ///< `str` is its text
inline constexpr int kBoolean = 8;     ///< `integer` is 1 or 0
inline constexpr int kMap = 9;         ///< elements are names and values in turn
inline constexpr int kSet = 10;        ///< as an array
inline constexpr int kPush = 12;       ///< what nobody asked for
inline constexpr int kBigNumber = 13;  ///< `str` is its digits
inline constexpr int kVerbatim = 14;   ///< as a string

#ifdef REDIS_REPLY_MAP
static_assert(kDouble == REDIS_REPLY_DOUBLE && kBoolean == REDIS_REPLY_BOOL && kMap == REDIS_REPLY_MAP &&
              kSet == REDIS_REPLY_SET && kPush == REDIS_REPLY_PUSH && kBigNumber == REDIS_REPLY_BIGNUM &&
              kVerbatim == REDIS_REPLY_VERB);
#endif

}  // namespace weir::redis
