// Waits for events that may let a worker take more messages under terms.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "redis/wire/connection.h"
#include "stream/result.h"

namespace weir::redis {

/// Some streams at one node, and for each the ID after which entries are new.
struct After {
  std::vector<std::string> keys;
  std::vector<std::string> ids;
};

/// The object's own connections stay blocked in XREAD, even after the call has ended; the next call then gets what has
/// come. So no read has to be called off when a command ends.
/// Never fails: a connection that is lost or cannot be made counts as an event, at most once a second. Blocks for about
/// a second at most, to open a connection. Threads: one at a time.
class OutcomeWatch {
 public:
  explicit OutcomeWatch(const Timeouts& timeouts);

  /// Waits for entries in any of these streams. False: none came before the deadline, or `interrupt` (-1: none) is
  /// readable.
  bool wait(const Endpoint& node, const After& streams, const After& bells, const Deadline& deadline, int interrupt);

 private:
  struct Line {
    std::optional<Connection> connection;
    std::vector<std::string> keys;  ///< the keys for which XREAD waits; empty: no XREAD was sent
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
