// Sends entries to one node before earlier entries are answered.
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

/// For entries with automatic IDs. Nobody else may use the connection while entries are under way. Once a call has
/// failed, the fate of entries under way is unknown, and no other call may follow. Threads: one at a time.
class Pipeline {
 public:
  /// The node's answer; empty: not there yet.
  using Slot = std::optional<Result<MaybeId>>;

  /// `cluster` learns from redirects where slots are now.
  Pipeline(Endpoint node, Connection& connection, Cluster& cluster)
      : node_(std::move(node)), connection_(connection), cluster_(cluster), command_(CommandKind::add) {}

  const Endpoint& node() const { return node_; }
  /// How many entries are not answered yet.
  std::size_t under_way() const { return sent_.size(); }
  bool hung_up() const { return connection_.hung_up(); }
  /// The node takes no entries now: it redirected an entry, or failed. Later entries should wait, to keep the order.
  bool is_stopped() const { return stopped_; }
  /// Sends an entry, perhaps only together with later ones, and takes the answers that have come. Blocks while the node
  /// accepts no more. Both arguments must stay valid until the answer has come.
  tl::expected<void, Lost> send(const Xadd& entry, Slot& slot);
  /// Sends everything and waits until at most `under_way` answers are missing.
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
