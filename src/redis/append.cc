// XADD, one or many.
//
// Entries with automatic IDs are pipelined: nothing about the state of a stream can refuse one. An ID of its own can be
// refused, and those behind it must then not be added: such entries go to the server some hundred at a time, in a
// script that stops.
#include <map>

#include "redis/redis_engine.h"
#include "redis/script.h"

namespace weir {
namespace {

constexpr std::size_t kWindow = 10'000;    // replies are read so often
constexpr std::size_t kPiece = 64 * 1024;  // bytes are sent so often: the server works while more is made ready
constexpr std::size_t kScriptEntries = 500;
constexpr std::size_t kScriptBytes = 1024 * 1024;
constexpr int kMostRounds = 16;

bool is_automatic(const Xadd& entry) {
  return entry.id.kind == NewId::Kind::automatic;
}

/// How many of `entries`, from the first, can be sent together: alike in kind, and for the script of one stream.
std::size_t together(std::span<const Xadd> entries) {
  const bool automatic = is_automatic(entries[0]);
  const std::size_t most = automatic ? kWindow : kScriptEntries;
  std::size_t bytes = 0;
  std::size_t n = 0;
  while (n < entries.size() && n < most && is_automatic(entries[n]) == automatic &&
         (automatic || (entries[n].stream == entries[0].stream && bytes < kScriptBytes))) {
    bytes += entries[n].fields.json().size();
    ++n;
  }
  return n;
}

}  // namespace

Result<Xadd::Reply> RedisEngine::run(const Xadd& request) {
  WEIR_ASSIGN(Appended appended, append(std::span(&request, 1)));
  if (appended.error) {
    return tl::unexpected(std::move(*appended.error));
  }
  return appended.ids.front();
}

Result<Store::Appended> RedisEngine::append(std::span<const Xadd> entries) {
  Appended appended;
  appended.ids.reserve(entries.size());
  while (!entries.empty() && !appended.error) {
    const std::size_t n = together(entries);
    const auto part = entries.first(n);
    appended.error = is_automatic(part[0]) ? append_pipelined(part, appended.ids) : append_in_order(part, appended.ids);
    entries = entries.subspan(n);
  }
  return appended;
}

std::optional<Error> RedisEngine::append_pipelined(std::span<const Xadd> entries, std::vector<MaybeId>& ids) {
  Slots done(entries.size());
  std::optional<Error> error;
  // Each round asks the nodes that are known to have the slots; in a cluster the first learns about them.
  for (int round = 0; round < kMostRounds && !error; ++round) {
    std::map<std::string, std::pair<Endpoint, std::vector<std::size_t>>> by_node;
    const Endpoint* node = nullptr;
    std::vector<std::size_t>* list = nullptr;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (done[i]) {
        continue;
      }
      const Endpoint* of_entry = &cluster_.node_for(&entries[i].stream);
      if (of_entry != node) {
        node = of_entry;
        list = &by_node.try_emplace(node->name(), *node, std::vector<std::size_t>()).first->second.second;
      }
      list->push_back(i);
    }
    if (by_node.empty()) {
      break;
    }
    for (const auto& [name, work] : by_node) {
      if (auto result = pipeline(work.first, entries, work.second, done); !result) {
        error = std::move(result).error();
        break;
      }
    }
  }
  for (auto& slot : done) {
    if (!slot) {
      return error ? error : Error{Failure::store, "the cluster sends this from node to node without an end"};
    }
    if (!*slot) {
      return slot->error();
    }
    ids.push_back(**slot);
  }
  return std::nullopt;
}

