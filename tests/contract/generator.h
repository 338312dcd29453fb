// Makes random commands with few names and IDs, some of them at the extremes of 64 bits.
#pragma once

#include <random>
#include <vector>

#include "stream/request.h"

namespace weir::test {

/// One command, or a transaction of several.
struct Step {
  enum class How { alone, go_on, undo };
  How how = How::alone;
  std::vector<Request> requests;
};

using Steps = std::vector<Step>;

struct Profile {
  bool removes = true;       ///< XDEL, trimming and XSETID, where servers of 7.0 count the lag wrongly
  bool transactions = true;  ///< MULTI, and transactions that are undone
  bool references = false;   ///< KEEPREF, DELREF and ACKED, which came with Redis 8.2
  bool claim = false;        ///< XREADGROUP CLAIM, which came with Redis 8.4
};

Steps generate(std::mt19937_64& random, const Profile& profile, std::size_t length);

/// As lines for redis-cli.
std::string to_lines(const Steps& steps);

}  // namespace weir::test
