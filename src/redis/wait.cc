// Reads that wait for messages.
#include <poll.h>

#include <algorithm>
#include <array>

#include "redis/redis_engine.h"

namespace weir::redis {
namespace {

/// A server answers soon: after the time of a read is over, it counts as gone when it takes so long.
constexpr std::chrono::milliseconds kGrace{2'000};

DueWatch::Delayed delayed_at(const Ahead& peeks, const std::vector<std::string>& due) {
  bool odd = false;
  const bool any = std::ranges::any_of(peeks.replies, [&](const ReplyPtr& reply) {
    const Value first(reply.get(), &odd);
    return !first.is_error() && first.size() > 0;
  });
  return !due.empty() ? DueWatch::Delayed::maybe_now : any ? DueWatch::Delayed::later : DueWatch::Delayed::none;
}

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
  auto streams = wait(
      seen_by(fixed), [&](Millis block) { return blocking(fixed, block); }, *request.block, Effect::only_looks,
      nullptr);
  if (!streams) {
    return tl::unexpected(explained(std::move(streams).error(), since(request)));
  }
  return streams;
}

bool RedisEngine::is_interrupted() const {
  pollfd interrupt{interrupt_, POLLIN, 0};
  return ::poll(&interrupt, 1, 0) > 0;
}

/// As receive_until, and what becomes due meanwhile is appended. Null, too, where there is news of a pause to heed.
tl::expected<ReplyPtr, Lost> RedisEngine::receive_watching(Connection& connection, const Deadline& patience,
                                                           bool heeds_pauses) {
  while (true) {
    const auto [bell, hand] = watch_.descriptors();
    const std::array<int, 3> others{interrupt_, bell, hand};
    auto reply = connection.receive_until(patience.or_at(watch_.next()), others);
    if (!reply || *reply || patience.passed() || is_interrupted()) {
      return reply;
    }
    watch_.go_on();
    if (heeds_pauses && watch_.told_of_pause()) {
      return nullptr;
    }
  }
}

Result<StreamEntries> RedisEngine::wait(const std::vector<std::string>& seen,
                                        const std::function<WireCommand(Millis)>& command, Millis block, Effect effect,
                                        Ahead* behind) {
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
    Ahead peeks = peeks_at(seen);
    for (const WireCommand& each : peeks.commands) {
      each.append_to(wire);
    }
    // Who looks anew when a group is paused ends the read, as an interrupt does: that takes the name of the connection.
    const bool heeds_pauses = behind != nullptr && !seen.empty() && appends_due_;
    const bool may_end_early = interrupt_ >= 0 || heeds_pauses;
    if (may_end_early) {
      WireCommand("CLIENT").add("ID").append_to(wire);
    }
    command(left()).append_to(wire);
    for (std::size_t i = 0; behind != nullptr && i < behind->commands.size(); ++i) {
      behind->commands[i].append_to(wire);
    }
    std::uint64_t client = 0;
    std::vector<std::string> due;
    const Deadline patience = block.count() == 0 ? Deadline::never() : Deadline::after(left() + kGrace);
    // What comes before the answer that is waited for.
    const auto soon = [&]() -> tl::expected<ReplyPtr, Lost> {
      const auto most = cluster_.timeouts().command;
      auto early = connection.receive_until(Deadline::after(patience.left(most)), interrupt_);
      if (early && !*early && is_interrupted()) {
        // It is what lets this connection go on: it is worth the moment that a server takes.
        early = connection.receive_until(Deadline::after(patience.left(kGrace)), -1);
      }
      return early;
    };
    auto reply = connection.send(wire).and_then([&]() -> tl::expected<ReplyPtr, Lost> {
      while (peeks.replies.size() < peeks.commands.size()) {
        auto peeked = soon();
        if (!peeked || !*peeked) {
          return peeked;
        }
        peeks.replies.push_back(std::move(*peeked));
      }
      if (may_end_early) {
        auto id = soon();
        if (!id || !*id) {
          return id;
        }
        bool odd = false;
        const Value value(id->get(), &odd);
        client = value.is_error() ? 0 : value.number();
      }
      due = may_be_due(seen, peeks);
      if (!appends_due_ || seen.empty()) {
        return connection.receive_until(patience, interrupt_);
      }
      watch_.begin(node, seen, delayed_at(peeks, due));
      auto waited = receive_watching(connection, patience, heeds_pauses && client != 0);
      if (waited && !*waited && heeds_pauses && watch_.told_of_pause() && !is_interrupted()) {
        ReplyPtr ended_early = give_up(connection, node, client);
        return ended_early ? std::move(ended_early) : receive_watching(connection, patience, false);
      }
      return waited;
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
    if (behind != nullptr) {
      behind->replies.clear();
      while (behind->replies.size() < behind->commands.size()) {
        auto after = connection.receive();
        if (!after) {
          cluster_.drop(node);
          break;
        }
        behind->replies.push_back(std::move(*after));
      }
    }
    const Answers answers = Answers::whole(std::move(*reply));
    const Value value = answers.values()[0];
    if (!value.is_error()) {
      StreamEntries streams = stream_entries(value);
      WEIR_TRY(answers.understood());
      if (!watch_.has_looked()) {
        append_due(due);  // it had something to give before what is due came to be appended
      }
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
  const auto woken = second_->send(wire).and_then([&] { return second_->receive(); });
  bool odd = false;
  if (!woken || Value(woken->get(), &odd).is_error()) {
    second_.reset();
    return nullptr;
  }
  auto reply = connection.receive();
  return reply ? std::move(*reply) : nullptr;
}

}  // namespace weir::redis
