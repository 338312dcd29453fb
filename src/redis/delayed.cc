// Delayed messages: see due.h.
#include <algorithm>
#include <map>

#include "redis/redis_engine.h"
#include "redis/scripts/script.h"
#include "redis/sidecar_key.h"

namespace weir::redis {
namespace {

constexpr int kMostLooks = 100;  // each look appends a thousand messages

Result<std::string> packed_message(const Fields& fields, const std::optional<std::string>& key = std::nullopt) {
  std::size_t words = 3;  // the words XADD, key and ID
  fields.each([&](std::string_view, std::string_view) { words += 2; });
  if (words > kMostScriptWords) {
    return fail(Failure::bad_input, "a message is too long to be delayed on a server",
                "it takes at most " + std::to_string(kMostScriptWords) + " names and values");
  }
  return pack(fields, key);
}

Error too_large(const Handle& handle) {
  return {Failure::bad_input, to_string(handle) + ": a server takes no delayed message with such a number"};
}

/// The streams that the requests see, each once.
std::vector<std::string> streams_of(std::span<const Request> requests) {
  std::vector<std::string> streams;
  for (const Request& request : requests) {
    for (std::string& stream : streams_seen(request)) {
      streams.push_back(std::move(stream));
    }
  }
  std::ranges::sort(streams);
  streams.erase(std::unique(streams.begin(), streams.end()), streams.end());
  return streams;
}

/// Entries of one stream, in their order.
struct Part {
  bool make_stream = false;
  std::vector<std::size_t> places;
};

}  // namespace

Ahead RedisEngine::peeks_at(const std::vector<std::string>& streams) const {
  Ahead peeks;
  if (appends_due_) {
    for (const std::string& stream : streams) {
      peeks.commands.push_back(peek(stream));
    }
  }
  return peeks;
}

std::vector<std::string> RedisEngine::may_be_due(const std::vector<std::string>& streams, const Ahead& peeks) {
  std::vector<std::string> due;
  bool odd = false;
  for (std::size_t i = 0; i < peeks.replies.size(); ++i) {
    const Value peeked(peeks.replies[i].get(), &odd);
    if (is_forbidden(peeked)) {
      appends_due_ = false;  // trying it each time would fill the server's log
    } else if (first_handles_.may_be_due(streams[i], peeked)) {
      due.push_back(streams[i]);
    }
  }
  return due;
}

std::optional<Looked> RedisEngine::look_at(const std::string& stream) {
  const SteadyTime sent = std::chrono::steady_clock::now();
  const auto answers = exchange({look(std::span(&stream, 1))}, Effect::changes);
  if (!answers) {
    return std::nullopt;
  }
  const Value reply = answers->values()[0];
  if (reply.is_error()) {
    appends_due_ = appends_due_ && !is_forbidden(reply);
    return std::nullopt;
  }
  Looked looked = decode_look(reply);
  if (!answers->understood() || looked.first.size() != 1) {
    return std::nullopt;
  }
  first_handles_.note(stream, looked.first.front(), looked.left, sent);
  note_due_appended(std::span(&stream, 1), looked.appended);
  return looked;
}

bool RedisEngine::append_due(const std::vector<std::string>& streams) {
  bool any = false;
  for (const std::string& stream : streams) {
    for (int looks = 0; looks < kMostLooks && appends_due_; ++looks) {
      const auto looked = look_at(stream);
      any = any || (looked && looked->appended > 0);
      if (!looked || !looked->more) {
        break;
      }
    }
  }
  apply_due_policies();
  return any;
}

Ahead RedisEngine::looks_at(std::span<const Request> requests) const {
  const std::vector<std::string> streams = streams_of(requests);
  Ahead looks;
  for (std::size_t i = 0; i < streams.size() && appends_due_; ++i) {
    looks.commands.push_back(look(std::span(&streams[i], 1)));
  }
  return looks;
}

void RedisEngine::note_looks(std::span<const Request> requests, const Ahead& looks) {
  const std::vector<std::string> streams = streams_of(requests);
  bool odd = false;
  for (std::size_t i = 0; i < looks.replies.size(); ++i) {
    const Value reply(looks.replies[i].get(), &odd);
    appends_due_ = appends_due_ && !is_forbidden(reply);
    if (!reply.is_error()) {
      note_due_appended(std::span(&streams[i], 1), decode_look(reply).appended);
    }
  }
}

Result<Answers> RedisEngine::ask_script(WireCommand call, Effect effect) {
  WEIR_ASSIGN(Answers answers, exchange({std::move(call)}, effect));
  if (const Value reply = answers.values()[0]; reply.is_error()) {
    return tl::unexpected(server_error(reply.text()));
  }
  return answers;
}

Result<std::vector<std::optional<Handle>>> RedisEngine::delay(std::span<const Xadd> entries, const Due& due) {
  std::vector<std::string> streams;
  std::map<std::string_view, Part> parts;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Part& part = parts[entries[i].stream];
    if (part.places.empty()) {
      streams.push_back(entries[i].stream);
    }
    part.make_stream = part.make_stream || entries[i].make_stream;
    part.places.push_back(i);
  }
  std::vector<std::optional<Handle>> handles(entries.size());
  if (entries.empty()) {
    return handles;
  }
  WireCommand call = change(streams, "delay");
  const std::int64_t time = std::clamp<std::int64_t>(due.time.count(), 0, kMostOnServer);
  call.add(due.from_now ? "in" : "at").add(static_cast<std::uint64_t>(time));
  for (const std::string& stream : streams) {
    const Part& part = parts[stream];
    call.add(part.make_stream ? "1" : "0").add(std::uint64_t{part.places.size()});
    for (const std::size_t place : part.places) {
      WEIR_ASSIGN(const std::string packed, packed_message(entries[place].fields));
      call.add(packed);
    }
  }
  constexpr std::size_t kMostWords = 1'000'000;  // a server accepts 1,048,576
  if (call.arguments() > kMostWords) {
    return fail(Failure::bad_input, "this is too much for one transaction on a server",
                "leave out --atomic, or divide it: a server takes a million messages at once");
  }
  WEIR_ASSIGN(const Answers answers, ask_script(std::move(call), Effect::changes));
  const Value reply = answers.values()[0];
  reply.expect(reply.size() == 2 * streams.size());
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (reply[2 * i].text().empty()) {
      continue;
    }
    Handle next{UnixMs(static_cast<std::int64_t>(reply[2 * i].number())), reply[2 * i + 1].number()};
    for (const std::size_t place : parts[streams[i]].places) {
      handles[place] = next;
      ++next.number;
    }
  }
  WEIR_TRY(answers.understood());
  note_due_appended(streams, entries.size());  // about as many are appended by the script, as they were due
  apply_due_policies();
  return handles;
}