Result<void> RedisEngine::pipeline(const Endpoint& at, std::span<const Xadd> entries,
                                   const std::vector<std::size_t>& which, Slots& done) {
  const Endpoint node = at;
  const Deadline deadline = Deadline::after(cluster_.timeouts().command);
  WEIR_ASSIGN(Connection * connection, reconnect(node, deadline));
  std::size_t answered = 0;
  const auto broken = [&](const Lost& lost) {
    cluster_.drop(node);
    Error error = unknown_fate(lost, node);
    if (const std::size_t open = which.size() - answered; open > 1) {
      error.message = "the connection to " + node.name() + " was lost (" + lost.why + "): of " + std::to_string(open) +
                      " entries that were on their way it is not known which were added";
    }
    return tl::unexpected(std::move(error));
  };
  std::string wire;
  std::optional<Lost> lost;
  for (std::size_t i = 0; i < which.size() && !lost; ++i) {
    encode(entries[which[i]]).front().append_to(wire);
    if (wire.size() >= kPiece || i + 1 == which.size()) {
      if (auto sent = connection->send(wire); !sent) {
        lost = std::move(sent).error();
      }
      wire.clear();
    }
  }
  // Even if not all could be sent: what was answered before the end is known.
  int passing = 0;
  std::vector<std::size_t> asked;  // their slots are on their way to another node
  for (const std::size_t i : which) {
    auto reply = connection->receive();
    if (!reply) {
      return broken(lost ? *lost : reply.error());
    }
    ++answered;
    const Answers answers = Answers::whole(std::move(*reply));
    const Value value = answers.values()[0];
    if (value.is_error()) {
      if (const auto redirect = parse_redirect(value.text())) {
        cluster_.follow(*redirect, node);
        if (redirect->ask) {
          asked.push_back(i);
        }
        continue;
      }
      if (is_passing(value.text())) {
        ++passing;
        if (passing > 1 || pause(3, deadline)) {
          continue;
        }
      }
    }
    done[i] = decode(entries[i], answers.values());
    WEIR_TRY(answers.understood());
  }
  for (const std::size_t i : asked) {
    WEIR_ASSIGN(const Answers answers, exchange(encode(entries[i]), Effect::changes));
    done[i] = decode(entries[i], answers.values());
  }
  return {};
}

std::optional<Error> RedisEngine::append_in_order(std::span<const Xadd> entries, std::vector<MaybeId>& ids) {
  while (!entries.empty()) {
    Commands commands;
    for (const Xadd& entry : entries) {
      commands.push_back(encode(entry).front());
    }
    bool unknown = false;
    const bool single = entries.size() == 1;
    auto answers = single ? exchange(commands, Effect::changes, &unknown)
                          : exchange({script_call(commands, ScriptMode::stop)}, Effect::changes, &unknown);
    if (!answers && unknown) {
      const auto known = count_done(entries);
      if (!known) {
        return answers.error();
      }
      for (std::size_t i = 0; i < *known; ++i) {
        ids.emplace_back(entries[i].id.id);
      }
      entries = entries.subspan(*known);
      continue;
    }
    if (!answers) {
      return answers.error();
    }
    const Value reply = answers->values()[0];
    if (!single && reply.is_error()) {
      return server_error(reply.text());
    }
    for (std::size_t i = 0; i < (single ? 1 : reply.size()); ++i) {
      const Value value = single ? reply : reply[i];
      auto id = decode(entries[i], Values(&value, 1));
      if (!id) {
        return id.error();
      }
      ids.push_back(*id);
    }
    return std::nullopt;
  }
  return std::nullopt;
}

/// After a connection broke: how many of `entries`, from the first, are in the stream, exactly as they were sent.
Result<std::size_t> RedisEngine::count_done(std::span<const Xadd> entries) {
  std::size_t done = 0;
  for (const Xadd& entry : entries) {
    if (entry.id.kind != NewId::Kind::exact || entry.trim) {
      return fail(Failure::store, "not known");
    }
    const Xrange look{entry.stream, entry.id.id, entry.id.id, false, std::nullopt};
    WEIR_ASSIGN(const Entries found, ask(look));
    if (found.entries.empty() || found.entries[0].fields->pairs() != entry.fields.pairs()) {
      break;
    }
    ++done;
  }
  return done;
}

}  // namespace weir
