// Reads that wait for messages.
#include <poll.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "redis/redis_engine.h"

namespace weir::redis {
namespace {

/// A server answers soon: once a read's time is over, a server that takes longer than this counts as gone.
constexpr std::chrono::milliseconds kGrace{2'000};

DueWatch::Delayed delayed_at(const Ahead& peeks, const std::vector<std::string>& due) {
  bool odd = false;
  const bool any = std::ranges::any_of(peeks.replies, [&](const ReplyPtr& reply) {
    const Value first(reply.get(), &odd);
    return !first.is_error() && first.size() > 0;
  });
  return !due.empty() ? DueWatch::Delayed::maybe_now : any ? DueWatch::Delayed::later : DueWatch::Delayed::none;
}

std::uint64_t count_entries(const StreamEntries& streams) {
  return std::accumulate(streams.begin(), streams.end(), std::uint64_t{0},
                         [](std::uint64_t count, const Entries& each) { return count + each.entries.size(); });
}

}  // namespace

Result<Xread::Reply> RedisEngine::answer(const Xread& request) {
  if (!request.block) {
    return ask(request);
  }
  // `$` means the last ID now, and must keep this meaning if the connection breaks and the read begins anew.
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
      seen_by(fixed), [&](Millis block) { return blocking(fixed, block); }, *request.block, nullptr, nullptr);
  if (!streams) {
    return tl::unexpected(explained(std::move(streams).error(), since(request)));
  }
  return streams;
}

bool RedisEngine::is_interrupted() const {
  pollfd interrupt{interrupt_, POLLIN, 0};
  return ::poll(&interrupt, 1, 0) > 0;
}

/// Like receive_until, but also appends messages that become due. Null also if there is news of a pause, which the
/// caller asked for.
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

/// A waiting read on one connection. Before the read's own answer come the answers to the looks for delayed messages,
/// and the number by which another connection can end the read.
class RedisEngine::BlockedRead {
 public:
  /// `heeds_pauses`: a pause of a group ends the read as an interrupt does, and the caller looks anew.
  BlockedRead(RedisEngine& engine, Connection& connection, const Endpoint& node, const std::vector<std::string>& seen,
              bool heeds_pauses)
      : engine_(engine), connection_(connection), node_(node), seen_(seen), heeds_pauses_(heeds_pauses) {}

  /// The answer to `command`. Null: none came before `patience` had passed, or an interrupt came. The commands in
  /// `behind` are sent along; the caller has to receive their answers.
  tl::expected<ReplyPtr, Lost> answer_to(const WireCommand& command, const Ahead* behind, const Deadline& patience) {
    patience_ = patience;
    Ahead peeks = engine_.peeks_at(seen_);
    const bool may_end_early = engine_.interrupt_ >= 0 || heeds_pauses_;
    auto sent = connection_.send(wire_of(peeks, may_end_early, command, behind));
    if (!sent) {
      return tl::unexpected(std::move(sent).error());
    }
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
      client_ = value.is_error() ? 0 : value.number();
    }
    due_ = engine_.may_be_due(seen_, peeks);
    return answer(peeks);
  }

  /// The connection's number on the server; 0: not known.
  std::uint64_t client() const { return client_; }
  /// Streams that may have due messages.
  const std::vector<std::string>& due() const { return due_; }

 private:
  static std::string wire_of(const Ahead& peeks, bool may_end_early, const WireCommand& command, const Ahead* behind) {
    std::string wire;
    for (const WireCommand& each : peeks.commands) {
      each.append_to(wire);
    }
    if (may_end_early) {
      WireCommand("CLIENT").add("ID").append_to(wire);
    }
    command.append_to(wire);
    for (std::size_t i = 0; behind != nullptr && i < behind->commands.size(); ++i) {
      behind->commands[i].append_to(wire);
    }
    return wire;
  }

  /// Receives an answer that comes before that of the read.
  tl::expected<ReplyPtr, Lost> soon() {
    const auto most = engine_.cluster_.timeouts().command;
    auto early = connection_.receive_until(Deadline::after(patience_.left(most)), engine_.interrupt_);
    if (early && !*early && engine_.is_interrupted()) {
      // Needed to keep the connection usable, so it is worth the short time that a server takes.
      early = connection_.receive_until(Deadline::after(patience_.left(kGrace)), -1);
    }
    return early;
  }

  /// Receives the answer of the read, which may take long.
  tl::expected<ReplyPtr, Lost> answer(const Ahead& peeks) {
    if (!engine_.appends_due_ || seen_.empty()) {
      return connection_.receive_until(patience_, engine_.interrupt_);
    }
    DueWatch& watch = engine_.watch_;
    watch.begin(node_, seen_, delayed_at(peeks, due_));
    auto waited = engine_.receive_watching(connection_, patience_, heeds_pauses_ && client_ != 0);
    if (waited && !*waited && heeds_pauses_ && watch.told_of_pause() && !engine_.is_interrupted()) {
      ReplyPtr ended_early = engine_.give_up(connection_, node_, client_);
      return ended_early ? std::move(ended_early) : engine_.receive_watching(connection_, patience_, false);
    }
    return waited;
  }

