// One connection to one server.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "redis/wire/url.h"
#include "redis/wire/value.h"
#include "stream/result.h"
#include "system/clock.h"

struct redisContext;

namespace weir::redis {

class ReplyBounds;

struct Timeouts {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds command{30'000};
};

/// The connection is of no more use: what was sent and not answered may or may not have been done.
struct Lost {
  std::string why;
  bool timed_out = false;  ///< the server was silent for too long
  bool misspoke = false;   ///< what came is no reply of a Redis server: to ask again helps nothing
};

/// Where hiredis can read RESP3, a server is asked for it before the first command, and what it answers waits for
/// nobody: one that cannot, or must not, goes on with RESP2, and `Value` reads both.
///
/// Move-only; closes itself. Threads: one at a time. Blocks: to open for up to `Timeouts::connect`, to send and to
/// receive for up to `Timeouts::command`. After `Lost` nothing more may be sent or received on it.
class Connection {
 public:
  /// Connects, logs in and selects the database. Fails with `Failure::store`, and names no password.
  static Result<Connection> open(const Endpoint& endpoint, const Timeouts& timeouts);

  /// Whether the server has hung up, or said something, while nothing was asked of it.
  bool hung_up() const;
  /// All of `wire`, which may be many commands.
  tl::expected<void, Lost> send(std::string_view wire);
  /// The next reply, in the order of what was sent.
  tl::expected<ReplyPtr, Lost> receive();
  /// Likewise, but waits until `deadline` and only while `interrupt` is not readable (-1: nothing interrupts);
  /// null if it ended without a reply.
  tl::expected<ReplyPtr, Lost> receive_until(const Deadline& deadline, int interrupt) {
    return receive_until(deadline, std::span(&interrupt, 1));
  }
  tl::expected<ReplyPtr, Lost> receive_until(const Deadline& deadline, std::span<const int> interrupts);
  /// Is readable when something has come. It stays the connection's.
  int descriptor() const;

  /// Whether a MULTI was taken on this connection: this user may use it.
  bool may_transact() const { return may_transact_; }
  void note_transaction() { may_transact_ = true; }

 private:
  struct Close {
    std::shared_ptr<ReplyBounds> bounds;
    void operator()(redisContext* context) const;
  };
  Connection() = default;
  Result<void> log_in(const Endpoint& endpoint);
  tl::expected<void, Lost> send_bytes(std::string_view wire);
  bool is_asked_for(const redisReply& reply);

  std::unique_ptr<redisContext, Close> context_;
  std::chrono::milliseconds command_timeout_{};
  std::string greeting_;        ///< to be sent before anything else
  bool greeting_sent_ = false;  ///< its answer, which is not looked at, is still to come
  bool tls_ = false;
  bool may_transact_ = false;
};

}  // namespace weir::redis
