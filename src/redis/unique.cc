// Messages of which only one at a time may wait. A hash beside the stream has, for each key, the last ID or handle.
// scripts/policy/unique.lua finds out from the stream and its groups whether that message still waits.
#include "stream/unique.h"

#include <algorithm>

#include "redis/redis_engine.h"
#include "redis/scripts/script.h"
#include "redis/scripts/script_text.h"
#include "redis/sidecar_key.h"

namespace weir::redis {

Result<std::optional<Placed>> RedisEngine::add_unique(const Xadd& entry, const std::string& key,
                                                      const std::optional<Due>& due) {
  if (due) {
    return delay_unique(entry, key, *due);
  }
  const WireCommand add = encode(entry).front();
  if (add.arguments() > kMostScriptWords) {
    return fail(Failure::bad_input, "a message is too long for --unique on a server",
                "there it takes at most " + std::to_string(kMostScriptWords) + " names and values");
  }
  append_due({entry.stream});
  WireCommand call("EVAL");
  call.add(kUniqueScript).add(std::uint64_t{2}).add_key(entry.stream).add_key(sidecar_key("unique", entry.stream));
  call.add(key).add_all(add);
  WEIR_ASSIGN(const Answers answers, ask_script(std::move(call), Effect::changes));
  const Value reply = answers.values()[0];
  if (reply.is_nil()) {
    return std::optional<Placed>();
  }
  Placed placed = placed_at(reply[0]);
  placed.added = reply[1].number() == 1;
  WEIR_TRY(answers.understood());
  if (const auto* id = std::get_if<Id>(&placed.place); placed.added && id != nullptr) {
    note_appended(entry.stream, *id);
    apply_due_policies();
  }
  return std::optional(placed);
}

Result<std::vector<UniqueKey>> RedisEngine::unique_keys(const std::string& stream) {
  std::vector<UniqueKey> keys;
  std::string cursor = "0";
  do {
    WireCommand scan("HSCAN");
    scan.add_key(sidecar_key("unique", stream)).add(cursor).add("COUNT").add(std::uint64_t{1'000});
    WEIR_ASSIGN(const Answers answers, ask_script(std::move(scan), Effect::only_looks));
    const Value reply = answers.values()[0];
    cursor = reply[0].text();
    const Value found = reply[1];
    for (std::size_t i = 0; i + 1 < found.size(); i += 2) {
      if (const auto id = parse_id(found[i + 1].text())) {  // the value of a delayed message is a handle
        keys.push_back({std::string(found[i].text()), *id});
      }
    }
    WEIR_TRY(answers.understood());
  } while (cursor != "0");
  return keys;
}

Result<void> RedisEngine::set_unique_keys(const std::string& stream, std::span<const UniqueKey> keys) {
  constexpr std::size_t kTogether = 1'000;
  for (std::size_t first = 0; first < keys.size(); first += kTogether) {
    WireCommand set("HSET");
    set.add_key(sidecar_key("unique", stream));
    for (const UniqueKey& key : keys.subspan(first, std::min(kTogether, keys.size() - first))) {
      set.add(key.key).add(to_string(key.id));
    }
    WEIR_TRY(ask_script(std::move(set), Effect::changes));
  }
  return {};
}

}  // namespace weir::redis
