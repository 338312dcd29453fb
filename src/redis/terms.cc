// Taking messages under terms that hold for a whole group. scripts/terms/ does all of it on the server.
#include <poll.h>

#include <algorithm>

#include "redis/redis_engine.h"
#include "redis/scripts/script_text.h"
#include "redis/sidecar_key.h"
#include "system/random.h"

namespace weir::redis {
namespace {

constexpr const char* kPurposes[] = {"due", "delayed", "bell", "serial", "outcome", "pause"};
/// How many values the script returns for each stream.
constexpr std::size_t kOfStream = 5;
constexpr std::size_t kOfMessage = 5;
constexpr std::size_t kHead = 4;

std::string text_of(std::optional<std::uint64_t> number) {
  return number ? std::to_string(*number) : std::string();
}

/// Four random hexadecimal digits, like the beginning of a hash.
std::string any_mark() {
  constexpr const char* kDigits = "0123456789abcdef";
  constexpr unsigned kBase = 16;
  std::string mark;
  while (mark.size() < 4) {
    mark.push_back(kDigits[random_number() % kBase]);
  }
  return mark;
}

}  // namespace

WireCommand RedisEngine::taking(const Ration& ration) {
  WireCommand call("EVAL");
  call.add(kTakeScript).add(std::uint64_t{(std::size(kPurposes) + 1) * ration.streams.size() + 1});
  for (const std::string& stream : ration.streams) {
    call.add_key(stream);
    for (const char* purpose : kPurposes) {
      call.add_key(sidecar_key(purpose, stream));
    }
  }
  call.add_key(sidecar_key("pace", ration.streams.front()));
  const Terms& terms = ration.terms;
  call.add(ration.group).add(ration.consumer);
  call.add(text_of(terms.interval
                       ? std::optional(static_cast<std::uint64_t>(std::max<std::int64_t>(terms.interval->count(), 1)))
                       : std::nullopt));
  call.add(text_of(terms.held)).add(terms.serial ? "s" + *terms.serial : std::string());
  call.add(std::uint64_t{ration.want}).add(std::uint64_t{ration.begin}).add(ration.new_first ? "1" : "0");
  call.add(text_of(ration.idle ? std::optional(static_cast<std::uint64_t>(ration.idle->count())) : std::nullopt));
  call.add(text_of(ration.strays ? std::optional(static_cast<std::uint64_t>(ration.strays->count())) : std::nullopt));
  call.add(ration.fresh ? "1" : "0");
  for (const std::string& stream : ration.streams) {
    auto [place, is_new] = places_.try_emplace(stream);
    if (is_new) {
      place->second = {any_mark(), "-"};
    }
    call.add(place->second.mark).add(place->second.from);
    const auto held = ration.held.find(stream);
    call.add(std::uint64_t{held == ration.held.end() ? 0 : held->second.size()});
    for (const Id id : held == ration.held.end() ? std::set<Id>() : held->second) {
      call.add(id);
    }
  }
  return call;
}

Result<Rationed> RedisEngine::take(const Ration& ration) {
  constexpr int kMostTimes = 64;  // each time looks at a thousand waiting messages, or at five hundred new ones
  constexpr Millis kLookAgain{1'000};
  Rationed taken;
  taken.more = true;
  for (int times = 0; times < kMostTimes; ++times) {
    WEIR_ASSIGN(const Answers answers, ask_script(taking(ration), Effect::changes));
    const Value reply = answers.values()[0];
    taken.more = reply[0].number() == 1;
    const auto next = static_cast<std::int64_t>(reply[1].number());
    taken.next = next < 0 ? std::nullopt : std::optional(Millis(next));
    const bool goes_on = reply[2].number() == 1;
    const std::uint64_t watch = reply[3].number();
    news_ = {};
    std::size_t at = kHead;
    for (const std::string& stream : ration.streams) {
      places_[stream] = {std::string(reply[at + 3].text()), std::string(reply[at + 4].text())};
      const auto note = [](After& after, std::string key, Value id) {
        after.keys.push_back(std::move(key));
        after.ids.emplace_back(id.text());
      };
      if (watch > 1) {
        note(news_.streams, stream, reply[at]);
      }
      if (watch > 0) {
        note(news_.bells, sidecar_key("bell", stream), reply[at + 1]);
        note(news_.bells, sidecar_key("outcome", stream), reply[at + 2]);
      }
      at += kOfStream;
      ringing_.insert(stream);
    }
    news_.key = ration.streams.front();
    for (; at + kOfMessage <= reply.size(); at += kOfMessage) {
      const std::size_t place = reply[at].number();
      Rationed::Message message{ration.streams[std::min(place, ration.streams.size() - 1)], reply[at + 1].entry(),
                                std::string(reply[at + 4].text()), reply[at + 3].number()};
      message.entry.deliveries = reply[at + 2].number();
      reply.expect(message.entry.fields.has_value());
      taken.messages.push_back(std::move(message));
    }
    WEIR_TRY(answers.understood());
    if (!taken.messages.empty() || !goes_on) {
      note_due_appended(ration.streams, taken.messages.size());  // the script may have appended them
      apply_due_policies();
      return taken;
    }
  }
  taken.next = std::min(taken.next.value_or(kLookAgain), kLookAgain);
  return taken;
}

Result<bool> RedisEngine::await_more(Millis most) {
  const Deadline deadline = Deadline::after(most);
  if (news_.bells.keys.empty()) {
    pollfd waiting{interrupt_, POLLIN, 0};
    constexpr Millis kLongest{3'600'000};
    (void)::poll(&waiting, 1, static_cast<int>(deadline.left(kLongest).count()));
  } else {
    outcome_watch_.wait(cluster_.node_for(&news_.key), news_.streams, news_.bells, deadline, interrupt_);
  }
  return !is_interrupted();
}

/// Commands that tell workers under terms that messages are settled, in the transaction that settles them.
Commands RedisEngine::rings_for(std::span<const Request> requests) const {
  std::set<std::string> streams;
  for (const Request& request : requests) {
    if (const auto* acknowledged = std::get_if<Xack>(&request)) {
      streams.insert(acknowledged->stream);
    } else if (const auto* given_back = std::get_if<Xnack>(&request)) {
      streams.insert(given_back->stream);
    }
  }
  Commands rings;
  for (const std::string& stream : streams) {
    if (ringing_.contains(stream)) {
      WireCommand& ring = rings.emplace_back("XADD");
      ring.add_key(sidecar_key("outcome", stream)).add("MAXLEN").add("1").add("*").add("settled").add("");
    }
  }
  return rings;
}

}  // namespace weir::redis
