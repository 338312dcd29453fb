// Entries that come from other stores. A hash beside the stream has the place of each source; scripts/receive.lua
// changes it together with the stream.
#include "stream/receiving.h"

#include "redis/redis_engine.h"
#include "redis/scripts/script.h"
#include "redis/scripts/script_text.h"
#include "redis/sidecar_key.h"
#include "system/random.h"

namespace weir::redis {
namespace {

// So few that even a slow line can send them within the time limit of an answer.
constexpr std::size_t kTogether = 500;
constexpr std::size_t kBytes = std::size_t{128} * 1024;

WireCommand script(const std::string& stream, std::string_view action) {
  WireCommand call("EVAL");
  call.add(kReceiveScript).add(std::uint64_t{2}).add_key(stream).add_key(sidecar_key("copied", stream)).add(action);
  return call;
}

}  // namespace

Result<std::string> RedisEngine::source_name(const std::string& stream) {
  WireCommand call = script(stream, "name");
  call.add(random_name());
  WEIR_ASSIGN(const Answers answers, ask_script(std::move(call), Effect::changes));
  std::string name(answers.values()[0].text());
  WEIR_TRY(answers.understood());
  return name;
}

Result<bool> RedisEngine::acknowledge_source(const std::string& name, const Xack& request) {
  WireCommand call = script(request.stream, "acknowledge");
  call.add(name).add(request.group);
  for (const Id id : request.ids) {
    call.add(id);
  }
  WEIR_ASSIGN(const Answers answers, ask_script(std::move(call), Effect::changes));
  const bool done = answers.values()[0].number() != 0;
  WEIR_TRY(answers.understood());
  return done;
}

Result<std::optional<Id>> RedisEngine::received(const std::string& stream, const std::string& source) {
  WireCommand look("HGET");
  look.add_key(sidecar_key("copied", stream)).add(source);
  WEIR_ASSIGN(const Answers answers, ask_script(std::move(look), Effect::only_looks));
  const Value reply = answers.values()[0];
  const auto place = reply.is_nil() ? std::nullopt : parse_id(reply.text());
  reply.expect(reply.is_nil() || place.has_value());
  WEIR_TRY(answers.understood());
  return place;
}

Result<Received> RedisEngine::receive(const std::string& source, std::optional<Id> place, std::span<const Xadd> entries,
                                      std::span<const Id> places) {
  const std::string& stream = entries.front().stream;
  const std::vector<Request> seen{Xlen{stream}};
  Received all{0, place};
  while (all.count < entries.size()) {
    WireCommand call = script(stream, "add");
    call.add(source).add(all.place ? to_string(*all.place) : std::string());
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (std::size_t i = all.count; i < entries.size() && count < kTogether && bytes < kBytes; ++i, ++count) {
      const WireCommand add = encode(entries[i]).front();
      if (add.arguments() > kMostScriptWords && count > 0) {
        break;  // the entries before this one go first
      }
      if (add.arguments() > kMostScriptWords) {
        return fail(Failure::bad_input,
                    "entry " + to_string(places[i]) + " of '" + stream + "' is too long to be copied to a server",
                    "there --follow takes at most " + std::to_string(kMostScriptWords) + " names and values");
      }
      bytes += entries[i].fields.json().size();
      call.add(to_string(places[i])).add(std::uint64_t{add.arguments()}).add_all(add);
    }
    Ahead looks = looks_at(seen);
    bool unknown = false;
    auto answers = exchange({std::move(call)}, Effect::changes, &unknown, &looks);
    if (!answers && all.count > 0) {
      break;  // reported once this entry is the first
    }
    if (!answers) {
      Error error = std::move(answers).error();
      if (unknown && error.message.ends_with(kNotKnown)) {  // the place will show what was done
        error = {error.failure, error.message.substr(0, error.message.size() - kNotKnown.size())};
      }
      return tl::unexpected(std::move(error));
    }
    note_looks(seen, looks);
    const Value reply = answers->values()[0];
    if (reply.is_error()) {
      Error error = server_error(reply.text());
      if (all.count > 0) {
        break;
      }
      return tl::unexpected(std::move(error));
    }
    const std::uint64_t added = reply[0].number();
    const std::string_view now = reply[1].text();
    all.place = now.empty() ? std::nullopt : parse_id(now);
    reply.expect(added <= count && (now.empty() || all.place));
    WEIR_TRY(answers->understood());
    for (std::size_t i = all.count; i < all.count + added; ++i) {
      note_appended(stream, places[i]);
    }
    all.count += added;
    if (added == 0) {
      break;
    }
  }
  apply_due_policies();
  return all;
}

}  // namespace weir::redis
