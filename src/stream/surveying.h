// Many streams at a look.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "stream/delaying.h"
#include "stream/reply.h"
#include "stream/result.h"

namespace weir {

/// What XINFO STREAM and XINFO GROUPS tell of a stream, without its entries, and what it has delayed.
struct Surveyed {
  std::string stream;
  std::uint64_t length = 0;
  std::uint64_t added = 0;  ///< ever
  Id last_id;
  std::vector<GroupInfo> groups;
  DelayedCount delayed;
};

/// What a `Store` is besides, if it can tell of many streams for little more than the price of one.
class Surveying {
 public:
  virtual ~Surveying() = default;

  /// Those of `streams` that there are, in their order, at one moment.
  virtual Result<std::vector<Surveyed>> survey(std::span<const std::string> streams) = 0;

 protected:
  Surveying() = default;
  Surveying(const Surveying&) = default;
  Surveying(Surveying&&) = default;
  Surveying& operator=(const Surveying&) = default;
  Surveying& operator=(Surveying&&) = default;
};

}  // namespace weir
