// Paused groups: a hash beside the stream has the end of the pause. No server knows about pauses. So weir's requests in
// a group go through a script that first looks for a pause (scripts/guard.lua), and entries that a blocked read got in
// spite of a pause are given back.
#include <algorithm>

#include "redis/redis_engine.h"
#include "redis/scripts/script.h"
#include "redis/scripts/script_text.h"
#include "redis/sidecar_key.h"
#include "stream/pausing.h"

namespace weir::redis {
namespace {

WireCommand script(const std::vector<std::string>& streams, std::string_view action, const std::string& group) {
  WireCommand call("EVAL");
  call.add(kPauseScript).add(std::uint64_t{3 * streams.size()});
  for (const std::string& stream : streams) {
    call.add_key(stream).add_key(sidecar_key("pause", stream)).add_key(sidecar_key("bell", stream));
  }
  call.add(action).add(group);
  return call;
}

/// `inner`, which does nothing in a paused group. `pauses`: for each stream its key, or nothing if a pause does not
/// matter.
WireCommand guard(const WireCommand& inner, const std::string& group, const std::vector<std::string>& pauses) {
  const bool reads = inner.kind() == CommandKind::group_read;
  WireCommand own(reads ? CommandKind::own_guarded_read : CommandKind::own_guarded);
  for (const std::string& key : inner.keys()) {
    own.note_key(key);
  }
  const char kind = static_cast<char>(inner.kind());
  own.add(std::string_view(&kind, 1)).add(group).add(std::uint64_t{pauses.size()});
  for (const std::string& pause : pauses) {
    own.add(pause);
  }
  own.add_all(inner);
  return own;
}

/// Whether the replies to `pauses_of` show a pause.
bool tells_of_pause(const Ahead& pauses) {
  bool odd = false;
  return std::ranges::any_of(pauses.replies, [&](const ReplyPtr& reply) {
    const Value value(reply.get(), &odd);
    return !value.is_error() && !value.is_nil();
  });
}

std::optional<Pause> pause_from(std::int64_t left) {
  if (left < 0) {
    return std::nullopt;
  }
  return left == 0 ? Pause{} : Pause{Millis(left)};
}

}  // namespace

bool RedisEngine::forbids_guard(const Result<Answers>& answers) {
  return answers ? is_forbidden(answers->values()[0]) : is_forbidden(answers.error().message);
}

bool RedisEngine::may_guard(const WireCommand& command) const {
  return guards_ && (command.is_own() || command.arguments() <= kMostScriptWords);
}

Commands RedisEngine::commands_for(const Xreadgroup& request) {
  Commands commands = encode(request);
  std::vector<std::string> pauses;
  bool any_new = false;
  for (const auto& source : request.sources) {
    any_new = any_new || !source.history_after;
    pauses.push_back(source.history_after ? std::string() : sidecar_key("pause", source.stream));
  }
  if (any_new && may_guard(commands[0])) {
    commands[0] = guard(commands[0], request.group, pauses);
  }
  return commands;
}

Commands RedisEngine::commands_for(const Xclaim& request) {
  Commands commands = encode(request);
  // A consumer may renew its own messages even in a pause.
  if (request.owner != request.consumer && may_guard(commands[0])) {
    commands[0] = guard(commands[0], request.group, {sidecar_key("pause", request.stream)});
  }
  return commands;
}

Commands RedisEngine::commands_for(const Xautoclaim& request) {
  Commands commands = encode(request);
  if (may_guard(commands[0])) {
    commands[0] = guard(commands[0], request.group, {sidecar_key("pause", request.stream)});
  }
  return commands;
}

Result<void> RedisEngine::pause(const std::string& stream, const std::string& group,
                                const std::optional<Millis>& time) {
  WireCommand call = script({stream}, "set", group);
  call.add(time ? std::to_string(time->count()) : std::string());
  WEIR_TRY(ask_script(std::move(call), Effect::changes));
  return {};
}

Result<void> RedisEngine::resume(const std::string& stream, const std::string& group) {
  WEIR_TRY(ask_script(script({stream}, "clear", group), Effect::changes));
  return {};
}

Result<std::optional<Pause>> RedisEngine::paused(const std::string& stream, const std::string& group) {
  auto answers = ask_script(script({stream}, "look", group), Effect::only_looks);
  if (!answers && is_forbidden(answers.error().message)) {
    return std::optional<Pause>();
  }
  if (!answers) {
    return tl::unexpected(std::move(answers).error());
  }
  const auto pause = pause_from(static_cast<std::int64_t>(answers->values()[0][0].number()));
  WEIR_TRY(answers->understood());
  return pause;
}

/// Whether any of the streams is paused for the group, and what the read then has to wait for.
RedisEngine::PauseLook RedisEngine::look_at_pauses(const Xreadgroup& request) {
  PauseLook look;
  const std::vector<std::string> streams = seen_by(request);
  auto answers = ask_script(script(streams, "look", request.group), Effect::only_looks);
  if (!answers) {
    return look;  // the server does not tell; the read itself will show what is wrong
  }
  const Value reply = answers->values()[0];
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const auto pause = pause_from(static_cast<std::int64_t>(reply[3 * i].number()));
    look.any = look.any || pause;
    if (pause && pause->left) {
      look.left = std::min(look.left.value_or(*pause->left), *pause->left);
    }
    if (!pause) {
      look.open.push_back(streams[i]);
      look.news.keys.push_back(streams[i]);
      look.news.ids.emplace_back(reply[3 * i + 1].text());
    }
    look.news.keys.push_back(sidecar_key("bell", streams[i]));
    look.news.ids.emplace_back(reply[3 * i + 2].text());
  }
  return answers->understood() ? look : PauseLook();
}

