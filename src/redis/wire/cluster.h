// The nodes of a cluster, as far as they have been met. A single server is a cluster of one.
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

/// What a key's slot is computed from: what stands between its first { and the next }, if there is something; else all
/// of it. A view of `key`.
std::string_view hashed_part(std::string_view key);
/// The slot (0 to 16383) of a key.
int slot_of(std::string_view key);

/// Owns the connections. Threads: one at a time. Blocks and fails as `Connection` does.
class Cluster {
 public:
  Cluster(Endpoint seed, Timeouts timeouts) : seed_(std::move(seed)), timeouts_(timeouts) {}

  /// Whom to ask about `key` (null: anyone). Valid until the next redirect is taken.
  const Endpoint& node_for(const std::string* key) const;
  /// An open connection to `node`, valid until it is dropped; one that the server has closed meanwhile is opened anew.
  Result<Connection*> connect(const Endpoint& node);
  /// A second connection, for what must not wait behind a blocked read.
  Result<Connection> connect_apart(const Endpoint& node) { return Connection::open(node, timeouts_); }
  bool is_connected() const {
    return std::any_of(connections_.begin(), connections_.end(),
                       [](const auto& named) { return named.second != nullptr; });
  }
  void drop(const Endpoint& node) { connections_.erase(node.name()); }

  /// Whether, as far as is known, one node has it all.
  bool is_single() const { return slots_.empty(); }
  /// Learns from MOVED; returns the node that was named, by MOVED or ASK. `from` is who said so. Whoever is followed is
  /// given the password: only to nodes that the seed itself lists, and never from a socket. May ask the seed, on a
  /// connection of its own.
  Result<Endpoint> follow(const Redirect& redirect, const Endpoint& from);
  /// Why what is on another node than the seed is not reached from a socket.
  Error leaves_socket() const;
  const Timeouts& timeouts() const { return timeouts_; }
  const Endpoint& seed() const { return seed_; }
  /// A node at another address, with the login of the seed.
  Endpoint node_at(std::string host, int port) const;

 private:
  Endpoint seed_;
  Timeouts timeouts_;
  std::map<std::string, std::unique_ptr<Connection>> connections_;
  Result<void> learn_nodes();
  void note_node(std::string host, int port);
  void note_nodes(std::string_view lines);
  std::set<std::string> nodes_;    ///< `Endpoint::name` of those that the seed listed
  std::map<int, Endpoint> slots_;  ///< learned one by one: a command line meets few of them
};

}  // namespace weir::redis
