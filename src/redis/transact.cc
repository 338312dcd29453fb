// Many requests as one transaction.
#include <algorithm>
#include <type_traits>

#include "redis/redis_engine.h"
#include "redis/scripts/script.h"
#include "redis/sidecar_key.h"

namespace weir::redis {
namespace {

using Replies = std::vector<Result<Reply>>;

/// All commands of a transaction, and how many of them each request has.
struct Plan {
  Commands commands;
  std::vector<std::size_t> lengths;
};

template <typename CommandsFor>
Plan plan_of(std::span<const Request> requests, CommandsFor&& commands_for) {
  Plan plan;
  for (const Request& request : requests) {
    Commands commands = std::visit(commands_for, request);
    plan.lengths.push_back(commands.size());
    std::move(commands.begin(), commands.end(), std::back_inserter(plan.commands));
  }
  return plan;
}

Result<Reply> decode_any(const Request& request, Values values) {
  return std::visit(
      [&](const auto& r) -> Result<Reply> {
        auto reply = decode(r, values);
        if (!reply) {
          return tl::unexpected(std::move(reply).error());
        }
        if constexpr (std::is_same_v<std::decay_t<decltype(r)>, Keys>) {
          std::erase_if(reply->names, [](const std::string& name) { return is_sidecar_key(name); });
        }
        return Reply(std::move(*reply));
      },
      request);
}

Replies decode_all(std::span<const Request> requests, const Plan& plan, Values values) {
  Replies replies;
  std::size_t at = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    replies.push_back(decode_any(requests[i], values.subspan(at, plan.lengths[i])));
    at += plan.lengths[i];
  }
  return replies;
}

/// The elements of a script's answer, from `from` on.
std::vector<Value> elements(Value list, std::size_t from) {
  std::vector<Value> values;
  values.reserve(list.size());
  for (std::size_t i = from; i < list.size(); ++i) {
    values.push_back(list[i]);
  }
  return values;
}

/// Whether the script can tell beforehand that the request will not be refused.
bool is_checkable(const Request& request) {
  return std::visit(
      [](const auto& r) {
        using R = std::decay_t<decltype(r)>;
        if constexpr (std::is_same_v<R, Xadd>) {
          return r.id.kind == NewId::Kind::automatic && !r.idempotence;
        }
        if constexpr (std::is_same_v<R, Xread> || std::is_same_v<R, Xreadgroup>) {
          return !r.limit.any();
        }
        return std::is_same_v<R, Xlen> || std::is_same_v<R, Xrange> || std::is_same_v<R, Xdel> ||
               std::is_same_v<R, Xtrim> || std::is_same_v<R, Xack> || std::is_same_v<R, Xclaim> ||
               std::is_same_v<R, Xnack> || std::is_same_v<R, Xautoclaim> || std::is_same_v<R, Xpending> ||
               std::is_same_v<R, XpendingSummary> || std::is_same_v<R, Exists> || std::is_same_v<R, Type>;
      },
      request);
}

Result<void> fits_in_script(const Commands& commands) {
  constexpr std::size_t kMostWords = 1'000'000;  // a server accepts 1,048,576
  std::size_t words = 0;
  for (const WireCommand& command : commands) {
    words += command.arguments() + 2;
    if (!command.is_own() && command.arguments() > kMostScriptWords) {
      return fail(Failure::bad_input, "a message or command is too long for a transaction on a server",
                  "there one takes at most " + std::to_string(kMostScriptWords) + " names, values and IDs");
    }
  }
  if (words > kMostWords) {
    return fail(Failure::bad_input, "this is too much for one transaction on a server",
                "leave out --atomic, or divide it: a server takes a million words at once");
  }
  return {};
}

bool concerns_all_keys(const Request& request) {
  return std::holds_alternative<Flushall>(request) || std::holds_alternative<Keys>(request);
}

}  // namespace

/// A server without free memory refuses to make a group, even if the group exists already.
Result<XgroupCreate::Reply> RedisEngine::answer(const XgroupCreate& request) {
  auto made = ask(request);
  if (made || !request.if_absent || !is_full(made.error())) {
    return made;
  }
  const auto infos = ask(XinfoGroups{request.stream});
  const bool there = infos && std::ranges::find(infos->groups, request.group, &GroupInfo::name) != infos->groups.end();
  return there ? Result<XgroupCreate::Reply>(Ok()) : made;
}

Result<void> RedisEngine::check_scripts() {
  WireCommand script("EVAL");
  script.add("return 1").add(std::uint64_t{0});
  bool odd = false;
  WEIR_ASSIGN(const ReplyPtr reply, ask_node(cluster_.seed(), script, Effect::only_looks));
  const Value value(reply.get(), &odd);
  if (!value.is_error()) {
    return {};
  }
  Error error = server_error(value.text());
  if (is_forbidden(value.text()) && error.failure == Failure::store) {
    error.hint = "the server's access rules have to let this user run EVAL and EVALSHA";
  }
  return tl::unexpected(std::move(error));
}

