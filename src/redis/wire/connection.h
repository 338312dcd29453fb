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

/// The connection is of no use any more: commands that were sent and not answered may or may not have been done.
struct Lost {
  std::string why;
  bool timed_out = false;  ///< the server was silent for too long
  bool misspoke = false;   ///< the reply is not that of a Redis server, so asking again is useless
};

/// If hiredis can read RESP3, the server is asked for RESP3 before the first command, without waiting for the answer. A
/// server that refuses goes on with RESP2; `Value` reads both.
///
/// Move-only; closes itself. Blocks: up to `Timeouts::connect` to open, up to `Timeouts::command` to send and to
/// receive. After `Lost`, nothing more may be sent or received. Threads: one at a time.
class Connection {
 public:
  /// Connects, logs in and selects the database. Fails with `Failure::store`, and names no password.
  static Result<Connection> open(const Endpoint& endpoint, const Timeouts& timeouts);

  /// Whether the server has hung up, or sent something that was not asked for.
  bool hung_up() const;
  /// Sends all of `wire`, which may be many commands.
  tl::expected<void, Lost> send(std::string_view wire);
  /// Receives the next reply, in the order of the commands.
  tl::expected<ReplyPtr, Lost> receive();
  /// The same, but waits until `deadline`, and only while `interrupt` is not readable (-1: nothing interrupts). Null:
  /// the wait ended without a reply.
  tl::expected<ReplyPtr, Lost> receive_until(const Deadline& deadline, int interrupt) {
    return receive_until(deadline, std::span(&interrupt, 1));
  }
  tl::expected<ReplyPtr, Lost> receive_until(const Deadline& deadline, std::span<const int> interrupts);
  /// Becomes readable when something has come. The connection still owns it.
  int descriptor() const;

  /// Whether a MULTI was accepted on this connection, so this user may use it.
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
  std::string greeting_;        ///< is sent before the first command
  bool greeting_sent_ = false;  ///< its answer is still to come, and will be ignored
  bool tls_ = false;
  bool may_transact_ = false;
};

}  // namespace weir::redis