/// Gives back entries from a stream that was paused for the group, and removes them from `given`. Entries that cannot
/// be given back stay in `given`; otherwise they would be pending for a consumer that does not know of them.
void RedisEngine::give_back_if_paused(const Xreadgroup& request, const Ahead& pauses, StreamEntries& given) {
  if (!tells_of_pause(pauses)) {
    unpaused_ = {request.group, seen_by(request)};
    return;
  }
  unpaused_ = {};
  std::erase_if(given, [&](const Entries& entries) {
    WireCommand call = script({entries.stream}, "unread", request.group);
    call.add(request.consumer).add(request.noack ? "1" : "0");
    for (const Entry& entry : entries.entries) {
      call.add(entry.id).add(entry.before ? entry.before->deliveries : 0);
    }
    const auto back = ask_script(std::move(call), Effect::changes);
    return back && back->values()[0].number() == 1;
  });
}

Ahead RedisEngine::pauses_of(const Xreadgroup& request) const {
  Ahead pauses;
  for (const std::string& stream : seen_by(request)) {
    WireCommand& look = pauses.commands.emplace_back("HGET");
    look.add_key(sidecar_key("pause", stream)).add(request.group);
  }
  return pauses;
}

/// Takes one round trip, within the time of the read. If the last read of the same streams met no pause, takes none:
/// entries delivered in a pause are given back anyway.
Result<bool> RedisEngine::may_be_paused(const Xreadgroup& request, const Deadline& deadline, Millis most) {
  if (unpaused_ == std::pair(request.group, seen_by(request))) {
    return false;
  }
  Ahead pauses = pauses_of(request);
  const std::string bell = sidecar_key("bell", request.sources.front().stream);
  const auto nothing = [&](Millis) {
    WireCommand command("XREAD");
    command.add("COUNT").add("1").add("STREAMS").add_key(bell).add("$");
    return command;
  };
  const auto looked = wait({}, nothing, most, nullptr, &pauses);
  if (!looked && deadline.passed()) {
    return tl::unexpected(looked.error());
  }
  return tells_of_pause(pauses);  // the read itself will show whatever else is wrong
}

