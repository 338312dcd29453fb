// Entries on their way to one node: sent before those ahead of them are answered.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "redis/wire/cluster.h"
#include "redis/wire/command.h"
#include "stream/reply.h"
#include "stream/request.h"

namespace weir::redis {

/// For entries with automatic IDs. The connection is the pipeline's alone while something is under way.
/// Threads: one at a time. Once a call fails, what is under way has an unknown fate and no other call may follow.
class Pipeline {
 public:
  /// What the node answered; empty: nothing yet.
  using Slot = std::optional<Result<MaybeId>>;

  /// `cluster` learns where slots were moved to.
  Pipeline(Endpoint node, Connection& connection, Cluster& cluster)
      : node_(std::move(node)), connection_(connection), cluster_(cluster), command_(CommandKind::add) {}

  const Endpoint& node() const { return node_; }
  /// Entries without an answer.
  std::size_t under_way() const { return sent_.size(); }
  bool hung_up() const { return connection_.hung_up(); }
  /// A node does not take entries now: it sent one elsewhere, or failed. Those after it should wait, for their order.
  bool is_stopped() const { return stopped_; }
  /// Sends an entry, perhaps only with those that follow, and takes the answers that are there. Blocks while the node
  /// takes no more. Both arguments must stay until the answer has come.
  tl::expected<void, Lost> send(const Xadd& entry, Slot& slot);
  /// Sends all and waits for answers, until no more than `under_way` are missing.
  tl::expected<void, Lost> wait(std::size_t under_way);

 private:
  struct Sent {
    const Xadd* entry;
    Slot* slot;
  };
  tl::expected<void, Lost> flush();
  tl::expected<void, Lost> take_ready();
  void take(const ReplyPtr& reply);

  Endpoint node_;
  Connection& connection_;
  Cluster& cluster_;
  WireCommand command_;
  std::string wire_;
  std::deque<Sent> sent_;
  bool stopped_ = false;
};

}  // namespace weir::redis
