// XADD and the commands that change a stream without groups.
#include "command/grammar_words.h"
#include "command/keywords.h"
#include "command/make.h"
#include "command/redis_command.h"
#include "command/references.h"
#include "text/duration.h"
#include "text/numbers.h"

namespace weir::command {

namespace {

// The parts that XADD and XTRIM have in common.
struct Draft {
  std::optional<Trim> trim;
  std::optional<std::int64_t> limit;
  std::optional<References> references;
  std::shared_ptr<const Idempotence> idempotence;
  bool nomkstream = false;
};

constexpr std::int64_t kDefaultLimit = 10'000;  // as Redis: 100 nodes of 100 entries

Result<std::size_t> set_strategy(Draft& draft, Trim::By by, Words following) {
  if (draft.trim) {
    return refuse("syntax error, MAXLEN and MINID options at the same time are not compatible");
  }
  Trim trim;
  trim.by = by;
  std::size_t place = 0;
  if (following.size() > 1 && (following[0] == "~" || following[0] == "=")) {
    trim.approximate = following[0] == "~";
    ++place;
  }
  if (by == Trim::By::maxlen) {
    WEIR_ASSIGN(const std::int64_t length, integer(following[place]));
    if (length < 0) {
      return refuse("The MAXLEN argument must be >= 0.");
    }
    trim.maxlen = static_cast<std::uint64_t>(length);
  } else {
    WEIR_ASSIGN(trim.minid, strict_id(following[place]));
  }
  draft.trim = trim;
  return place + 1;
}

constexpr Keyword<Draft> kMaxlen{
    "MAXLEN", 1, [](Draft& draft, Words following) { return set_strategy(draft, Trim::By::maxlen, following); }};
constexpr Keyword<Draft> kMinid{
    "MINID", 1, [](Draft& draft, Words following) { return set_strategy(draft, Trim::By::minid, following); }};
constexpr Keyword<Draft> kLimit{"LIMIT", 1, [](Draft& draft, Words following) -> Result<std::size_t> {
                                  WEIR_ASSIGN(draft.limit, integer(following[0]));
                                  if (*draft.limit < 0) {
                                    return refuse("The LIMIT argument must be >= 0.");
                                  }
                                  return 1;
                                }};
constexpr Keyword<Draft> kNomkstream{"NOMKSTREAM", 0, set_flag<Draft, &Draft::nomkstream>};

Result<void> set_idempotence(Draft& draft, std::string_view keyword, std::string_view producer,
                             std::optional<std::string_view> key) {
  if (draft.idempotence) {
    return refuse("syntax error, IDMP/IDMPAUTO specified multiple times");
  }
  if (producer.empty()) {
    return refuse("syntax error, " + std::string(keyword) + " requires a non-empty producer ID");
  }
  if (key && key->empty()) {
    return refuse("syntax error, IDMP requires a non-empty idempotent ID");
  }
  draft.idempotence = std::make_shared<Idempotence>(
      Idempotence{std::string(producer), key ? std::optional(std::string(*key)) : std::nullopt});
  return {};
}

constexpr Keyword<Draft> kIdmp{"IDMP", 2, [](Draft& draft, Words following) -> Result<std::size_t> {
                                 WEIR_TRY(set_idempotence(draft, "IDMP", following[0], following[1]));
                                 return 2;
                               }};
constexpr Keyword<Draft> kIdmpauto{"IDMPAUTO", 1, [](Draft& draft, Words following) -> Result<std::size_t> {
                                     WEIR_TRY(set_idempotence(draft, "IDMPAUTO", following[0], {}));
                                     return 1;
                                   }};

constexpr std::array kAddKeywords{kNomkstream,    kMaxlen,       kMinid, kLimit,   kKeepref<Draft>,
                                  kDelref<Draft>, kAcked<Draft>, kIdmp,  kIdmpauto};
constexpr std::array kTrimKeywords{kMaxlen, kMinid, kLimit, kKeepref<Draft>, kDelref<Draft>, kAcked<Draft>};

bool is_reference(std::string_view word) {
  return same_word(word, kKeepref<Draft>.word) || same_word(word, kDelref<Draft>.word) ||
         same_word(word, kAcked<Draft>.word);
}

Result<NewId> parse_new_id(std::string_view word) {
  NewId id;
  if (word == "*") {
    return id;
  }
  const std::size_t dash = word.find('-');
  if (dash != std::string_view::npos && word.substr(dash) == "-*") {
    id.kind = NewId::Kind::automatic_sequence;
    WEIR_ASSIGN(id.id, strict_id(word.substr(0, dash)));
    return id;
  }
  id.kind = NewId::Kind::exact;
  WEIR_ASSIGN(id.id, strict_id(word));
  return id;
}

// LIMIT and the keywords about references need a strategy, wherever they stand in the line.
Result<void> settle_trim(Draft& draft) {
  if (!draft.trim && draft.limit.value_or(0) != 0) {
    return refuse("syntax error, LIMIT cannot be used without specifying a trimming strategy");
  }
  if (draft.limit && !(draft.trim && draft.trim->approximate)) {
    return refuse("syntax error, LIMIT cannot be used without the special ~ option");
  }
  if (draft.trim) {
    draft.trim->references = draft.references.value_or(References::keep);
    const bool by_nodes = draft.trim->approximate && draft.trim->references == References::keep;
    draft.trim->limit = static_cast<std::uint64_t>(draft.limit.value_or(by_nodes ? kDefaultLimit : 0));
  }
  return {};
}

Result<void> check_is_for_idempotence(const NewId& id, const Draft& draft) {
  if (draft.idempotence && id.kind != NewId::Kind::automatic) {
    return refuse("syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs");
  }
  return {};
}

Result<void> check_is_possible(const NewId& id) {
  if (id.kind == NewId::Kind::exact && id.id == kMinId) {
    return fail(Failure::refused, "ERR The ID specified in XADD must be greater than 0-0");
  }
  return {};
}

Result<Xtrim> finish_trim(std::string_view stream, Draft& draft) {
  if (!draft.trim && draft.limit.value_or(0) == 0) {
    return refuse("syntax error, XTRIM must be called with a trimming strategy");
  }
  WEIR_TRY(settle_trim(draft));
  return Xtrim{std::string(stream), *draft.trim};
}

Result<Parsed> parse_xadd(const Line& line) {
  const Words words = line.words;
  Draft draft;
  NewId id;
  WEIR_TRY(take_given(kAddKeywords, draft, line.given));
  std::size_t at = 2;
  while (at < words.size()) {
    if (words[at] != "*") {
      // A second keyword about references is taken for the ID.
      const bool second = draft.references && is_reference(words[at]);
      WEIR_ASSIGN(const std::size_t taken,
                  second ? Result<std::size_t>(0) : take_keyword(kAddKeywords, draft, words.subspan(at)));
      if (taken > 0) {
        at += taken;
        continue;
      }
      WEIR_ASSIGN(id, parse_new_id(words[at]));
    }
    break;
  }
  ++at;
  WEIR_TRY(check_is_for_idempotence(id, draft));
  WEIR_TRY(settle_trim(draft));
  if (at + 2 > words.size() || (words.size() - at) % 2 != 0) {
    return wrong_arity(rows::xadd.name);
  }
  WEIR_TRY(check_is_possible(id));
  std::vector<FieldView> fields;
  fields.reserve((words.size() - at) / 2);
  for (; at < words.size(); at += 2) {
    fields.push_back({words[at], words[at + 1]});
  }
  return Request(Xadd{std::string(words[1]), id, Fields::from_views(fields), !draft.nomkstream, draft.trim,
                      std::move(draft.idempotence)});
}

Result<Parsed> parse_xtrim(const Line& line) {
  Draft draft;
  WEIR_TRY(take_given(kTrimKeywords, draft, line.given));
  WEIR_TRY(take_all(kTrimKeywords, draft, line.words.subspan(2), {}, syntax_error));
  WEIR_ASSIGN(const Xtrim request, finish_trim(line.words[1], draft));
  return Request(request);
}

Result<Parsed> parse_xlen(const Line& line) {
  return Request(Xlen{std::string(line.words[1])});
}

Result<Parsed> parse_xdel(const Line& line) {
  Xdel request{std::string(line.words[1]), {}};
  request.ids.reserve(line.words.size() - 2);
  for (const std::string_view word : line.words.subspan(2)) {
    const auto id = strict_id(word);
    if (!id) {
      return Doubtful{{{Exists{{request.stream}}, Reply(Count{0})}}, id.error()};
    }
    request.ids.push_back(*id);
  }
  return Request(std::move(request));
}

constexpr std::array kSetidKeywords{
    Keyword<Xsetid>{"ENTRIESADDED", 1,
                    [](Xsetid& request, Words following) -> Result<std::size_t> {
                      WEIR_ASSIGN(const std::int64_t added, integer(following[0]));
                      if (added < 0) {
                        return refuse("entries_added must be positive");
                      }
                      request.entries_added = static_cast<std::uint64_t>(added);
                      return 1;
                    }},
    Keyword<Xsetid>{"MAXDELETEDID", 1,
                    [](Xsetid& request, Words following) -> Result<std::size_t> {
                      WEIR_ASSIGN(request.max_deleted_id, strict_id(following[0]));
                      if (request.last_id < *request.max_deleted_id) {
                        return refuse("The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
                      }
                      return 1;
                    }},
};

Result<Parsed> parse_xsetid(const Line& line) {
  Xsetid request{std::string(line.words[1]), {}, {}, {}};
  WEIR_ASSIGN(request.last_id, strict_id(line.words[2]));
  WEIR_TRY(take_all(kSetidKeywords, request, line.words.subspan(3), line.given, syntax_error));
  return Request(std::move(request));
}

// Reads seconds: as in Redis, a bare number means seconds.
Result<std::int64_t> seconds(std::string_view word) {
  constexpr std::int64_t kMs = 1000;
  const auto ms = parse_integer(word) ? std::nullopt : parse_duration(word);
  return ms && *ms >= 0 ? Result<std::int64_t>((*ms + kMs - 1) / kMs) : integer(word);
}

// Sets a setting, which may be given only once.
Result<std::size_t> set_setting(std::optional<std::uint64_t>& setting, std::string_view name, std::int64_t highest,
                                std::string_view unit, const Result<std::int64_t>& given) {
  if (setting) {
    return refuse(std::string(name) + " specified multiple times");
  }
  WEIR_ASSIGN(const std::int64_t value, given);
  if (value < 1 || value > highest) {
    return refuse(std::string(name) + " must be between 1 and " + std::to_string(highest) + " " + std::string(unit));
  }
  setting = static_cast<std::uint64_t>(value);
  return 1;
}

constexpr std::array kCfgsetKeywords{
    Keyword<Xcfgset>{"IDMP-DURATION", 1,
                     [](Xcfgset& request, Words following) {
                       constexpr std::int64_t kADay = 86'400;
                       return set_setting(request.duration_s, "IDMP-DURATION", kADay, "seconds", seconds(following[0]));
                     }},
    Keyword<Xcfgset>{"IDMP-MAXSIZE", 1,
                     [](Xcfgset& request, Words following) {
                       constexpr std::int64_t kMost = 10'000;
                       return set_setting(request.maxsize, "IDMP-MAXSIZE", kMost, "entries", integer(following[0]));
                     }},
};

// An error that Redis reports only if the stream exists.
Doubtful of_existing_stream(std::string_view stream, Error error) {
  return {{{Exists{{std::string(stream)}}, Error{Failure::refused, "ERR no such key"}}}, std::move(error)};
}

Result<Parsed> parse_xcfgset(const Line& line) {
  Xcfgset request{std::string(line.words[1]), {}, {}};
  auto taken = take_all(kCfgsetKeywords, request, line.words.subspan(2), line.given, syntax_error);
  if (taken && !request.duration_s && !request.maxsize) {
    taken = refuse("At least one parameter must be specified");
  }
  if (!taken) {
    return of_existing_stream(request.stream, taken.error());
  }
  return Request(std::move(request));
}

Result<Parsed> parse_xidmprecord(const Line& line) {
  const Words words = line.words;
  WEIR_ASSIGN(const Id id, strict_id(words[4]));
  if (words[2].empty() || words[3].empty()) {
    const auto empty = refuse(words[2].empty() ? "producer ID must be non-empty" : "idempotent ID must be non-empty");
    return of_existing_stream(words[1], empty.value());
  }
  return Request(Xidmprecord{std::string(words[1]), std::string(words[2]), std::string(words[3]), id});
}

constexpr auto kXcfgsetShapes = shapes_of(kCfgsetKeywords);
constexpr auto kXaddShapes = shapes_of(kAddKeywords);
constexpr auto kXtrimShapes = shapes_of(kTrimKeywords);
constexpr auto kXsetidShapes = shapes_of(kSetidKeywords);

}  // namespace

constinit const RedisCommand rows::xadd{"xadd", -5, Effect::writes, parse_xadd, kXaddShapes};
constinit const RedisCommand rows::xtrim{"xtrim", -4, Effect::writes, parse_xtrim, kXtrimShapes};
constinit const RedisCommand rows::xlen{"xlen", 2, Effect::looks, parse_xlen};
constinit const RedisCommand rows::xdel{"xdel", -3, Effect::writes, parse_xdel};
constinit const RedisCommand rows::xcfgset{"xcfgset", -2, Effect::writes, parse_xcfgset, kXcfgsetShapes};
constinit const RedisCommand rows::xidmprecord{"xidmprecord", 5, Effect::writes, parse_xidmprecord};
constinit const RedisCommand rows::xsetid{"xsetid", -3, Effect::writes, parse_xsetid, kXsetidShapes};

Result<Xadd> make_xadd(std::string_view stream, std::string_view id, Fields fields, std::span<const Given> given) {
  Draft draft;
  WEIR_TRY(take_given(kAddKeywords, draft, given));
  WEIR_ASSIGN(const NewId new_id, parse_new_id(id));
  WEIR_TRY(check_is_for_idempotence(new_id, draft));
  WEIR_TRY(settle_trim(draft));
  WEIR_TRY(check_is_possible(new_id));
  return Xadd{std::string(stream), new_id,     std::move(fields),
              !draft.nomkstream,   draft.trim, std::move(draft.idempotence)};
}

Result<Xtrim> make_xtrim(std::string_view stream, std::span<const Given> given) {
  Draft draft;
  WEIR_TRY(take_given(kTrimKeywords, draft, given));
  return finish_trim(stream, draft);
}

}  // namespace weir::command