Result<std::vector<DelayedMessage>> RedisEngine::delayed(const std::string& stream, const std::optional<Handle>& after,
                                                         std::uint64_t count) {
  append_due({stream});
  std::vector<DelayedMessage> messages;
  std::string last = after && fits_server(*after) ? pack(*after) : "";
  for (bool more = true; more && messages.size() < count;) {
    WireCommand call = change(std::span(&stream, 1), "list");
    call.add(last).add(count - messages.size());
    WEIR_ASSIGN(const Answers answers, ask_script(std::move(call), Effect::only_looks));
    const Value reply = answers.values()[0];
    const UnixMs now(static_cast<std::int64_t>(reply[0].number()));
    more = reply[1].number() != 0 && reply.size() > 2;
    for (std::size_t i = 2; i + 1 < reply.size(); i += 2) {
      last = reply[i].text();
      const auto handle = unpack_handle(last);
      reply.expect(handle.has_value());
      if (handle) {
        const Millis left = handle->due > now ? handle->due - now : Millis(0);
        unpack(reply[i + 1].text(), messages.emplace_back(DelayedMessage{*handle, left, {}}));
      }
    }
    WEIR_TRY(answers.understood());
  }
  return messages;
}

Result<DelayedCount> RedisEngine::count_delayed(const std::string& stream) {
  const auto many = [&]() -> Result<std::uint64_t> {
    WireCommand count("ZCARD");
    count.add_key(sidecar_key("due", stream));
    WEIR_ASSIGN(const Answers answers, exchange({count}, Effect::only_looks));
    const Value number = answers.values()[0];
    return number.is_error() ? 0 : number.number();
  };
  DelayedCount found;
  WEIR_ASSIGN(found.count, many());
  if (found.count == 0) {
    return found;
  }
  append_due({stream});
  WEIR_ASSIGN(found.count, many());
  if (const auto looked = found.count > 0 ? look_at(stream) : std::nullopt; looked && looked->left) {
    found.left = *looked->left;
  }
  return found;
}

Result<Count> RedisEngine::cancel_delayed(const std::string& stream, std::span<const Handle> handles) {
  WireCommand call = change(std::span(&stream, 1), "cancel");
  for (const Handle& handle : handles) {
    if (fits_server(handle)) {
      call.add(pack(handle));
    }
  }
  append_due({stream});
  WEIR_ASSIGN(const Answers answers, ask_script(std::move(call), Effect::changes));
  return decode_count(answers.values());
}

