// The nodes of a cluster, as far as we have met them. A single server is a cluster of one node.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "redis/wire/connection.h"
#include "redis/wire/server_error.h"

namespace weir::redis {

/// The part of a key from which its slot is computed: the text between the first { and the next }, if it is not empty;
/// else the whole key. A view of `key`.
std::string_view hashed_part(std::string_view key);
/// The slot (0 to 16383) of a key.
int slot_of(std::string_view key);

/// Owns the connections. Blocks and fails as `Connection` does. Threads: one at a time.
class Cluster {
 public:
  Cluster(Endpoint seed, Timeouts timeouts) : seed_(std::move(seed)), timeouts_(timeouts) {}

  /// The node to ask about `key` (null: any node). Valid until the next redirect is followed.
  const Endpoint& node_for(const std::string* key) const;
  /// An open connection to `node`, valid until dropped. If the server has closed the connection meanwhile, it is opened
  /// anew.
  Result<Connection*> connect(const Endpoint& node);
  /// A second connection, for commands that must not wait behind a blocked read.
  Result<Connection> connect_apart(const Endpoint& node) { return Connection::open(node, timeouts_); }
  bool is_connected() const {
    return std::any_of(connections_.begin(), connections_.end(),
                       [](const auto& named) { return named.second != nullptr; });
  }
  void drop(const Endpoint& node) { connections_.erase(node.name()); }

  /// Whether, as far as we know, one node has all slots.
  bool is_single() const { return slots_.empty(); }
  /// Learns from a redirect; returns the node that MOVED or ASK named. `from`: the node that sent the redirect. The
  /// node we follow gets the password, so it has to be one that the seed itself lists; nobody is followed from a
  /// socket. May ask the seed, on a separate connection.
  Result<Endpoint> follow(const Redirect& redirect, const Endpoint& from);
  /// The error for a key on another node, which cannot be reached if the seed is a socket.
  Error leaves_socket() const;
  const Timeouts& timeouts() const { return timeouts_; }
  const Endpoint& seed() const { return seed_; }
  /// A node at another address; the login is that of the seed.
  Endpoint node_at(std::string host, int port) const;

 private:
  Endpoint seed_;
  Timeouts timeouts_;
  std::map<std::string, std::unique_ptr<Connection>> connections_;
  Result<void> learn_nodes();
  void note_node(std::string host, int port);
  void note_nodes(std::string_view lines);
  std::set<std::string> nodes_;    ///< `Endpoint::name` of the nodes that the seed listed
  std::map<int, Endpoint> slots_;  ///< learned one by one, as a command line meets few of them
};

}  // namespace weir::redis
