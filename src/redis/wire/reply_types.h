// The types of RESP3 values, as hiredis numbers them since 1.0. An older hiredis, as in Debian 12, does not read RESP3
// and has no names for them.
#pragma once

#include <hiredis/hiredis.h>

namespace weir::redis {

inline constexpr bool kReadsResp3 = HIREDIS_MAJOR >= 1;

inline constexpr int kDouble = 7;      ///< `str` is its text
inline constexpr int kBoolean = 8;     ///< `integer` is 1 or 0
inline constexpr int kMap = 9;         ///< elements are names and values in turn
inline constexpr int kSet = 10;        ///< is read like an array
inline constexpr int kPush = 12;       ///< a message that nobody asked for
inline constexpr int kBigNumber = 13;  ///< `str` is its digits
inline constexpr int kVerbatim = 14;   ///< is read like a string

#ifdef REDIS_REPLY_MAP
static_assert(kDouble == REDIS_REPLY_DOUBLE && kBoolean == REDIS_REPLY_BOOL && kMap == REDIS_REPLY_MAP &&
              kSet == REDIS_REPLY_SET && kPush == REDIS_REPLY_PUSH && kBigNumber == REDIS_REPLY_BIGNUM &&
              kVerbatim == REDIS_REPLY_VERB);
#endif

}  // namespace weir::redis
