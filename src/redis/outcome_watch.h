// Waiting for what may let a worker take more under terms.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "redis/wire/connection.h"
#include "stream/result.h"

namespace weir::redis {

/// Some streams at one node, and for each the ID after which an entry is news.
struct After {
  std::vector<std::string> keys;
  std::vector<std::string> ids;
};

/// Connections of its own stay blocked in XREAD, whatever becomes of the caller meanwhile: what has come is told the
/// next time. So an ended command does not have to call off a read.
///
/// Never fails: where a connection is lost or cannot be made, that is news, at most one a second. Blocks: to open a
/// connection, for about a second at most. Threads: one at a time.
class OutcomeWatch {
 public:
  explicit OutcomeWatch(const Timeouts& timeouts);

  /// Waits for news of any of these. False: none came before the deadline, or `interrupt` (-1: none) is readable.
  bool wait(const Endpoint& node, const After& streams, const After& bells, const Deadline& deadline, int interrupt);

 private:
  struct Line {
    std::optional<Connection> connection;
    std::vector<std::string> keys;  ///< that XREAD waits for; empty: nothing is asked
  };
  bool ask(Line& line, const Endpoint& node, const After& what);
  bool take(Line& line);
  bool rest(const Deadline& deadline, int interrupt);

  Timeouts timeouts_;
  std::string node_;
  Line streams_;
  Line bells_;
};

}  // namespace weir::redis
