// XADD and what changes a stream without groups.
#include "cli/grammar.h"
#include "cli/grammar_words.h"
#include "util/words.h"

namespace weir::cli {

using namespace grammar;

namespace {

// What XADD and XTRIM have in common.
struct AddOrTrim {
  std::optional<Trim> trim;
  std::optional<std::int64_t> limit;
  bool make_stream = true;
  NewId id;
  std::size_t next = 0;  // the first word after the ID, or after the last option
};

constexpr std::uint64_t kDefaultLimit = 10'000;  // as Redis: 100 nodes of 100 entries

// MAXLEN or MINID at words[at]. Gives the place of the threshold.
Result<std::size_t> parse_strategy(Words words, std::size_t at, std::optional<Trim>& trim) {
  if (trim) {
    return refuse("syntax error, MAXLEN and MINID options at the same time are not compatible");
  }
  Trim parsed;
  parsed.by = same_word(words[at], "maxlen") ? Trim::By::maxlen : Trim::By::minid;
  std::size_t place = at + 1;
  if (words.size() - at > 2 && (words[place] == "~" || words[place] == "=")) {
    parsed.approximate = words[place] == "~";
    ++place;
  }
  if (parsed.by == Trim::By::maxlen) {
    WEIR_ASSIGN(const std::int64_t length, integer(words[place]));
    if (length < 0) {
      return refuse("The MAXLEN argument must be >= 0.");
    }
    parsed.maxlen = static_cast<std::uint64_t>(length);
  } else {
    WEIR_ASSIGN(parsed.minid, strict_id(words[place]));
  }
  trim = parsed;
  return place;
}

Result<NewId> parse_new_id(const std::string& word) {
  NewId id;
  if (word == "*") {
    return id;
  }
  const std::size_t dash = word.find('-');
  if (dash != std::string::npos && word.substr(dash) == "-*") {
    id.kind = NewId::Kind::automatic_sequence;
    WEIR_ASSIGN(id.id, strict_id(word.substr(0, dash)));
    return id;
  }
  id.kind = NewId::Kind::exact;
  WEIR_ASSIGN(id.id, strict_id(word));
  return id;
}

Result<AddOrTrim> parse_add_or_trim(Words words, bool xadd) {
  AddOrTrim result;
  std::size_t i = 2;
  for (; i < words.size(); ++i) {
    const bool more = i + 1 < words.size();
    if (xadd && words[i] == "*") {
      break;
    }
    if ((same_word(words[i], "maxlen") || same_word(words[i], "minid")) && more) {
      WEIR_ASSIGN(i, parse_strategy(words, i, result.trim));
    } else if (same_word(words[i], "limit") && more) {
      WEIR_ASSIGN(result.limit, integer(words[++i]));
      if (*result.limit < 0) {
        return refuse("The LIMIT argument must be >= 0.");
      }
    } else if (xadd && same_word(words[i], "nomkstream")) {
      result.make_stream = false;
    } else if (xadd) {
      WEIR_ASSIGN(result.id, parse_new_id(words[i]));
      break;
    } else {
      return syntax_error(words[i]);
    }
  }
  result.next = i + 1;
  if (!result.trim && result.limit.value_or(0) != 0) {
    return refuse("syntax error, LIMIT cannot be used without specifying a trimming strategy");
  }
  if (!result.trim && !xadd) {
    return refuse("syntax error, XTRIM must be called with a trimming strategy");
  }
  if (result.limit && !(result.trim && result.trim->approximate)) {
    return refuse("syntax error, LIMIT cannot be used without the special ~ option");
  }
  if (result.trim && result.trim->approximate) {
    result.trim->limit = result.limit ? static_cast<std::uint64_t>(*result.limit) : kDefaultLimit;
  }
  return result;
}

}  // namespace

Result<Parsed> parse_xadd(Words words) {
  WEIR_ASSIGN(AddOrTrim parts, parse_add_or_trim(words, true));
  if (parts.next + 2 > words.size() || (words.size() - parts.next) % 2 != 0) {
    return wrong_arity("xadd");
  }
  if (parts.id.kind == NewId::Kind::exact && parts.id.id == kMinId) {
    return fail(Failure::refused, "ERR The ID specified in XADD must be greater than 0-0");
  }
  std::vector<Field> fields;
  fields.reserve((words.size() - parts.next) / 2);
  for (std::size_t i = parts.next; i < words.size(); i += 2) {
    fields.push_back({words[i], words[i + 1]});
  }
  return Request(Xadd{words[1], parts.id, Fields::from_pairs(fields), parts.make_stream, parts.trim});
}

Result<Parsed> parse_xtrim(Words words) {
  WEIR_ASSIGN(AddOrTrim parts, parse_add_or_trim(words, false));
  return Request(Xtrim{words[1], *parts.trim});
}

Result<Parsed> parse_xlen(Words words) {
  return Request(Xlen{words[1]});
}

Result<Parsed> parse_xdel(Words words) {
  Xdel request{words[1], {}};
  request.ids.reserve(words.size() - 2);
  for (const std::string& word : words.subspan(2)) {
    const auto id = strict_id(word);
    if (!id) {
      return Doubtful{{{Exists{{words[1]}}, Reply(Count{0})}}, id.error()};
    }
    request.ids.push_back(*id);
  }
  return Request(std::move(request));
}

Result<Parsed> parse_xsetid(Words words) {
  Xsetid request{words[1], {}, {}, {}};
  WEIR_ASSIGN(request.last_id, strict_id(words[2]));
  for (std::size_t i = 3; i < words.size(); i += 2) {
    if (i + 1 == words.size()) {
      return syntax_error(words[i]);
    }
    if (same_word(words[i], "entriesadded")) {
      WEIR_ASSIGN(const std::int64_t added, integer(words[i + 1]));
      if (added < 0) {
        return refuse("entries_added must be positive");
      }
      request.entries_added = static_cast<std::uint64_t>(added);
    } else if (same_word(words[i], "maxdeletedid")) {
      WEIR_ASSIGN(request.max_deleted_id, strict_id(words[i + 1]));
      if (request.last_id < *request.max_deleted_id) {
        return refuse("The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
      }
    } else {
      return syntax_error(words[i]);
    }
  }
  return Request(std::move(request));
}

}  // namespace weir::cli
