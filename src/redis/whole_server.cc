// The names and sizes of streams, and requests about a whole server; in a cluster, about every master.
#include <algorithm>

#include "redis/redis_engine.h"
#include "redis/sidecar_key.h"

namespace weir::redis {
namespace {

/// Notices a SCAN that never ends. While a server's table shrinks, a cursor may rightly come again once.
class CursorWatch {
 public:
  bool is_endless(const std::string& cursor) {
    constexpr std::size_t kMostPages = 1'000'000;  // each of a thousand keys
    constexpr int kMostReturns = 8;
    ++pages_;
    returns_ += cursor == marked_ ? 1 : 0;
    if (returns_ == 0 && (pages_ & (pages_ - 1)) == 0) {
      marked_ = cursor;  // marks pages 1, 2, 4, …: any cycle is noticed with one cursor remembered
    }
    return returns_ > kMostReturns || pages_ > kMostPages;
  }

 private:
  std::string marked_;
  std::size_t pages_ = 0;
  int returns_ = 0;
};

}  // namespace

Result<ReplyPtr> RedisEngine::ask_node(const Endpoint& node, const WireCommand& command, Effect effect) {
  const Deadline deadline = Deadline::after(cluster_.timeouts().command);
  std::string wire;
  command.append_to(wire);
  const auto asking = [&](Connection& connection) {
    return connection.send(wire).and_then([&] { return connection.receive(); });
  };
  for (int attempt = 0;; ++attempt) {
    WEIR_ASSIGN(ReplyPtr reply, insist(node, asking, effect, deadline, attempt));
    bool odd = false;
    const Value value(reply.get(), &odd);
    if (!value.is_error() || !is_passing(value.text()) || !pause(attempt, deadline)) {
      return reply;
    }
  }
}

Result<XinfoGroups::Reply> RedisEngine::answer(const XinfoGroups& request) {
  Ahead pauses;
  pauses.commands.emplace_back("HGETALL").add_key(sidecar_key("pause", request.stream));
  pauses.commands.emplace_back("TIME");
  WEIR_ASSIGN(GroupInfos infos, ask(request, &pauses));
  note_pauses(infos, pauses);
  // Entries that nobody holds belong to special consumers. These do not count, and if fewer consumers are shown than
  // the server reports, the rest are such consumers.
  for (GroupInfo& info : infos.groups) {
    const auto consumers =
        info.consumers > 0 ? ask(XinfoConsumers{request.stream, info.name}) : Result<ConsumerInfos>(ConsumerInfos());
    if (!consumers || consumers->consumers.size() == info.consumers) {
      continue;  // or the group has vanished meanwhile
    }
    info.consumers = consumers->consumers.size();
    if (const auto summary = ask(XpendingSummary{request.stream, info.name})) {
      info.released = summary->released;
    }
    const Xpending first{request.stream, info.name, {}, kMinId, kMaxId, 1, {}, true};
    if (const auto next = ask(first); next && !next->entries.empty() && next->entries[0].released) {
      info.next_due = next->entries[0].released->left;
    }
  }
  return infos;
}

Result<bool> RedisEngine::is_cluster() {
  if (!is_cluster_) {
    WireCommand info("INFO");
    info.add("cluster");
    WEIR_ASSIGN(const ReplyPtr reply, ask_node(cluster_.seed(), info, Effect::only_looks));
    bool odd = false;
    is_cluster_ = Value(reply.get(), &odd).text().find("cluster_enabled:1") != std::string_view::npos;
  }
  return *is_cluster_;
}

Result<std::string> RedisEngine::name_beside(const std::string& stream, std::string_view suffix) {
  std::string plain = stream + std::string(suffix);
  WEIR_ASSIGN(const bool cluster, is_cluster());
  if (!cluster || slot_of(plain) == slot_of(stream)) {
    return plain;
  }
  std::string tagged = "{" + stream + "}" + std::string(suffix);
  return slot_of(tagged) == slot_of(stream) ? tagged : plain;
}

Result<bool> RedisEngine::lie_together(const std::string& one, const std::string& other) {
  WEIR_ASSIGN(const bool cluster, is_cluster());
  return !cluster || slot_of(one) == slot_of(other);
}

Result<std::vector<Endpoint>> RedisEngine::masters(bool must_be_all) {
  WireCommand slots("CLUSTER");
  slots.add("SLOTS");
  WEIR_ASSIGN(ReplyPtr reply, ask_node(cluster_.seed(), slots, Effect::only_looks));
  const Answers answers = Answers::whole(std::move(reply));
  const Value ranges = answers.values()[0];
  std::vector<Endpoint> nodes;
  const bool is_single = ranges.is_error() && ranges.text().find("cluster support disabled") != std::string_view::npos;
  if (must_be_all && ranges.is_error() && !is_single && !is_unknown_to_server(ranges.text())) {
    return tl::unexpected(server_error(ranges.text()));
  }
  if (!ranges.is_error()) {
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const Value master = ranges[i][2];
      if (i > 0 && !cluster_.seed().path.empty() && (master[1].number() != ranges[0][2][1].number())) {
        return tl::unexpected(cluster_.leaves_socket());
      }
      Endpoint node = cluster_.node_at(
          master[0].is_nil() || master[0].text().empty() ? cluster_.seed().host : std::string(master[0].text()),
          static_cast<int>(master[1].number()));
      const bool known =
          std::any_of(nodes.begin(), nodes.end(), [&](const Endpoint& other) { return other.name() == node.name(); });
      if (!known) {
        nodes.push_back(std::move(node));
      }
    }
    WEIR_TRY(answers.understood());
  }
  if (nodes.empty() || !cluster_.seed().path.empty()) {
    nodes.clear();
    nodes.push_back(cluster_.seed());
  }
  return nodes;
}

