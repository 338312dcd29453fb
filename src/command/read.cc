// Reading: ranges, XREAD and XREADGROUP.
#include "command/grammar_words.h"
#include "command/keywords.h"
#include "command/make.h"
#include "command/redis_command.h"
#include "stream/refusals.h"

namespace weir::command {

namespace {

constexpr std::array kRangeKeywords{
    Keyword<Xrange>{"COUNT", 1,
                    [](Xrange& request, Words following) -> Result<std::size_t> {
                      WEIR_ASSIGN(const std::int64_t count, integer(following[0]));
                      request.count = count < 0 ? 0 : static_cast<std::uint64_t>(count);
                      return 1;
                    }},
};

// The first bound is where the walk begins.
Result<Xrange> with_bounds(std::string_view stream, Words bounds, bool reverse) {
  Xrange request;
  request.stream = stream;
  request.reverse = reverse;
  const std::size_t first = reverse ? 1 : 0;
  const std::size_t last = 1 - first;
  if (bounds.size() > first) {
    WEIR_ASSIGN(request.first, range_start(bounds[first]));
  }
  if (bounds.size() > last) {
    WEIR_ASSIGN(request.last, range_end(bounds[last]));
  }
  return request;
}

Result<Parsed> parse_range(const Line& line, bool reverse) {
  WEIR_ASSIGN(Xrange request, with_bounds(line.words[1], line.words.subspan(2, 2), reverse));
  WEIR_TRY(take_all(kRangeKeywords, request, line.words.subspan(4), line.given, syntax_error));
  return Request(std::move(request));
}

// The parts of XREAD and XREADGROUP before the keys and IDs.
struct Draft {
  bool in_group = false;  ///< XREADGROUP
  std::optional<std::uint64_t> count;
  std::optional<Millis> block;
  std::optional<std::string_view> group;
  std::string_view consumer;
  bool noack = false;
  std::optional<Millis> claim;
  ReadLimit limit;
};

tl::unexpected<Error> only_in_xreadgroup(const char* option) {
  return refuse("The " + std::string(option) + " option is only supported by XREADGROUP. You called XREAD instead.");
}

Result<std::size_t> set_block(Draft& draft, Words following) {
  WEIR_ASSIGN(const std::int64_t timeout, duration(following[0], "timeout is not an integer or out of range"));
  if (timeout < 0) {
    return refuse("timeout is negative");
  }
  draft.block = Millis(timeout);
  return 1;
}

Result<std::size_t> set_count(Draft& draft, Words following) {
  WEIR_ASSIGN(const std::int64_t count, integer(following[0]));
  draft.count = count > 0 ? std::optional(static_cast<std::uint64_t>(count)) : std::nullopt;
  return 1;
}

Result<std::size_t> set_group(Draft& draft, Words following) {
  if (!draft.in_group) {
    return only_in_xreadgroup("GROUP");
  }
  draft.group = following[0];
  draft.consumer = following[1];
  return 2;
}

Result<std::size_t> set_noack(Draft& draft, Words) {
  if (!draft.in_group) {
    return only_in_xreadgroup("NOACK");
  }
  draft.noack = true;
  return 0;
}

Result<std::size_t> set_claim(Draft& draft, Words following) {
  if (!draft.in_group) {
    return only_in_xreadgroup("CLAIM");
  }
  WEIR_ASSIGN(const std::int64_t idle, duration(following[0], "min-idle-time is not an integer or out of range"));
  if (idle < 0) {
    return refuse("min-idle-time must be a positive integer");
  }
  draft.claim = Millis(idle);
  return 1;
}

Result<std::uint64_t> limit_of(std::string_view word, const std::string& keyword) {
  const std::string error = keyword + " must be a positive integer";
  WEIR_ASSIGN(const std::int64_t limit, integer(word, error));
  if (limit <= 0) {
    return refuse(error);
  }
  return static_cast<std::uint64_t>(limit);
}

Result<std::size_t> set_maxcount(Draft& draft, Words following) {
  WEIR_ASSIGN(draft.limit.entries, limit_of(following[0], "MAXCOUNT"));
  return 1;
}

Result<std::size_t> set_maxsize(Draft& draft, Words following) {
  WEIR_ASSIGN(draft.limit.bytes, limit_of(following[0], "MAXSIZE"));
  return 1;
}

Result<void> check_limit(const Draft& draft) {
  if (draft.count && draft.limit.entries && *draft.limit.entries < *draft.count) {
    return refuse("MAXCOUNT must be greater than or equal to COUNT");
  }
  return {};
}

constexpr std::array kReadKeywords{
    Keyword<Draft>{"COUNT", 1, set_count},     Keyword<Draft>{"BLOCK", 1, set_block},
    Keyword<Draft>{"GROUP", 2, set_group},     Keyword<Draft>{"NOACK", 0, set_noack},
    Keyword<Draft>{"CLAIM", 1, set_claim},     Keyword<Draft>{"MAXCOUNT", 1, set_maxcount},
    Keyword<Draft>{"MAXSIZE", 1, set_maxsize},
};
constexpr std::array kXreadShapes{KeywordShape{"COUNT", 1},       KeywordShape{"MAXCOUNT", 1},
                                  KeywordShape{"MAXSIZE", 1},     KeywordShape{"BLOCK", 1},
                                  KeywordShape{"STREAMS"},        KeywordShape{"GROUP", 2, true},
                                  KeywordShape{"NOACK", 0, true}, KeywordShape{"CLAIM", 1, true}};
constexpr std::array kXreadgroupShapes{
    KeywordShape{"GROUP", 2}, KeywordShape{"COUNT", 1}, KeywordShape{"MAXCOUNT", 1}, KeywordShape{"MAXSIZE", 1},
    KeywordShape{"BLOCK", 1}, KeywordShape{"NOACK"},    KeywordShape{"CLAIM", 1},    KeywordShape{"STREAMS"}};

// The words after STREAMS: names, then as many IDs.
struct Sources {
  Words streams;
  Words ids;
};

tl::unexpected<Error> unbalanced(bool group) {
  return refuse(group
                    ? "Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."
                    : "Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.");
}

Result<Sources> parse_options(const Line& line, Draft& draft) {
  WEIR_TRY(take_given(kReadKeywords, draft, line.given));
  for (Words rest = line.words.subspan(1); !rest.empty();) {
    if (rest.size() > 1 && same_word(rest[0], "streams")) {
      const Words all = rest.subspan(1);
      if (all.size() % 2 != 0) {
        return unbalanced(draft.in_group);
      }
      if (draft.in_group && !draft.group) {
        return refuse("Missing GROUP option for XREADGROUP");
      }
      WEIR_TRY(check_limit(draft));
      return Sources{all.first(all.size() / 2), all.subspan(all.size() / 2)};
    }
    WEIR_ASSIGN(const std::size_t taken, take_keyword(kReadKeywords, draft, rest));
    if (taken == 0) {
      return syntax_error(rest[0]);
    }
    rest = rest.subspan(taken);
  }
  return syntax_error();
}

Result<Xread::From> parse_from(std::string_view word) {
  using Kind = Xread::From::Kind;
  if (word == "$") {
    return Xread::From{Kind::end, {}};
  }
  if (word == "+") {
    return Xread::From{Kind::last_entry, {}};
  }
  if (word == ">") {
    return refuse("The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.");
  }
  WEIR_ASSIGN(const Id id, strict_id(word));
  return Xread::From{Kind::after, id};
}

Result<std::optional<Id>> parse_history(std::string_view word) {
  if (word == ">") {
    return std::nullopt;
  }
  if (word == "$" || word == "+") {
    const std::string id = "The " + std::string(word) + " ID ";
    return refuse(id +
                  "is meaningless in the context of XREADGROUP: you want to read the history of this consumer by "
                  "specifying a proper ID, or use the > ID to get new messages. " +
                  id + "would just return an empty result set.");
  }
  WEIR_ASSIGN(const Id id, strict_id(word));
  // For Redis, the highest ID and `>` mean the same.
  return id == kMaxId ? std::nullopt : std::optional(id);
}

Result<Xread> finish_read(const Draft& draft, const Sources& sources) {
  Xread request{{}, draft.count, draft.block, draft.limit};
  for (std::size_t i = 0; i < sources.ids.size(); ++i) {
    WEIR_ASSIGN(const Xread::From from, parse_from(sources.ids[i]));
    request.sources.push_back({std::string(sources.streams[i]), from});
  }
  return request;
}

Parsed finish_group_read(const Draft& draft, const Sources& sources) {
  const std::string group(*draft.group);
  Xreadgroup request{group,      std::string(draft.consumer), {}, draft.count, draft.block, draft.noack, draft.claim,
                     draft.limit};
  for (std::size_t i = 0; i < sources.ids.size(); ++i) {
    const auto history = parse_history(sources.ids[i]);
    if (!history) {
      // Stream by stream, Redis looks for the groups up to this one first.
      Doubtful doubtful{{}, history.error()};
      for (const std::string_view stream : sources.streams.first(i + 1)) {
        doubtful.looks.push_back({XpendingSummary{std::string(stream), group},
                                  Error{Failure::refused, no_key_or_group_to_read(std::string(stream), group)}});
      }
      return doubtful;
    }
    request.sources.push_back({std::string(sources.streams[i]), *history});
  }
  return Request(std::move(request));
}

Result<Parsed> parse_xrange(const Line& line) {
  return parse_range(line, false);
}
Result<Parsed> parse_xrevrange(const Line& line) {
  return parse_range(line, true);
}

Result<Parsed> parse_xread(const Line& line) {
  Draft draft;
  WEIR_ASSIGN(const Sources sources, parse_options(line, draft));
  WEIR_ASSIGN(Xread request, finish_read(draft, sources));
  return Request(std::move(request));
}

Result<Parsed> parse_xreadgroup(const Line& line) {
  Draft draft;
  draft.in_group = true;
  WEIR_ASSIGN(const Sources sources, parse_options(line, draft));
  return finish_group_read(draft, sources);
}

constexpr auto kRangeShapes = shapes_of(kRangeKeywords);

}  // namespace

constinit const RedisCommand rows::xrange{"xrange", -4, Effect::looks, parse_xrange, kRangeShapes};
constinit const RedisCommand rows::xrevrange{"xrevrange", -4, Effect::looks, parse_xrevrange, kRangeShapes};
constinit const RedisCommand rows::xread{"xread",     -4,           Effect::waits,
                                         parse_xread, kXreadShapes, NamedStreams::after_streams};
constinit const RedisCommand rows::xreadgroup{
    "xreadgroup", -7, Effect::waits, parse_xreadgroup, kXreadgroupShapes, NamedStreams::after_streams, "stream", true};

Result<Xrange> make_xrange(std::string_view stream, Words bounds, bool reverse, std::span<const Given> given) {
  WEIR_ASSIGN(Xrange request, with_bounds(stream, bounds, reverse));
  WEIR_TRY(take_given(kRangeKeywords, request, given));
  return request;
}

Result<Xread> make_xread(Words streams, std::string_view from, std::span<const Given> given) {
  Draft draft;
  WEIR_TRY(take_given(kReadKeywords, draft, given));
  WEIR_TRY(check_limit(draft));
  const std::vector<std::string_view> ids(streams.size(), from);
  return finish_read(draft, {streams, ids});
}

Result<Parsed> make_xreadgroup(Words streams, std::string_view group, std::string_view consumer,
                               std::string_view history_after, std::span<const Given> given) {
  Draft draft;
  draft.in_group = true;
  draft.group = group;
  draft.consumer = consumer;
  WEIR_TRY(take_given(kReadKeywords, draft, given));
  WEIR_TRY(check_limit(draft));
  const std::vector<std::string_view> ids(streams.size(), history_after);
  return finish_group_read(draft, {streams, ids});
}

}  // namespace weir::command
