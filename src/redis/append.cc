// XADD, one or many.
//
// Entries with automatic IDs are pipelined, since no state of a stream can refuse one. An entry with an exact ID can be
// refused, and later entries must not be added then. So a few hundred of these go to the server together, in a script
// that stops at a refusal.
#include <algorithm>
#include <map>

#include "redis/redis_engine.h"
#include "redis/scripts/script.h"

namespace weir::redis {
namespace {

constexpr std::size_t kPipelineEntries = 10'000;
constexpr std::size_t kScriptEntries = 500;
constexpr std::size_t kScriptBytes = std::size_t{1024} * 1024;
constexpr int kMostFutile = 5;  // so many attempts that added nothing

bool is_automatic(const Xadd& entry) {
  return entry.id.kind == NewId::Kind::automatic;
}

bool fits_in_script(const Xadd& entry) {
  constexpr std::size_t kShortestField = 6;  // such as "a":1,
  return entry.fields.json().size() / kShortestField < kMostScriptWords / 2;
}

/// How many of the first `entries` can be sent together: they are of one kind and, for the script, of one stream.
std::size_t together(std::span<const Xadd> entries) {
  const bool automatic = is_automatic(entries[0]);
  const std::size_t most = automatic ? kPipelineEntries : kScriptEntries;
  std::size_t bytes = 0;
  std::size_t n = 0;
  while (
      n < entries.size() && n < most && is_automatic(entries[n]) == automatic &&
      (automatic || (entries[n].stream == entries[0].stream && bytes < kScriptBytes && fits_in_script(entries[n])))) {
    bytes += entries[n].fields.json().size();
    ++n;
  }
  return std::max<std::size_t>(n, 1);
}

}  // namespace

Result<Xadd::Reply> RedisEngine::answer(const Xadd& request) {
  WEIR_ASSIGN(AddAnswers answers, append(std::span(&request, 1)));
  return std::move(answers.front());
}

Result<Store::AddAnswers> RedisEngine::append(std::span<const Xadd> entries) {
  Batch none;
  return append(Batch(entries), none);
}

Result<Store::AddAnswers> RedisEngine::append(Batch batch, Batch& next) {
  std::span<const Xadd> entries = batch.entries();
  const std::span<const Xadd> ahead = next.entries();
  bool sent = batch.sending() == sending_ && !ahead_.entries.empty();
  AddAnswers answers;
  answers.reserve(entries.size());
  bool refused = false;
  while (!entries.empty() && !refused) {
    const auto part = entries.first(together(entries));
    entries = entries.subspan(part.size());
    const auto before = static_cast<std::ptrdiff_t>(answers.size());
    if (is_automatic(part[0])) {
      const bool goes_on = entries.empty() && !ahead.empty() && is_automatic(ahead[0]);
      append_pipelined(part, std::exchange(sent, false),
                       goes_on ? ahead.first(together(ahead)) : std::span<const Xadd>(), answers);
      if (goes_on) {
        next.note_sending(++sending_);
      }
    } else {
      append_in_order(part, answers);
    }
    refused = std::any_of(answers.begin() + before, answers.end(), [](const auto& answer) { return !answer; });
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i] && *answers[i]) {
      note_appended(batch.entries()[i].stream, **answers[i]);
    }
  }
  apply_due_policies();
  // Asking the server for its version would end what is under way for the next call.
  for (std::size_t i = 0; i < answers.size() && way_ahead_.sent == 0; ++i) {
    if (!answers[i]) {
      answers[i] = tl::unexpected(explained(std::move(answers[i]).error(), since(batch.entries()[i])));
    }
  }
  return answers;
}

/// The call whose entries were sent ahead did not come, so their answers are not awaited.
void RedisEngine::leave_ahead() {
  if (way_ahead_.sent > 0) {
    cluster_.drop(Endpoint(way_ahead_.pipeline->node()));
    ahead_ = Addition();
  }
  way_ahead_ = Way();
}