Result<void> RedisEngine::fits(std::span<const Request> requests) const {
  return fits_in_script(plan_of(requests, [](const auto& request) { return encode(request); }).commands);
}

Result<Replies> RedisEngine::transact(std::span<const Request> requests, OnRefusal on_refusal) {
  if (requests.empty()) {
    return Replies();
  }
  const bool undo = on_refusal == OnRefusal::undo && requests.size() > 1;
  auto replies = undo ? transact_or_undo(requests) : transact_one_by_one(requests);
  const Error* refusal = !replies                                    ? &replies.error()
                         : replies->size() == 1 && !replies->front() ? &replies->front().error()
                                                                     : nullptr;
  if (guards_ && !undo && refusal != nullptr && is_forbidden(refusal->message)) {
    guards_ = false;  // without the look for pauses it may be allowed; so far nothing was done
    replies = transact_one_by_one(requests);
  }
  for (std::size_t i = 0; replies && i < replies->size(); ++i) {
    const auto* entry = std::get_if<Xadd>(&requests[i]);
    const auto& reply = (*replies)[i];
    const auto* id = entry != nullptr && reply ? std::get_if<MaybeId>(&*reply) : nullptr;
    if (id != nullptr && *id) {
      note_appended(entry->stream, **id);
    }
  }
  apply_due_policies();
  return replies;
}

Result<Replies> RedisEngine::transact_one_by_one(std::span<const Request> requests) {
  Plan plan = plan_of(requests, [this](const auto& request) { return commands_for(request); });
  for (WireCommand& ring : rings_for(requests)) {
    plan.commands.push_back(std::move(ring));
  }
  Ahead looks = looks_at(requests);
  auto answered = exchange(plan.commands, Effect::changes, nullptr, &looks);
  if (!answered && is_full(answered.error()) && plan.commands.size() > 1) {
    return transact_though_full(requests);
  }
  WEIR_ASSIGN(const Answers answers, std::move(answered));
  note_looks(requests, looks);
  Replies replies = decode_all(requests, plan, answers.values());
  WEIR_TRY(answers.understood());
  return replies;
}

/// A server without free memory queues nothing for EXEC, although it would acknowledge. In a script, it refuses only
/// commands that add something. Rings are left out: a worker that waits for one looks by itself later.
Result<Replies> RedisEngine::transact_though_full(std::span<const Request> requests) {
  const Plan plan = plan_of(requests, [this](const auto& request) { return commands_for(request); });
  WEIR_TRY(fits_in_script(plan.commands));
  WEIR_ASSIGN(const Answers whole, exchange({script_call(plan.commands, ScriptMode::go_on)}, Effect::changes));
  WEIR_TRY(check(whole.values()));
  const Value list = whole.values()[0];
  const std::vector<Value> values = elements(list, 0);
  list.expect(values.size() == plan.commands.size());
  WEIR_TRY(whole.understood());
  Replies replies = decode_all(requests, plan, values);
  WEIR_TRY(whole.understood());
  return replies;
}

Result<Replies> RedisEngine::transact_or_undo(std::span<const Request> requests) {
  if (std::any_of(requests.begin(), requests.end(), concerns_all_keys)) {
    return fail(
        Failure::usage,
        "on a server FLUSHALL and KEYS cannot be part of a transaction that is undone when one command is refused",
        "run them on their own, without --atomic");
  }
  Plan plan = plan_of(requests, [this](const auto& request) { return commands_for(request); });
  for (WireCommand& ring : rings_for(requests)) {
    plan.commands.push_back(std::move(ring));
  }
  WEIR_TRY(fits_in_script(plan.commands));
  const bool checkable = std::all_of(requests.begin(), requests.end(), is_checkable);
  const ScriptMode mode = checkable ? ScriptMode::checked : ScriptMode::restore;
  Ahead looks = looks_at(requests);
  WEIR_ASSIGN(const Answers whole, exchange({script_call(plan.commands, mode)}, Effect::changes, nullptr, &looks));
  note_looks(requests, looks);
  WEIR_TRY(check(whole.values()));
  const Value list = whole.values()[0];
  const std::vector<Value> values = elements(list, 1);
  const std::size_t asked = plan.commands.size();
  const bool refused = list[0].number() != 0;
  list.expect(refused ? !values.empty() && values.size() <= asked && values.back().is_error() : values.size() == asked);
  WEIR_TRY(whole.understood());
  if (refused) {
    Replies replies;
    for (std::size_t end = 0; end < values.size();) {
      end += plan.lengths[replies.size()];
      replies.emplace_back(Ok());
    }
    replies.back() = tl::unexpected(server_error(values.back().text()));
    return replies;
  }
  Replies replies = decode_all(requests, plan, values);
  WEIR_TRY(whole.understood());
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!replies[i]) {
      return fail(Failure::store, "a part of the transaction was done before the server refused another: " +
                                      replies[i].error().message);
    }
  }
  return replies;
}

}  // namespace weir::redis
