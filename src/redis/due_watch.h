// What a read that waits does besides, so that what becomes due meanwhile is appended, and wakes it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "redis/due.h"
#include "redis/wire/connection.h"

namespace weir::redis {

/// The read stays blocked, and keeps its place among those who wait: other connections do this. One waits for the bells
/// of the streams, with XREAD, which tells of a message that is due sooner than those before it. When the next is due a
/// second one appends it (a server would end an XREAD up to a tenth of a second late, so the time is measured here).
/// The first is opened once the read has waited for a moment, the second shortly before a message is due: who uses no
/// delayed messages has one connection more while it waits, and nothing is sent on it.
///
/// Never fails: where a connection is lost or cannot be made it is tried again after a second. Blocks: to open a
/// connection, for about a second at most. Threads: one at a time.
class DueWatch {
 public:
  /// What it finds is noted in `first_handles`, which must outlive it.
  DueWatch(const Timeouts& timeouts, FirstHandles& first_handles);

  /// Since what of the streams are delayed messages, as was just seen.
  enum class Delayed { none, later, maybe_now };
  /// A read of these streams, all at `node`, is about to wait.
  void begin(const Endpoint& node, const std::vector<std::string>& streams, Delayed delayed);

  /// `go_on` is to be called at that time, and when one of the descriptors (-1: none) is readable.
  SteadyTime next() const;
  std::array<int, 2> descriptors() const;
  void go_on();
  /// Whether what was due has been appended since `begin`.
  bool has_looked() const { return has_looked_; }
  /// Whether a group of these streams was paused, or a pause ended, since `begin`.
  bool told_of_pause() const { return told_of_pause_; }
  /// The server does not let this user do it: `go_on` does nothing any more.
  bool is_forbidden() const { return is_forbidden_; }

 private:
  /// A connection, and since when the answer of a look is awaited on it.
  struct Line {
    std::optional<Connection> connection;
    std::optional<SteadyTime> asked;
  };
  bool open(Line& line);
  void ask(Line& line);
  std::optional<Looked> take_look(Line& line);
  void take_bell();
  void close();

  Timeouts timeouts_;
  FirstHandles& first_handles_;
  Endpoint node_;
  std::vector<std::string> streams_;
  Line bell_;  ///< without `asked`: XREAD of the bells waits there
  Line hand_;
  SteadyTime next_ = SteadyTime::max();
  int failures_ = 0;  ///< since the last look
  bool has_looked_ = false;
  bool told_of_pause_ = false;
  bool is_forbidden_ = false;
};

}  // namespace weir::redis
