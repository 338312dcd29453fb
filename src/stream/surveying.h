// Figures of many streams at one look.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "stream/delaying.h"
#include "stream/reply.h"
#include "stream/result.h"

namespace weir {

/// What XINFO STREAM and XINFO GROUPS say of a stream, without its entries, and its count of delayed messages.
struct Surveyed {
  std::string stream;
  std::uint64_t length = 0;
  std::uint64_t added = 0;  ///< how many entries were ever added
  Id last_id;
  std::vector<GroupInfo> groups;
  DelayedCount delayed;
};

/// Implemented by a `Store` that can survey many streams for little more than the cost of one.
class Surveying {
 public:
  virtual ~Surveying() = default;

  /// The `streams` that exist, in the order given, all seen at one moment.
  virtual Result<std::vector<Surveyed>> survey(std::span<const std::string> streams) = 0;

 protected:
  Surveying() = default;
  Surveying(const Surveying&) = default;
  Surveying(Surveying&&) = default;
  Surveying& operator=(const Surveying&) = default;
  Surveying& operator=(Surveying&&) = default;
};

}  // namespace weir
