// Standing policies: a hash beside the stream, which scripts/policy/keep.lua applies.
#include <algorithm>
#include <chrono>

#include "redis/redis_engine.h"
#include "redis/scripts/script_text.h"
#include "redis/sidecar_key.h"
#include "stream/keeping.h"
#include "text/numbers.h"

namespace weir::redis {
namespace {

WireCommand script(const std::string& stream, std::string_view action) {
  WireCommand call("EVAL");
  call.add(kKeepScript).add(std::uint64_t{2}).add_key(stream).add_key(sidecar_key("keep", stream)).add(action);
  return call;
}

std::string text_of(std::optional<std::int64_t> number) {
  return number ? std::to_string(*number) : std::string();
}

constexpr std::uint64_t kOneOf = 128;

/// Picks about one of so many IDs, whoever added the entry.
bool is_sampled(Id id) {
  constexpr std::uint64_t kMix = 0x9e3779b97f4a7c15U;
  return (((id.ms * kMix) ^ id.seq) * kMix) >> 32U < (std::uint64_t{1} << 32U) / kOneOf;
}

}  // namespace

Result<std::optional<std::uint64_t>> RedisEngine::keep(const std::string& stream, const KeepPolicy& policy) {
  WireCommand call = script(stream, "set");
  const auto maxlen = policy.maxlen ? std::optional(static_cast<std::int64_t>(std::min<std::uint64_t>(
                                          *policy.maxlen, std::uint64_t{1} << 53)))  // a script counts in doubles
                                    : std::nullopt;
  call.add(text_of(maxlen)).add(text_of(policy.maxage ? std::optional(policy.maxage->count()) : std::nullopt));
  call.add(policy.acked ? "1" : "");
  WEIR_ASSIGN(const Answers answers, ask_script(std::move(call), Effect::changes));
  const std::uint64_t unfinished = answers.values()[0].number();
  WEIR_TRY(answers.understood());
  return unfinished == 0 ? std::nullopt : std::optional(unfinished - 1);
}

Result<std::optional<KeepPolicy>> RedisEngine::kept(const std::string& stream) {
  const auto answers = ask_script(script(stream, "get"), Effect::only_looks);
  if (!answers) {
    return is_forbidden(answers.error().message) ? Result<std::optional<KeepPolicy>>()
                                                 : tl::unexpected(answers.error());
  }
  const Value reply = answers->values()[0];
  KeepPolicy policy;
  if (const auto maxlen = parse_integer(reply[0].text()); maxlen && *maxlen >= 0) {
    policy.maxlen = static_cast<std::uint64_t>(*maxlen);
  }
  if (const auto maxage = parse_integer(reply[1].text()); maxage && *maxage >= 0) {
    policy.maxage = Millis(*maxage);
  }
  policy.acked = reply[2].text() == "1";
  WEIR_TRY(answers->understood());
  return policy.any() ? std::optional(policy) : std::nullopt;
}

Result<Count> RedisEngine::apply_keep(const std::string& stream) {
  return apply_keep(stream, Effect::changes);
}

Result<Count> RedisEngine::would_apply_keep(const std::string& stream) {
  return apply_keep(stream, Effect::only_looks);
}

Result<Count> RedisEngine::apply_keep(const std::string& stream, Effect effect) {
  constexpr std::uint64_t kTogether = 10'000;
  Count gone;
  std::string from = "-";
  while (!from.empty()) {
    WireCommand call = script(stream, "apply");
    call.add(kTogether).add(from).add(effect == Effect::only_looks ? std::to_string(gone.value) : "");
    WEIR_ASSIGN(const Answers answers, ask_script(std::move(call), effect));
    const Value reply = answers.values()[0];
    gone.value += reply[0].number();
    from = reply[1].text();
    WEIR_TRY(answers.understood());
  }
  return gone;
}

void RedisEngine::note_appended(const std::string& stream, Id id) {
  if (is_sampled(id)) {
    keep_due_.insert(stream);
  }
}

/// Looks do not tell the IDs, so chance comes from the clock.
void RedisEngine::note_due_appended(std::span<const std::string> streams, std::uint64_t count) {
  const auto now = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  bool any = count >= kOneOf;
  for (std::uint64_t i = 0; i < count && !any; ++i) {
    any = is_sampled({now, i});
  }
  if (any) {
    keep_due_.insert(streams.begin(), streams.end());
  }
}

void RedisEngine::apply_due_policies() {
  constexpr std::uint64_t kLooked = 1'000;
  if (way_ahead_.sent > 0) {
    return;  // the connection is in use
  }
  for (const std::string& stream : std::exchange(keep_due_, {})) {
    WireCommand call = script(stream, "apply");
    call.add(kLooked).add("-").add("");
    (void)exchange({std::move(call)}, Effect::changes);  // the entries stay added even if this fails
  }
}

}  // namespace weir::redis
