// XCLAIM, XAUTOCLAIM and XNACK.
#include <chrono>
#include <limits>

#include "command/grammar_words.h"
#include "command/keywords.h"
#include "command/make.h"
#include "command/redis_command.h"
#include "stream/refusals.h"

namespace weir::command {

namespace {

std::int64_t now_ms() {
  return std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The duration, never negative.
Result<Millis> parse_min_idle(std::string_view word, const char* command) {
  WEIR_ASSIGN(const std::int64_t idle, duration(word, "Invalid min-idle-time argument for " + std::string(command)));
  return Millis(idle < 0 ? 0 : idle);
}

struct ClaimDraft : Xclaim {
  std::int64_t now = now_ms();
};

// IDLE and TIME as one point in time. A time that makes no sense becomes now.
std::optional<UnixMs> sane_time(std::int64_t time, std::int64_t now) {
  if (time < 0 || time > now) {
    return std::nullopt;
  }
  return UnixMs(time);
}

std::string invalid(const char* option) {
  return "Invalid " + std::string(option) + " option argument for XCLAIM";
}

Result<std::size_t> set_idle(ClaimDraft& draft, Words following) {
  WEIR_ASSIGN(const std::int64_t idle, duration(following[0], invalid("IDLE")));
  // A negative idle time would mean a time in the future.
  draft.delivery_time = idle < 0 ? std::nullopt : sane_time(draft.now - idle, draft.now);
  return 1;
}

Result<std::size_t> set_time(ClaimDraft& draft, Words following) {
  WEIR_ASSIGN(const std::int64_t time, integer(following[0], invalid("TIME")));
  draft.delivery_time = sane_time(time, draft.now);
  return 1;
}

Result<std::size_t> set_retrycount(ClaimDraft& draft, Words following) {
  WEIR_ASSIGN(const std::int64_t count, integer(following[0], invalid("RETRYCOUNT")));
  draft.deliveries = count < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(count));
  return 1;
}

Result<std::size_t> set_lastid(ClaimDraft& draft, Words following) {
  WEIR_ASSIGN(draft.last_id, strict_id(following[0]));
  return 1;
}

constexpr std::array kClaimKeywords{
    Keyword<ClaimDraft>{"IDLE", 1, set_idle},
    Keyword<ClaimDraft>{"TIME", 1, set_time},
    Keyword<ClaimDraft>{"RETRYCOUNT", 1, set_retrycount},
    Keyword<ClaimDraft>{"FORCE", 0, set_flag<ClaimDraft, &Xclaim::force>},
    Keyword<ClaimDraft>{"JUSTID", 0, set_flag<ClaimDraft, &Xclaim::just_id>},
    Keyword<ClaimDraft>{"LASTID", 1, set_lastid},
};

Result<Xclaim> parse_claim(const Line& line) {
  const Words words = line.words;
  ClaimDraft request;
  request.stream = words[1];
  request.group = words[2];
  request.consumer = words[3];
  WEIR_ASSIGN(request.min_idle, parse_min_idle(words[4], "XCLAIM"));
  Words rest = words.subspan(5);
  while (!rest.empty()) {
    const auto id = parse_id(rest[0]);
    if (!id) {
      break;
    }
    request.ids.push_back(*id);
    rest = rest.subspan(1);
  }
  WEIR_TRY(take_all(kClaimKeywords, request, rest, line.given,
                    [](std::string_view word) { return refuse("Unrecognized XCLAIM option " + name_in_text(word)); }));
  return request;
}

Result<Parsed> parse_xclaim(const Line& line) {
  auto request = parse_claim(line);
  if (!request) {
    const std::string stream(line.words[1]);
    const std::string group(line.words[2]);
    return Doubtful{{{XpendingSummary{stream, group}, Error{Failure::refused, no_key_or_group(stream, group)}}},
                    request.error()};
  }
  return Request(std::move(*request));
}

Result<std::size_t> set_claim_count(Xautoclaim& request, Words following) {
  constexpr std::int64_t kMostCount = std::numeric_limits<std::int64_t>::max() / 16;  // as Redis
  constexpr const char* kTooSmall = "COUNT must be > 0";
  WEIR_ASSIGN(const std::int64_t count, integer(following[0], kTooSmall));
  if (count < 1 || count > kMostCount) {
    return refuse(kTooSmall);
  }
  request.count = static_cast<std::uint64_t>(count);
  return 1;
}

constexpr std::array kAutoclaimKeywords{
    Keyword<Xautoclaim>{"COUNT", 1, set_claim_count},
    Keyword<Xautoclaim>{"JUSTID", 0, set_flag<Xautoclaim, &Xautoclaim::just_id>},
};

Result<Xautoclaim> autoclaim_from_first(std::string_view stream, std::string_view group, std::string_view consumer,
                                        std::string_view min_idle) {
  Xautoclaim request;
  request.stream = stream;
  request.group = group;
  request.consumer = consumer;
  WEIR_ASSIGN(request.min_idle, parse_min_idle(min_idle, "XAUTOCLAIM"));
  return request;
}

Result<Parsed> parse_xautoclaim(const Line& line) {
  const Words words = line.words;
  WEIR_ASSIGN(Xautoclaim request, autoclaim_from_first(words[1], words[2], words[3], words[4]));
  WEIR_ASSIGN(request.start, range_start(words[5]));
  WEIR_TRY(take_all(kAutoclaimKeywords, request, words.subspan(6), line.given, syntax_error));
  return Request(std::move(request));
}

constexpr std::array kNackKeywords{
    Keyword<Xnack>{"RETRYCOUNT", 1,
                   [](Xnack& request, Words following) -> Result<std::size_t> {
                     WEIR_ASSIGN(const std::int64_t deliveries, integer(following[0]));
                     if (deliveries < 0) {
                       return refuse(kNotAnInteger);
                     }
                     request.deliveries = static_cast<std::uint64_t>(deliveries);
                     return 1;
                   }},
    Keyword<Xnack>{"FORCE", 0, set_flag<Xnack, &Xnack::force>},
};

Result<void> add_ids(Xnack& request, Words ids) {
  request.ids.reserve(ids.size());
  for (const std::string_view word : ids) {
    WEIR_ASSIGN(const Id id, strict_id(word));
    request.ids.push_back(id);
  }
  return {};
}

Result<Parsed> parse_xnack(const Line& line) {
  const Words words = line.words;
  Xnack request;
  request.stream = words[1];
  request.group = words[2];
  const auto blame = parse_blame(words[3]);
  if (!blame) {
    return syntax_error(words[3]);
  }
  request.blame = *blame;
  if (!same_word(words[4], "ids")) {
    return syntax_error(words[4]);
  }
  constexpr std::size_t kCount = 5;
  WEIR_ASSIGN(const Words ids, counted_ids(words.subspan(kCount)));
  WEIR_TRY(add_ids(request, ids));
  WEIR_TRY(take_all(kNackKeywords, request, words.subspan(kCount + 1 + ids.size()), line.given, syntax_error));
  return Request(std::move(request));
}

constexpr auto kXclaimShapes = shapes_of(kClaimKeywords);
constexpr auto kXautoclaimShapes = shapes_of(kAutoclaimKeywords);
constexpr auto kXnackShapes = shapes_of(kNackKeywords);

}  // namespace

constinit const RedisCommand rows::xclaim{"xclaim", -6, Effect::writes, parse_xclaim, kXclaimShapes};
constinit const RedisCommand rows::xautoclaim{"xautoclaim", -6, Effect::writes, parse_xautoclaim, kXautoclaimShapes};
constinit const RedisCommand rows::xnack{"xnack", -7, Effect::writes, parse_xnack, kXnackShapes};

std::optional<Xnack::Blame> parse_blame(std::string_view word) {
  if (same_word(word, "silent")) {
    return Xnack::Blame::silent;
  }
  if (same_word(word, "fail")) {
    return Xnack::Blame::fail;
  }
  if (same_word(word, "fatal")) {
    return Xnack::Blame::fatal;
  }
  return std::nullopt;
}

Result<Xautoclaim> make_xautoclaim(std::string_view stream, std::string_view group, std::string_view consumer,
                                   std::string_view min_idle, std::span<const Given> given) {
  WEIR_ASSIGN(Xautoclaim request, autoclaim_from_first(stream, group, consumer, min_idle));
  WEIR_TRY(take_given(kAutoclaimKeywords, request, given));
  return request;
}

Result<Xnack> make_xnack(std::string_view stream, std::string_view group, Words ids, std::span<const Given> given) {
  Xnack request;
  request.stream = stream;
  request.group = group;
  WEIR_TRY(add_ids(request, ids));
  WEIR_TRY(take_given(kNackKeywords, request, given));
  return request;
}

}  // namespace weir::command
