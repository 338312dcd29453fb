#include "redis/cluster.h"

namespace weir::redis {
namespace {

constexpr unsigned kSlots = 16384;

/// CRC-16/XMODEM, which the cluster's specification prescribes.
unsigned crc16(std::string_view bytes) {
  unsigned crc = 0;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8U;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
    }
    crc &= 0xffffU;
  }
  return crc;
}

}  // namespace

int slot_of(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) {
      key = key.substr(open + 1, close - open - 1);
    }
  }
  return static_cast<int>(crc16(key) % kSlots);
}

const Endpoint& Cluster::node_for(const std::string* key) const {
  if (key == nullptr || slots_.empty()) {
    return seed_;
  }
  const auto found = slots_.find(slot_of(*key));
  return found == slots_.end() ? seed_ : found->second;
}

Result<Connection*> Cluster::connect(const Endpoint& node) {
  auto& connection = connections_[node.name()];
  if (!connection || connection->hung_up()) {
    connection.reset();
    WEIR_ASSIGN(Connection opened, Connection::open(node, timeouts_));
    connection = std::make_unique<Connection>(std::move(opened));
  }
  return connection.get();
}

Endpoint Cluster::node_at(std::string host, int port) const {
  Endpoint node = seed_;
  node.path.clear();
  node.host = std::move(host);
  node.port = port;
  node.database = 0;
  return node;
}

Endpoint Cluster::follow(const Redirect& redirect, const Endpoint& from) {
  Endpoint node = node_at(redirect.host.empty() ? from.host : redirect.host, redirect.port);
  if (!redirect.ask) {
    slots_[redirect.slot] = node;
  }
  return node;
}

}  // namespace weir::redis
