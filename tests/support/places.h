// Asks the kernel for the places that blocked readers have in lines.
#pragma once

#include <fcntl.h>

#include <cstdint>
#include <string>

#include "system/fd.h"
#include "system/file_lock.h"

namespace weir::test {

inline constexpr int kTicketBits = 32;
/// Lines from this one on are of readers with CLAIM.
inline constexpr std::int64_t kFirstForClaims = std::int64_t{1} << 30;

/// How many are taken in the lines from `first` to before `end`, of which each process has one at most: the kernel goes
/// from process to process.
inline int places_taken(const std::string& database, std::int64_t first, std::int64_t end) {
  const Fd file(::open((database + "-lock").c_str(), O_RDWR | O_CLOEXEC));
  int count = 0;
  std::int64_t from = first << kTicketBits;
  while (const auto place = locked_by_others(file.get(), {from, (end << kTicketBits) - 1})) {
    from = place->first + 1;
    ++count;
  }
  return count;
}

}  // namespace weir::test