Result<Xreadgroup::Reply> RedisEngine::answer(const Xreadgroup& request) {
  // Used in a pause: the group may be gone or made anew, and nothing tells us.
  constexpr Millis kLookAgain{5'000};
  for (const auto& source : request.sources) {
    if (!request.block || source.history_after) {
      return ask(request);  // a read of history never waits
    }
  }
  const Millis block = *request.block;
  const Deadline deadline = block.count() == 0 ? Deadline::never() : Deadline::after(block);
  const auto left = [&](Millis most) {
    return block.count() == 0 ? most : std::max(deadline.left(most.count() == 0 ? block : most), Millis(1));
  };
  Xreadgroup now = request;
  now.block.reset();
  while (true) {
    WEIR_ASSIGN(const bool maybe, may_be_paused(request, deadline, left(Millis(0))));
    if (maybe) {
      const PauseLook look = look_at_pauses(request);
      auto there = ask(now);  // entries of streams that are not paused
      if (!there || !there->empty()) {
        return there;
      }
      if (look.any) {
        const auto news = [&](Millis time) { return news_of(look.news, time); };
        WEIR_TRY(wait(look.open, news, left(std::min(look.left.value_or(kLookAgain), kLookAgain)), nullptr, nullptr));
        if (deadline.passed() || is_interrupted()) {
          return Xreadgroup::Reply();
        }
        continue;
      }
    }
    Ahead pauses = pauses_of(request);
    auto streams = wait(
        seen_by(request), [&](Millis time) { return blocking(request, time); }, left(Millis(0)),
        [&](SteadyTime asked) { return was_given(request, asked); }, &pauses);
    if (!streams) {
      return tl::unexpected(explained(std::move(streams).error(), since(request)));
    }
    heard_.clear();
    for (Entries& stream : *streams) {
      for (Entry& entry : stream.entries) {
        heard_[stream.stream].push_back(entry.id);
        entry.deliveries = 1 + (entry.before ? entry.before->deliveries : 0);
      }
    }
    const bool any = !streams->empty();
    give_back_if_paused(request, pauses, *streams);
    const bool goes_on = streams->empty() && (any || watch_.told_of_pause());
    if (!goes_on || deadline.passed() || is_interrupted()) {
      return streams;
    }
    unpaused_ = {};
  }
}

/// Claims that are too large for one script are done in parts. Each part looks for pauses, and for messages that wait
/// for their next delivery.
Result<Xclaim::Reply> RedisEngine::answer(const Xclaim& request) {
  constexpr std::size_t kPart = 1'000;
  const Commands whole = encode(request);
  if (!guards_ || whole[0].is_own() || whole[0].arguments() <= kMostScriptWords) {
    return ask(request);
  }
  Xclaim::Reply all{request.stream, {}, request.just_id};
  for (std::size_t at = 0; at < request.ids.size(); at += kPart) {
    const std::size_t end = std::min(at + kPart, request.ids.size());
    Xclaim part = request;
    part.ids.assign(request.ids.begin() + static_cast<std::ptrdiff_t>(at),
                    request.ids.begin() + static_cast<std::ptrdiff_t>(end));
    WEIR_ASSIGN(Xclaim::Reply claimed, ask(part));
    std::move(claimed.entries.begin(), claimed.entries.end(), std::back_inserter(all.entries));
  }
  return all;
}

WireCommand RedisEngine::news_of(const After& after, Millis time) {
  WireCommand command("XREAD");
  command.add("COUNT").add("1").add("BLOCK").add(static_cast<std::uint64_t>(time.count())).add("STREAMS");
  for (const std::string& key : after.keys) {
    command.add_key(key);
  }
  for (const std::string& id : after.ids) {
    command.add(id);
  }
  return command;
}

void RedisEngine::note_pauses(GroupInfos& infos, const Ahead& told) {
  if (told.replies.size() < 2) {
    return;
  }
  bool odd = false;
  const Value pauses(told.replies[told.replies.size() - 2].get(), &odd);
  const Value time(told.replies.back().get(), &odd);
  if (pauses.is_error() || time.is_error() || pauses.size() == 0) {
    return;
  }
  constexpr std::int64_t kThousand = 1'000;
  const std::int64_t now =
      static_cast<std::int64_t>(time[0].number()) * kThousand + static_cast<std::int64_t>(time[1].number()) / kThousand;
  for (GroupInfo& info : infos.groups) {
    const Value until = pauses.named(info.name);
    if (until.is_nil()) {
      continue;
    }
    const auto ms = static_cast<std::int64_t>(until.number());
    if (ms == 0 || ms > now) {
      info.paused = ms == 0 ? Pause{} : Pause{Millis(ms - now)};
    }
  }
}

/// Removes everything that is kept about the group, as a later group of the same name is a different one.
Commands RedisEngine::commands_for(const XgroupDestroy& request) {
  Commands commands = encode(request);
  if (!guards_) {
    return commands;
  }
  for (const char* purpose : {"pause", "pace"}) {
    commands.emplace_back("HDEL").add_key(sidecar_key(purpose, request.stream)).add(request.group);
  }
  // The mark that the order of values is known: see scripts/terms/serial.lua.
  const std::string known = "f" + std::to_string(request.group.size()) + ":" + request.group + ",";
  commands.emplace_back("ZREMRANGEBYLEX")
      .add_key(sidecar_key("serial", request.stream))
      .add("[" + known)
      .add("(" + known + "g");
  return commands;
}

}  // namespace weir::redis
