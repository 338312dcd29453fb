// XDELEX and XACKDEL: remove entries with regard to the groups that refer to them.
#include "command/grammar_words.h"
#include "command/keywords.h"
#include "command/make.h"
#include "command/redis_command.h"
#include "command/references.h"

namespace weir::command {

namespace {

struct Draft {
  std::optional<References> references;
  Words ids;
};

constexpr std::array kKeywords{
    kKeepref<Draft>,
    kDelref<Draft>,
    kAcked<Draft>,
    Keyword<Draft>{"IDS", 1,
                   [](Draft& draft, Words following) -> Result<std::size_t> {
                     WEIR_ASSIGN(draft.ids, counted_ids(following));
                     return 1 + draft.ids.size();
                   }},
};

Result<Draft> draft_of(Words words, std::span<const Given> given) {
  Draft draft;
  WEIR_TRY(take_all(kKeywords, draft, words, given, syntax_error));
  if (draft.ids.empty()) {
    return syntax_error();
  }
  return draft;
}

template <typename R>
Result<void> fill(R& request, const Draft& draft) {
  request.references = draft.references.value_or(References::keep);
  request.ids.reserve(draft.ids.size());
  for (const std::string_view word : draft.ids) {
    WEIR_ASSIGN(const Id id, strict_id(word));
    request.ids.push_back(id);
  }
  return {};
}

Outcomes all_absent(const Draft& draft) {
  return {std::vector<Outcomes::Outcome>(draft.ids.size(), Outcomes::Outcome::absent)};
}

Result<Parsed> parse_xdelex(const Line& line) {
  Xdelex request;
  request.stream = line.words[1];
  WEIR_ASSIGN(const Draft draft, draft_of(line.words.subspan(2), line.given));
  if (const auto filled = fill(request, draft); !filled) {
    return Doubtful{{{Exists{{request.stream}}, Reply(all_absent(draft))}}, filled.error()};
  }
  return Request(std::move(request));
}

Result<Parsed> parse_xackdel(const Line& line) {
  Xackdel request;
  request.stream = line.words[1];
  request.group = line.words[2];
  WEIR_ASSIGN(const Draft draft, draft_of(line.words.subspan(3), line.given));
  if (const auto filled = fill(request, draft); !filled) {
    return Doubtful{{{XpendingSummary{request.stream, request.group}, Reply(all_absent(draft))}}, filled.error()};
  }
  return Request(std::move(request));
}

constexpr auto kShapes = shapes_of(kKeywords);

template <typename R>
Result<R> made(R request, Words ids, std::span<const Given> given) {
  Draft draft;
  draft.ids = ids;
  WEIR_TRY(take_given(kKeywords, draft, given));
  WEIR_TRY(fill(request, draft));
  return request;
}

}  // namespace

constinit const RedisCommand rows::xdelex{"xdelex", -5, Effect::writes, parse_xdelex, kShapes};
constinit const RedisCommand rows::xackdel{"xackdel", -6, Effect::writes, parse_xackdel, kShapes};

Result<Xdelex> make_xdelex(std::string_view stream, Words ids, std::span<const Given> given) {
  return made(Xdelex{std::string(stream), {}}, ids, given);
}

Result<Xackdel> make_xackdel(std::string_view stream, std::string_view group, Words ids, std::span<const Given> given) {
  return made(Xackdel{std::string(stream), std::string(group), {}}, ids, given);
}

}  // namespace weir::command