/// `sent`: the last call was given `entries` as those ahead.
void RedisEngine::append_pipelined(std::span<const Xadd> entries, bool sent, std::span<const Xadd> ahead,
                                   AddAnswers& answers) {
  Addition now(entries);
  Way way;
  if (sent) {
    now = std::move(ahead_);
    way = way_ahead_.sent > 0 ? std::exchange(way_ahead_, {}) : Way();
  } else if (way_ahead_.sent == 0 && way_ahead_.pipeline && !way_ahead_.pipeline->hung_up()) {
    way = std::exchange(way_ahead_, {});  // the node has accepted everything so far
  } else {
    leave_ahead();
  }
  ahead_ = Addition(ahead);
  way_ahead_ = {};
  const Deadline deadline = Deadline::after(cluster_.timeouts().command);
  Result<bool> again = way.sent > 0 ? true : look_again(now, deadline);
  for (bool first = true; again && *again; first = false) {
    again =
        send_round(now, std::exchange(way, {}), first, deadline).and_then([&] { return look_again(now, deadline); });
  }
  for (Pipeline::Slot& slot : now.done) {
    if (!slot && !again) {
      answers.push_back(tl::unexpected<Error>(again.error()));
    }
    if (!slot) {
      break;  // this entry was not sent, as one before it was refused
    }
    answers.push_back(std::move(*slot));
  }
}

/// Sends the entries that are neither done nor under way to the nodes known to have their streams, and waits for the
/// answers, until a node takes no more. In the first round, a single server meanwhile gets as much of `ahead_` as it
/// takes.
Result<void> RedisEngine::send_round(Addition& now, Way way, bool first, const Deadline& deadline) {
  std::unique_ptr<Pipeline> pipeline = std::move(way.pipeline);
  if (pipeline && !cluster_.is_single()) {
    WEIR_TRY(known(*pipeline, pipeline->wait(0)));
    if (pipeline->is_stopped()) {
      return {};  // entries that were sent ahead and not taken come before the rest
    }
    pipeline.reset();
  }
  const bool goes_on = pipeline != nullptr;
  for (const auto& [name, work] : by_node(now, way.sent)) {
    if (!pipeline) {
      WEIR_ASSIGN(Connection * connection, reconnect(work.node, deadline));
      pipeline = std::make_unique<Pipeline>(work.node, *connection, cluster_);
    }
    for (auto place = work.places.begin(); place != work.places.end() && !pipeline->is_stopped(); ++place) {
      WEIR_TRY(known(*pipeline, pipeline->send(now.entries[*place], now.done[*place])));
      if (place == work.places.begin() && !goes_on) {
        WEIR_TRY(
            known(*pipeline, pipeline->wait(0)));  // it finds out whether the node has the stream, and takes it now
      }
    }
    if (!cluster_.is_single()) {
      WEIR_TRY(known(*pipeline, pipeline->wait(0)));
      pipeline.reset();
    }
  }
  while (pipeline && pipeline->under_way() > way_ahead_.sent) {
    const std::size_t next = way_ahead_.sent;
    if (first && next < ahead_.entries.size() && cluster_.is_single() && !pipeline->is_stopped()) {
      ++way_ahead_.sent;
      WEIR_TRY(known(*pipeline, pipeline->send(ahead_.entries[next], ahead_.done[next])));
    } else {
      WEIR_TRY(known(*pipeline, pipeline->wait(way_ahead_.sent)));
    }
  }
  way_ahead_.pipeline = std::move(pipeline);
  return {};
}

/// The entries to send, from `first` on, by the nodes known to have the slots.
std::map<std::string, RedisEngine::Work> RedisEngine::by_node(const Addition& now, std::size_t first) const {
  std::map<std::string, Work> works;
  const Endpoint* node = nullptr;
  Work* work = nullptr;
  for (std::size_t place = first; place < now.entries.size(); ++place) {
    if (now.done[place]) {
      continue;
    }
    const Endpoint* of_entry = &cluster_.node_for(&now.entries[place].stream);
    if (of_entry != node) {
      node = of_entry;
      work = &works.try_emplace(node->name(), Work{*node, {}}).first->second;
    }
    work->places.push_back(place);
  }
  return works;
}

