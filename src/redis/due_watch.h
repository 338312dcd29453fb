// What a blocked read does about delayed messages: those that become due meanwhile are appended, and wake the read.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "redis/due.h"
#include "redis/wire/connection.h"

namespace weir::redis {

/// The read stays blocked and keeps its place among waiting readers, so other connections append due messages. The
/// first waits with XREAD for the streams' bells, which tell of a message that is due sooner than those before it. The
/// second appends the next message when it is due. (A server would end an XREAD up to a tenth of a second late, so the
/// time is measured here.) The first connection is opened once the read has waited for a moment, the second shortly
/// before a message is due. So without delayed messages, a waiting read costs one more connection, on which nothing is
/// sent.
///
/// Never fails: if a connection is lost or cannot be made, it is tried again after a second. Blocks for about a second
/// at most, to open a connection. Threads: one at a time.
class DueWatch {
 public:
  /// Notes the handles that it sees in `first_handles`, which must outlive it.
  DueWatch(const Timeouts& timeouts, FirstHandles& first_handles);

  /// Whether the streams have delayed messages, and when they may be due, according to the last look.
  enum class Delayed { none, later, maybe_now };
  /// To be called before a read of these streams, all at `node`, begins to wait.
  void begin(const Endpoint& node, const std::vector<std::string>& streams, Delayed delayed);

  /// `go_on` has to be called at that time, or when one of the descriptors (-1: none) becomes readable.
  SteadyTime next() const;
  std::array<int, 2> descriptors() const;
  void go_on();
  /// Whether due messages were appended since `begin`.
  bool has_looked() const { return has_looked_; }
  /// How many were, over all streams.
  std::uint64_t appended() const { return appended_; }
  /// Whether a look was sent that is not answered yet. It may have appended what the read was given.
  bool is_looking() const { return bell_.asked || hand_.asked; }
  /// Whether a group of these streams was paused, or a pause ended, since `begin`.
  bool told_of_pause() const { return told_of_pause_; }
  /// The server does not let this user run the script, so `go_on` does nothing any more.
  bool is_forbidden() const { return is_forbidden_; }

 private:
  /// A connection, and when a look was sent on it that is not answered yet.
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
  Line bell_;  ///< unless a look is `asked`, XREAD waits for the bells here
  Line hand_;
  SteadyTime next_ = SteadyTime::max();
  int failures_ = 0;  ///< failures since the last look
  bool has_looked_ = false;
  std::uint64_t appended_ = 0;
  bool told_of_pause_ = false;
  bool is_forbidden_ = false;
};

}  // namespace weir::redis
