// Mixing for the checksums in FILE-lock. They only have to detect records that are half written or old: nobody forges
// them.
#pragma once

#include <cstdint>

namespace weir::sqlite {

/// The last step of MurmurHash3: each bit of the result depends on every bit of `sum`.
inline std::uint64_t mixed(std::uint64_t sum) {
  sum = (sum ^ (sum >> 33U)) * 0xff51afd7ed558ccdU;
  sum = (sum ^ (sum >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return sum ^ (sum >> 33U);
}

}  // namespace weir::sqlite