/// After a round, with nothing of `now` under way: whether another round is needed, for entries that a node redirected
/// or could not take yet, and for the entries after them.
Result<bool> RedisEngine::look_again(Addition& now, const Deadline& deadline) {
  std::vector<std::size_t> moved;
  std::vector<std::size_t> asked;
  std::vector<std::size_t> passing;
  bool unsent = false;
  for (std::size_t place = 0; place < now.done.size(); ++place) {
    const auto& slot = now.done[place];
    unsent = unsent || !slot;
    if (slot && !*slot) {
      const std::string& refusal = slot->error().message;
      if (const auto redirect = parse_redirect(refusal)) {
        (redirect->ask ? asked : moved).push_back(place);
      } else if (is_passing(refusal)) {
        passing.push_back(place);
      }
    }
  }
  const bool undone = !moved.empty() || !asked.empty() || !passing.empty();
  if (undone && way_ahead_.pipeline) {
    const auto pipeline = std::move(way_ahead_.pipeline);
    way_ahead_ = {};
    WEIR_TRY(known(*pipeline, pipeline->wait(0)));
  }
  for (const std::size_t place : asked) {
    auto answer = exchange(encode(now.entries[place]), Effect::changes);
    now.done[place] = answer ? decode(now.entries[place], answer->values()) : tl::unexpected(std::move(answer).error());
  }
  if (!moved.empty() && ++now.redirects > kMostRedirects) {
    for (const std::size_t place : moved) {
      now.done[place] = endless_redirects();
    }
    return false;
  }
  if (!passing.empty() && !pause(3, deadline)) {
    return false;
  }
  for (const auto& again : {moved, passing}) {
    for (const std::size_t place : again) {
      now.done[place].reset();
    }
  }
  const bool failed = std::any_of(now.done.begin(), now.done.end(), [](const auto& slot) {
    return slot && !*slot && slot->error().failure == Failure::store;
  });
  return !failed && (unsent || !moved.empty() || !passing.empty());
}

/// If the connection was lost, nothing is known about the entries under way on it.
Result<void> RedisEngine::known(const Pipeline& pipeline, const tl::expected<void, Lost>& result) {
  if (result) {
    return {};
  }
  const Endpoint& node = pipeline.node();
  Error error = fate(result.error(), node, Effect::changes);
  if (const std::size_t open = pipeline.under_way(); open > 1) {
    error.message = "the connection to " + node.name() + " was lost (" + result.error().why + "): of " +
                    std::to_string(open) + " entries that were on their way it is not known which were added";
  }
  cluster_.drop(node);
  ahead_ = Addition();
  way_ahead_ = Way();
  return tl::unexpected(std::move(error));
}

void RedisEngine::append_in_order(std::span<const Xadd> entries, AddAnswers& answers) {
  const Deadline deadline = Deadline::after(cluster_.timeouts().command);
  for (int attempt = 0; !entries.empty(); ++attempt) {
    Commands commands;
    for (const Xadd& entry : entries) {
      commands.push_back(encode(entry).front());
    }
    bool unknown = false;
    const bool single = entries.size() == 1;
    auto reply = single ? exchange(commands, Effect::changes, &unknown)
                        : exchange({script_call(commands, ScriptMode::stop)}, Effect::changes, &unknown);
    if (reply) {
      const auto before = static_cast<std::ptrdiff_t>(answers.size());
      const Value value = reply->values()[0];
      if (!single && value.is_error()) {
        answers.push_back(tl::unexpected(server_error(value.text())));
        return;
      }
      const std::size_t count = single ? 1 : value.size();
      // The script ends at a refusal, or when all entries are done.
      value.expect(count == entries.size() || (count > 0 && count < entries.size() && value[count - 1].is_error()));
      for (std::size_t i = 0; i < std::min(count, entries.size()); ++i) {
        const Value of_entry = single ? value : value[i];
        answers.push_back(decode(entries[i], Values(&of_entry, 1)));
      }
      if (auto understood = reply->understood(); !understood) {
        answers.erase(answers.begin() + before, answers.end());
        answers.push_back(tl::unexpected(std::move(understood).error()));
      }
      return;
    }
    const auto done = unknown ? count_done(entries) : tl::unexpected(reply.error());
    // A server that closes the connection each time will do so the next time.
    if (!done || (*done == 0 && (attempt >= kMostFutile || !pause(attempt, deadline)))) {
      answers.push_back(tl::unexpected(std::move(reply).error()));
      return;
    }
    attempt = *done > 0 ? 0 : attempt;
    for (const Xadd& entry : entries.first(*done)) {
      answers.emplace_back(entry.id.id);
    }
    entries = entries.subspan(*done);
  }
}

/// After a connection broke: how many of the first `entries` are in the stream exactly as they were sent.
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

}  // namespace weir::redis
