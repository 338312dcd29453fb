#include "redis/wire/cluster.h"

#include <charconv>
#include <utility>

#include "redis/wire/command.h"

namespace weir::redis {
namespace {

constexpr unsigned kSlots = 16384;

/// CRC-16/XMODEM, as the specification of clusters prescribes.
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

std::string_view hashed_part(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) {
      return key.substr(open + 1, close - open - 1);
    }
  }
  return key;
}

int slot_of(std::string_view key) {
  return static_cast<int>(crc16(hashed_part(key)) % kSlots);
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

Error Cluster::leaves_socket() const {
  return {Failure::store, "a part of this is on another node of the cluster, and from a socket weir goes to no other",
          "name a node by its address: redis://HOST:PORT"};
}

/// CLUSTER SLOTS has the addresses to which the server redirects this client; CLUSTER NODES also has nodes without
/// slots.
Result<void> Cluster::learn_nodes() {
  WEIR_ASSIGN(Connection connection, connect_apart(seed_));
  std::string wire;
  WireCommand("CLUSTER").add("SLOTS").append_to(wire);
  WireCommand("CLUSTER").add("NODES").append_to(wire);
  const auto ask = [&]() -> tl::expected<std::pair<ReplyPtr, ReplyPtr>, Lost> {
    auto slots = connection.send(wire).and_then([&] { return connection.receive(); });
    if (!slots) {
      return tl::unexpected(std::move(slots).error());
    }
    auto nodes = connection.receive();
    if (!nodes) {
      return tl::unexpected(std::move(nodes).error());
    }
    return std::pair(std::move(*slots), std::move(*nodes));
  };
  const auto replies = ask();
  if (!replies) {
    return fail(Failure::store, "the connection to " + seed_.name() + " was lost (" + replies.error().why + ")");
  }
  bool odd = false;
  const Value slots(replies->first.get(), &odd);
  for (std::size_t i = 0; !slots.is_error() && i < slots.size(); ++i) {
    for (std::size_t k = 2; k < slots[i].size(); ++k) {
      const Value host = slots[i][k][0];
      note_node(host.is_nil() ? "" : std::string(host.text()), static_cast<int>(slots[i][k][1].number()));
    }
  }
  if (const Value nodes(replies->second.get(), &odd); !nodes.is_error()) {
    note_nodes(nodes.text());
  }
  return {};
}

void Cluster::note_node(std::string host, int port) {
  nodes_.insert(node_at(host.empty() || host == "?" ? seed_.host : std::move(host), port).name());
}

/// Lines such as `07c3… 127.0.0.1:30004@31004,name slave e7d1… 0 1426238317239 4 connected`.
void Cluster::note_nodes(std::string_view lines) {
  while (!lines.empty()) {
    std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
    const std::string_view address = line.substr(0, line.find(' '));
    const std::string_view place = address.substr(0, address.find('@'));
    const std::size_t colon = place.rfind(':');
    int port = 0;
    if (colon == std::string_view::npos ||
        std::from_chars(place.data() + colon + 1, place.data() + place.size(), port).ec != std::errc()) {
      continue;
    }
    note_node(std::string(place.substr(0, colon)), port);
    if (const std::size_t comma = address.find(','); comma != std::string_view::npos) {
      const std::string_view name = address.substr(comma + 1, address.find(',', comma + 1) - comma - 1);
      note_node(std::string(name), port);
    }
  }
}

Result<Endpoint> Cluster::follow(const Redirect& redirect, const Endpoint& from) {
  if (!seed_.path.empty()) {
    return tl::unexpected(leaves_socket());
  }
  Endpoint node = node_at(redirect.host.empty() ? from.host : redirect.host, redirect.port);
  if (!nodes_.contains(node.name())) {
    WEIR_TRY(learn_nodes());
  }
  if (!nodes_.contains(node.name())) {
    return fail(Failure::store,
                "the server at " + from.name() + " sends this to " + node.name() +
                    ", which is not among the nodes that " + seed_.name() + " lists (CLUSTER NODES)",
                "weir logs in to none but those: name another node of the cluster, or mend what the nodes announce");
  }
  if (!redirect.ask) {
    slots_[redirect.slot] = node;
  }
  return node;
}

}  // namespace weir::redis