Result<Keys::Reply> RedisEngine::answer(const Keys& request) {
  WEIR_ASSIGN(const auto nodes, masters(false));
  Names names;
  for (const Endpoint& node : nodes) {
    std::string cursor = "0";
    CursorWatch watch;
    do {
      WireCommand scan("SCAN");
      scan.add(cursor).add("MATCH").add(request.pattern).add("COUNT").add("1000").add("TYPE").add("stream");
      WEIR_ASSIGN(ReplyPtr reply, ask_node(node, scan, Effect::only_looks));
      const Answers answers = Answers::whole(std::move(reply));
      WEIR_TRY(check(answers.values()));
      const Value page = answers.values()[0];
      cursor = page[0].text();
      for (std::size_t i = 0; i < page[1].size(); ++i) {
        if (const std::string_view name = page[1][i].text(); !is_sidecar_key(name)) {
          names.names.emplace_back(name);
        }
      }
      WEIR_TRY(answers.understood());
      if (watch.is_endless(cursor)) {
        return fail(Failure::store, "the server at " + node.name() + " does not come to an end with SCAN");
      }
    } while (cursor != "0");
  }
  // SCAN may name a key twice.
  std::sort(names.names.begin(), names.names.end());
  names.names.erase(std::unique(names.names.begin(), names.names.end()), names.names.end());
  return names;
}

Result<std::uint64_t> RedisEngine::size(const std::string& stream) {
  WireCommand usage("MEMORY");
  usage.add("USAGE").add_key(stream);
  WEIR_ASSIGN(const Answers answers, exchange({usage}, Effect::only_looks));
  const Value bytes = answers.values()[0];
  return bytes.is_error() || bytes.is_nil() ? Store::size(stream) : bytes.number();
}

Result<Flushall::Reply> RedisEngine::answer(const Flushall& request) {
  WEIR_ASSIGN(const auto nodes, masters(true));
  for (const Endpoint& node : nodes) {
    WEIR_ASSIGN(ReplyPtr reply, ask_node(node, encode(request).front(), Effect::changes));
    const Answers answers = Answers::whole(std::move(reply));
    WEIR_TRY(check(answers.values()));
  }
  return Ok();
}

}  // namespace weir::redis
