// For checksums of what lies in FILE-lock. Nobody means harm there: it is for what is half written, or old.
#pragma once

#include <cstdint>

namespace weir::sqlite {

/// The finish of MurmurHash3: each bit of the result hangs on all of `sum`.
inline std::uint64_t mixed(std::uint64_t sum) {
  sum = (sum ^ (sum >> 33U)) * 0xff51afd7ed558ccdU;
  sum = (sum ^ (sum >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return sum ^ (sum >> 33U);
}

}  // namespace weir::sqlite
