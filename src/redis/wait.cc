// Reads that wait for messages.
#include <poll.h>

#include "redis/redis_engine.h"

namespace weir::redis {
namespace {

/// A server answers soon: after the time of a read is over, it counts as gone when it takes so long.
constexpr std::chrono::milliseconds kGrace{2'000};

}  // namespace

Result<Xread::Reply> RedisEngine::answer(const Xread& request) {
  if (!request.block) {
    return ask(request);
  }
  // `$` is what it is now, and must still be that when the connection breaks and the read begins anew.
  Xread fixed = request;
  bool last_entries = false;
  for (auto& source : fixed.sources) {
    last_entries = last_entries || source.from.kind == Xread::From::Kind::last_entry;
    if (source.from.kind == Xread::From::Kind::after) {
      continue;
    }
    const auto info = ask(XinfoStream{source.stream});
    if (!info && info.error().failure == Failure::store) {
      return tl::unexpected(info.error());
    }
    source.from = {Xread::From::Kind::after, info ? info->last_generated_id : kMinId};
  }
  if (last_entries) {
    Xread now = request;
    now.block.reset();
    auto there = ask(now);
    if (!there || !there->empty()) {
      return there;
    }
  }
  auto streams = wait([&](Millis block) { return blocking(fixed, block); }, *request.block, Effect::only_looks);
  if (!streams) {
    return tl::unexpected(explained(std::move(streams).error(), since(request)));
  }
  return streams;
}

Result<Xreadgroup::Reply> RedisEngine::answer(const Xreadgroup& request) {
  for (const auto& source : request.sources) {
    if (!request.block || source.history_after) {
      return ask(request);  // history never waits
    }
  }
  auto streams = wait([&](Millis block) { return blocking(request, block); }, *request.block, Effect::changes);
  if (!streams) {
    return tl::unexpected(explained(std::move(streams).error(), since(request)));
  }
  for (Entries& stream : *streams) {
    for (Entry& entry : stream.entries) {
      entry.deliveries = 1 + (entry.before ? entry.before->deliveries : 0);
    }
  }
  return streams;
}

bool RedisEngine::is_interrupted() const {
  pollfd interrupt{interrupt_, POLLIN, 0};
  return ::poll(&interrupt, 1, 0) > 0;
}

Result<StreamEntries> RedisEngine::wait(const std::function<WireCommand(Millis)>& command, Millis block,
                                        Effect effect) {
  const Deadline deadline = block.count() == 0 ? Deadline::never() : Deadline::after(block);
  const auto left = [&] { return block.count() == 0 ? block : std::max(deadline.left(block), Millis(1)); };
  const std::string key = command(Millis(1)).keys().front();
  Endpoint node = cluster_.node_for(&key);
  int redirects = 0;
  const auto ended = [&](Error error) {
    return is_interrupted() ? Result<StreamEntries>() : tl::unexpected(std::move(error));
  };
  for (int attempt = 0;; ++attempt) {
    auto connected = reconnect(node, deadline, interrupt_);
    if (!connected) {
      return ended(std::move(connected).error());
    }
    Connection& connection = **connected;
    std::string wire;
    if (interrupt_ >= 0) {
      WireCommand("CLIENT").add("ID").append_to(wire);
    }
    command(left()).append_to(wire);
    std::uint64_t client = 0;
    const Deadline patience = block.count() == 0 ? Deadline::never() : Deadline::after(left() + kGrace);
    auto reply = connection.send(wire).and_then([&]() -> tl::expected<ReplyPtr, Lost> {
      if (interrupt_ >= 0) {
        const auto soon = cluster_.timeouts().command;
        auto id = connection.receive_until(Deadline::after(patience.left(soon)), interrupt_);
        if (id && !*id && is_interrupted()) {
          // It is what lets this connection go on: it is worth the moment that a server takes.
          id = connection.receive_until(Deadline::after(patience.left(kGrace)), -1);
        }
        if (!id || !*id) {
          return id;
        }
        bool odd = false;
        const Value value(id->get(), &odd);
        client = value.is_error() ? 0 : value.number();
      }
      return connection.receive_until(patience, interrupt_);
    });
    if (!reply) {
      cluster_.drop(node);
      if (!reply.error().misspoke && pause(attempt, deadline, interrupt_)) {
        continue;
      }
      return ended(fate(reply.error(), node, effect));
    }
    if (!*reply) {
      const bool interrupted = is_interrupted();
      reply = interrupted ? give_up(connection, node, client) : ReplyPtr();
      if (!*reply) {
        cluster_.drop(node);
        return interrupted ? Result<StreamEntries>() : tl::unexpected(fate({"no answer", true}, node, effect));
      }
    }
    const Answers answers = Answers::whole(std::move(*reply));
    const Value value = answers.values()[0];
    if (!value.is_error()) {
      StreamEntries streams = stream_entries(value);
      WEIR_TRY(answers.understood());
      return streams;
    }
    const auto redirect = parse_redirect(value.text());
    if (redirect && !redirect->ask) {
      WEIR_ASSIGN(node, cluster_.follow(*redirect, node));
    } else if (!redirect && !is_passing(value.text())) {
      return tl::unexpected(server_error(value.text()));
    }
    if (redirect && ++redirects > kMostRedirects) {
      return endless_redirects();
    }
    if (!pause(attempt, deadline, interrupt_)) {
      return ended(server_error(value.text()));
    }
  }
}

/// Ends a blocked read without losing what may just have been delivered: another connection wakes it, and whatever it
/// then answers is the answer. Null if that is not possible.
ReplyPtr RedisEngine::give_up(Connection& connection, const Endpoint& node, std::uint64_t client) {
  if (client == 0) {
    return nullptr;
  }
  if (!second_ || second_node_ != node.name() || second_->hung_up()) {
    second_.reset();
    auto opened = cluster_.connect_apart(node);
    if (!opened) {
      return nullptr;
    }
    second_ = std::move(*opened);
    second_node_ = node.name();
  }
  std::string wire;
  WireCommand("CLIENT").add("UNBLOCK").add(client).append_to(wire);
  if (!second_->send(wire) || !second_->receive()) {
    second_.reset();
    return nullptr;
  }
  auto reply = connection.receive();
  return reply ? std::move(*reply) : nullptr;
}

}  // namespace weir::redis
