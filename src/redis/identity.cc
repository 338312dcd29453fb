// Identifies a server by what it says itself, since addresses and URLs have many spellings.
#include <algorithm>

#include "redis/redis_engine.h"

namespace weir::redis {
namespace {

/// The smallest ID of all nodes. Every node knows all of them: CLUSTER NODES has a line for each, which begins with the
/// ID.
std::string cluster_identity(std::string_view lines) {
  std::string first;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    const std::string_view id = line.substr(0, line.find(' '));
    // A node that is just joining has a temporary ID.
    const bool passing = line.find("handshake") != std::string_view::npos;
    if (!id.empty() && !passing && (first.empty() || id < first)) {
      first = id;
    }
  }
  return first.empty() ? first : "cluster " + first;
}

/// The identity of a server: a master and its replicas share one history, which has an ID.
std::string server_identity(std::string_view info, int database) {
  constexpr std::string_view kField = "master_replid:";
  const std::size_t at = info.find(kField);
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view id = info.substr(at + kField.size());
  return "server " + std::string(id.substr(0, id.find('\r'))) + "/" + std::to_string(database);
}

}  // namespace

Result<std::string> RedisEngine::identity() {
  bool odd = false;
  WireCommand nodes("CLUSTER");
  nodes.add("NODES");
  WEIR_ASSIGN(const ReplyPtr cluster, ask_node(cluster_.seed(), nodes, Effect::only_looks));
  if (const Value lines(cluster.get(), &odd); !lines.is_error()) {
    return cluster_identity(lines.text());
  }
  WireCommand replication("INFO");
  replication.add("replication");
  WEIR_ASSIGN(const ReplyPtr info, ask_node(cluster_.seed(), replication, Effect::only_looks));
  const Value fields(info.get(), &odd);
  return fields.is_error() ? std::string() : server_identity(fields.text(), cluster_.seed().database);
}

}  // namespace weir::redis