Result<Count> RedisEngine::append_delayed(const std::string& stream, std::span<const Handle> handles) {
  std::vector<Handle> in_order(handles.begin(), handles.end());
  std::ranges::sort(in_order);
  WireCommand call = change(std::span(&stream, 1), "now");
  for (const Handle& handle : in_order) {
    if (fits_server(handle)) {
      call.add(pack(handle));
    }
  }
  append_due({stream});
  WEIR_ASSIGN(const Answers answers, ask_script(std::move(call), Effect::changes));
  auto appended = decode_count(answers.values());
  if (appended) {
    note_due_appended(std::span(&stream, 1), appended->value);
    apply_due_policies();
  }
  return appended;
}

Result<Count> RedisEngine::take_over_delayed(const std::string& stream, std::span<const DelayedMessage> messages) {
  WireCommand call = change(std::span(&stream, 1), "take");
  for (const DelayedMessage& message : messages) {
    Handle handle = message.handle;
    handle.due = std::min(handle.due, UnixMs(kMostOnServer));
    if (!fits_server(handle)) {
      return tl::unexpected(too_large(handle));
    }
    WEIR_ASSIGN(const std::string packed, packed_message(message.fields, message.key));
    call.add(pack(handle)).add(packed);
  }
  WEIR_ASSIGN(const Answers answers, ask_script(std::move(call), Effect::changes));
  return decode_count(answers.values());
}

Result<std::optional<Placed>> RedisEngine::delay_unique(const Xadd& entry, const std::string& key, const Due& due) {
  const std::int64_t time = std::clamp<std::int64_t>(due.time.count(), 0, kMostOnServer);
  WEIR_ASSIGN(const std::string packed, packed_message(entry.fields, key));
  WireCommand call = change_unless(entry.stream, key, "delay");
  call.add(due.from_now ? "in" : "at").add(static_cast<std::uint64_t>(time));
  call.add(entry.make_stream ? "1" : "0").add("1").add(packed);
  WEIR_ASSIGN(const Answers answers, ask_script(std::move(call), Effect::changes));
  const Value reply = answers.values()[0];
  const std::string_view first = reply[0].text();
  std::optional<Placed> placed;
  if (first == "waits") {
    placed = placed_at(reply[1]);
  } else if (!first.empty()) {
    placed = Placed{Handle{UnixMs(static_cast<std::int64_t>(reply[0].number())), reply[1].number()}, true};
  }
  WEIR_TRY(answers.understood());
  note_due_appended(std::span(&entry.stream, 1), 1);
  apply_due_policies();
  return placed;
}

Placed RedisEngine::placed_at(Value place) {
  const std::string_view text = place.text();
  if (const auto handle = text.starts_with('@') ? unpack_handle(text.substr(1)) : std::nullopt) {
    return Placed{*handle, false};
  }
  const auto id = parse_id(text);
  place.expect(id.has_value());
  return Placed{id.value_or(kMinId), false};
}

/// False also if the server does not tell this user.
bool RedisEngine::anything_beside(const std::vector<std::string>& streams) {
  WireCommand exists("EXISTS");
  for (const std::string& stream : streams) {
    for (const std::string& key : sidecar_keys(stream)) {
      exists.add_key(key);
    }
  }
  const auto answers = exchange({exists}, Effect::only_looks);
  return answers && !answers->values()[0].is_error() && answers->values()[0].number() > 0;
}

Commands RedisEngine::commands_for(const Del& request) {
  if (!anything_beside(request.streams)) {
    return encode(request);
  }
  Commands commands = encode(request);
  WireCommand beside("DEL");
  for (const std::string& stream : request.streams) {
    for (const std::string& key : sidecar_keys(stream)) {
      beside.add_key(key);
    }
  }
  commands.push_back(std::move(beside));
  return commands;
}

Commands RedisEngine::commands_for(const Rename& request) {
  if (!anything_beside({request.from, request.to})) {
    return encode(request);
  }
  const std::vector<std::string> from = sidecar_keys(request.from);
  const std::vector<std::string> to = sidecar_keys(request.to);
  WireCommand own(CommandKind::own_rename);
  own.add_key(request.from).add_key(request.to).add_key(from.back()).add_key(to.back());
  for (std::size_t i = 0; i + 1 < from.size(); ++i) {
    own.add_key(from[i]).add_key(to[i]);
  }
  return {std::move(own)};
}

}  // namespace weir::redis