  RedisEngine& engine_;
  Connection& connection_;
  const Endpoint& node_;
  const std::vector<std::string>& seen_;
  const bool heeds_pauses_;
  Deadline patience_;
  std::uint64_t client_ = 0;
  std::vector<std::string> due_;
};

void RedisEngine::receive_behind(Connection& connection, const Endpoint& node, Ahead& behind) {
  behind.replies.clear();
  while (behind.replies.size() < behind.commands.size()) {
    auto after = connection.receive();
    if (!after) {
      cluster_.drop(node);
      break;
    }
    behind.replies.push_back(std::move(*after));
  }
}

/// A read whose answer was lost is repeated if nothing was delivered that only the lost answer told of.
Result<StreamEntries> RedisEngine::wait(const std::vector<std::string>& seen,
                                        const std::function<WireCommand(Millis)>& command, Millis block,
                                        const HasGiven& has_given, Ahead* behind) {
  const Effect effect = has_given ? Effect::changes : Effect::only_looks;
  struct LostAnswer {
    Lost lost;
    SteadyTime asked;
  };
  std::optional<LostAnswer> unheard;
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
    if (unheard && connected) {
      const auto given = has_given(unheard->asked);
      if (given == false) {
        unheard.reset();
        connected = reconnect(node, deadline, interrupt_);  // the connection may have been lost again
      } else if (!given && pause(attempt, deadline, interrupt_)) {
        continue;
      }
    }
    if (unheard) {
      Error untold = fate(unheard->lost, node, effect);
      untold.hint = "what it was given, if anything, is pending: weir xreadgroup STREAM --group GROUP --after 0";
      return ended(std::move(untold));
    }
    if (!connected) {
      return ended(std::move(connected).error());
    }
    Connection& connection = **connected;
    const SteadyTime asked = std::chrono::steady_clock::now();
    BlockedRead blocked(*this, connection, node, seen, behind != nullptr && !seen.empty() && appends_due_);
    const Deadline patience = block.count() == 0 ? Deadline::never() : Deadline::after(left() + kGrace);
    auto reply = blocked.answer_to(command(left()), behind, patience);
    if (!reply) {
      cluster_.drop(node);
      if (!reply.error().misspoke && pause(attempt, deadline, interrupt_)) {
        if (has_given) {
          unheard = {reply.error(), asked};
        }
        continue;
      }
      return ended(fate(reply.error(), node, effect));
    }
    if (!*reply) {
      const bool interrupted = is_interrupted();
      reply = interrupted ? give_up(connection, node, blocked.client()) : ReplyPtr();
      if (!*reply) {
        cluster_.drop(node);
        return interrupted ? Result<StreamEntries>() : tl::unexpected(fate({"no answer", true}, node, effect));
      }
    }
    if (behind != nullptr) {
      receive_behind(connection, node, *behind);
    }
    const Answers answers = Answers::whole(std::move(*reply));
    const Value value = answers.values()[0];
    if (!value.is_error()) {
      StreamEntries streams = stream_entries(value);
      WEIR_TRY(answers.understood());
      note_due_appended(seen, std::max(watch_.appended(), watch_.is_looking() ? count_entries(streams) : 0));
      apply_due_policies();
      if (!watch_.has_looked()) {
        append_due(blocked.due());  // the read had entries before the due messages were appended
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

/// Whether the consumer, in any process, was given an entry since then that it still holds, except entries of the read
/// before, which may be hardly older. Nothing: the server does not tell.
std::optional<bool> RedisEngine::was_given(const Xreadgroup& request, SteadyTime asked) {
  constexpr std::uint64_t kPage = 1'000;
  for (const Xreadgroup::Source& source : request.sources) {
    const std::vector<Id>& heard = heard_[source.stream];
    Xpending look;
    look.stream = source.stream;
    look.group = request.group;
    look.consumer = request.consumer;
    look.count = kPage;
    while (true) {
      const auto page = ask(look);
      if (!page && page.error().failure == Failure::store) {
        return std::nullopt;
      }
      if (!page) {
        break;  // the group does not exist any more, which the read itself will report
      }
      // Reckoned once the answer is here: the server reckons its times while it is under way.
      const auto within = std::chrono::ceil<Millis>(std::chrono::steady_clock::now() - asked);
      if (std::ranges::any_of(page->entries, [&](const PendingEntry& entry) {
            return entry.idle <= within && std::ranges::find(heard, entry.id) == heard.end();
          })) {
        return true;
      }
      const auto next = page->entries.size() < kPage ? std::nullopt : next_id(page->entries.back().id);
      if (!next) {
        break;
      }
      look.first = *next;
    }
  }
  return false;
}

/// Ends a blocked read without losing entries that were just delivered: another connection wakes the read, and whatever
/// the read then answers is the answer. Null if that is not possible.
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
