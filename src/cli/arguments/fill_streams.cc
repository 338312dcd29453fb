// The shell's forms of commands about streams.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include "cli/arguments/fill.h"
#include "command/make.h"
#include "stream/id.h"
#include "text/numbers.h"
#include "text/shell_word.h"
#include "text/words.h"

namespace weir::cli {

namespace {

using command::Parsed;
using command::Words;

bool is_new_id(std::string_view word) {
  return word == "*" || parse_id(word) || (word.ends_with("-*") && parse_part(word.substr(0, word.size() - 2)));
}

bool is_file(std::string_view word) {
  return ::access(std::string(word).c_str(), F_OK) == 0;
}

std::string quoted(std::string_view word) {
  return "'" + std::string(word) + "'";
}

constexpr const char* kHowJsonGoes = R"(JSON goes on standard input: echo '{"to":"ann"}' | weir xadd STREAM)";

// Whether the word can only be meant as JSON: no field has such a name, and a stream with a cluster tag begins with
// {tag}.
bool looks_like_json(std::string_view word) {
  const std::size_t quote = word.find_first_not_of(" \t\n", 1);
  return word.starts_with('{') && word.ends_with('}') && (word.size() == 2 || word[quote] == '"');
}

// Refuses a message in the place of the stream, which the user forgot.
Result<void> check_stream_is_none(const Arguments& arguments) {
  if (arguments.words.empty()) {
    return {};
  }
  const std::string_view first = arguments.words[0];
  if (looks_like_json(first)) {
    return fail(Failure::usage, "the stream is missing: " + quoted(first) + " is JSON", kHowJsonGoes);
  }
  // In Redis's form, with an ID, a stream may have any name.
  const bool shell_form = arguments.words.size() == 1 || arguments.words[1].find('=') != std::string_view::npos;
  if (first.find('=') != std::string_view::npos && shell_form) {
    return fail(
        Failure::usage, "the stream is missing: " + quoted(first) + " is a field=value",
        "write: weir xadd STREAM FIELD=VALUE ...; to a stream of that name: weir xadd NAME '*' FIELD VALUE ...");
  }
  return {};
}

// What to write if the shell has split a field into several words: `to = ann`, `subject=Hello there`. `at`: the word
// that is no field=value.
std::string way_to_one_word(Words words, std::size_t at) {
  constexpr std::size_t kMost = 60;  // longer words are not repeated, as they may hold anything
  const auto shown = [](const std::string& word, const char* form) {
    return word.size() > kMost ? form : shell_word(word);
  };
  const std::string_view after = at + 1 < words.size() ? words[at + 1] : std::string_view();
  if (after == "=") {
    const std::string value(at + 2 < words.size() ? words[at + 2] : "");
    return "write it without spaces around the =: " + shown(std::string(words[at]) + "=" + value, "FIELD=VALUE");
  }
  if (words[at].starts_with('=') || after.starts_with('=') || (at > 0 && words[at - 1].ends_with('='))) {
    return "write it without spaces around the =: FIELD=VALUE";
  }
  if (at == 0) {
    return "write: weir xadd STREAM --id ID FIELD=VALUE ...";
  }
  std::string field(words[at - 1]);
  for (; at < words.size() && words[at].find('=') == std::string_view::npos && field.size() <= kMost; ++at) {
    field.append(1, ' ').append(words[at]);
  }
  return "a value with spaces goes between quotes: " + shown(field, "'FIELD=two words'");
}

/// The lowest ID that an entry of this age can have, by the clock of this machine.
Id first_id_since(std::chrono::milliseconds age) {
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  return {age < now ? static_cast<std::uint64_t>((now - age).count()) : 0, 0};
}

// What to write if a field=value, perhaps split into several words, stands in Redis's grammar.
std::string way_to_pairs(Words rest) {
  if (!is_new_id(rest[0])) {
    return rest.size() > 1 && rest[1].starts_with('=') ? way_to_one_word(rest, 0) : "";
  }
  const bool has_field = std::ranges::any_of(
      rest.subspan(1), [](std::string_view word) { return word.find('=') != std::string_view::npos; });
  const char* other =
      rest[0] == "*" ? "; or leave the ID out, and write FIELD=VALUE ..." : "; or write --id ID FIELD=VALUE ...";
  return has_field ? std::string("after an ID come FIELD VALUE pairs") + other : "";
}

tl::unexpected<Error> file_for_id(std::string_view word) {
  return fail(Failure::usage, quoted(word) + " stands where the ID should, and is the name of a file",
              "the shell seems to have expanded an unquoted *; write '*'");
}

// Fills XADD in Redis's grammar, with an ID or a keyword after the stream.
Result<Parsed> fill_redis_add(const Arguments& arguments) {
  const Words rest = Words(arguments.words).subspan(1);
  // The word is no valid ID, or the words after it are no pairs.
  const bool wrong = !is_new_id(rest[0]) || rest.size() % 2 == 0;
  if (wrong && !command::is_keyword(*arguments.command->redis, rest[0]) && is_file(rest[0])) {
    return file_for_id(rest[0]);
  }
  auto parsed = parse_words(arguments, arguments.words, given_of(arguments));
  if (parsed) {
    return parsed;
  }
  if (command::is_keyword(*arguments.command->redis, rest[0])) {  // the same mistake after keywords
    const auto file = std::ranges::find_if(rest, [&](std::string_view word) {
      return !command::is_keyword(*arguments.command->redis, word) && !parse_integer(word) && is_file(word);
    });
    if (file != rest.end()) {
      return file_for_id(*file);
    }
  }
  if (parsed.error().failure == Failure::usage) {
    const std::string way = way_to_pairs(rest);
    std::string& hint = parsed.error().hint;
    hint = way + (way.empty() || hint.empty() ? "" : "; ") + hint;
  }
  return parsed;
}

// Whether the word can only be meant as the place to read from: only on purpose would a stream have such a name.
bool is_place(std::string_view word) {
  constexpr std::uint64_t kAClock = 100'000'000'000;  // a stream may well be called 2024-01
  const auto id = parse_id(word);
  return word == "$" || word == ">" || word == "+" ||
         (id && id->ms >= kAClock && word.find('-') != std::string_view::npos);
}

Result<void> check_after_fits(const Arguments& arguments) {
  const std::string name(arguments.command->name);
  if (reads_in_redis_words(arguments)) {
    if (arguments.options.has("--after")) {
      return fail(Failure::usage, "--after does not go with STREAMS, whose IDs say where to read",
                  "write: weir " + name + " STREAM... --after ID");
    }
    return {};
  }
  const auto place = std::find_if(arguments.words.begin(), arguments.words.end(), is_place);
  if (place != arguments.words.end()) {
    return fail(Failure::usage, quoted(*place) + " is a place to read from, where a stream belongs",
                "write: weir " + name + " STREAM... --after ID; or STREAMS before them, as in Redis");
  }
  return {};
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::string consumer_name(const Options& options) {
  const char* variable = std::getenv("WEIR_CONSUMER");
  const std::string standard = variable != nullptr && *variable != '\0' ? variable : host_name();
  return options.text("--consumer").value_or(standard);
}

// Redis needs both ends, and its keyword comes after them.
Result<Parsed> fill_bounds(const Arguments& arguments, bool reverse) {
  constexpr std::size_t kWithBothEnds = 3;
  const Words words = arguments.words;
  if (words.empty() || words.size() >= kWithBothEnds) {
    return parse_words(arguments, words, given_of(arguments));
  }
  WEIR_ASSIGN(Xrange request, command::make_xrange(words[0], words.subspan(1), reverse, given_of(arguments)));
  return Request(std::move(request));
}

}  // namespace

bool adds_in_redis_words(const Arguments& arguments) {
  const auto& words = arguments.words;
  return words.size() > 1 && (is_new_id(words[1]) || command::is_keyword(*arguments.command->redis, words[1]));
}

Result<Parsed> fill_add(const Arguments& arguments) {
  WEIR_TRY(check_stream_is_none(arguments));
  const Words rest = Words(arguments.words).subspan(1);
  // A word before the message was meant as the message's ID.
  const std::string_view message = rest.size() == 2 && is_new_id(rest[0]) ? rest[1] : rest[0];
  if (looks_like_json(message)) {
    return fail(Failure::usage, quoted(message) + " is JSON, where FIELD=VALUE belongs", kHowJsonGoes);
  }
  if (!arguments.options.has("--id") && rest[0].find('=') == std::string_view::npos) {
    return fill_redis_add(arguments);
  }
  std::vector<FieldView> fields;
  fields.reserve(rest.size());
  for (const std::string_view& word : rest) {
    const std::size_t at = word.find('=');
    if (at == std::string_view::npos || looks_like_json(word)) {
      return fail(Failure::usage, quoted(word) + " is not of the form field=value",
                  word.starts_with("-") ? "options go before the first field=value; after it, and after --, all is data"
                  : looks_like_json(word) ? kHowJsonGoes
                                          : way_to_one_word(rest, static_cast<std::size_t>(&word - rest.data())));
    }
    fields.push_back({word.substr(0, at), word.substr(at + 1)});
  }
  WEIR_ASSIGN(Xadd request, command::make_xadd(arguments.words[0], arguments.options.text("--id").value_or("*"),
                                               Fields::from_views(fields), given_of(arguments)));
  return Request(std::move(request));
}

Result<Xadd> fill_append_model(const Arguments& arguments) {
  WEIR_TRY(check_none_is_empty(arguments));
  WEIR_TRY(check_stream_is_none(arguments));
  if (arguments.options.has("--id")) {
    return fail(Failure::usage, "--id is for one message given as field=value",
                "write: weir xadd STREAM --id ID field=value");
  }
  const std::string_view stream = arguments.words.empty() ? std::string_view() : arguments.words[0];
  return command::make_xadd(stream, "*", {}, given_of(arguments));
}

Result<Parsed> fill_range(const Arguments& arguments) {
  return fill_bounds(arguments, false);
}

Result<Parsed> fill_reverse_range(const Arguments& arguments) {
  return fill_bounds(arguments, true);
}

// Whether a keyword stands among the IDs.
bool removes_in_redis_words(const Arguments& arguments) {
  const auto places = arguments.command->places;
  const auto first = static_cast<std::size_t>(std::ranges::find(places, Named::id, &Place::named) - places.begin());
  const Words words = arguments.words;
  return std::ranges::any_of(words.subspan(std::min(first, words.size())), [&](std::string_view word) {
    return command::is_keyword(*arguments.command->redis, word);
  });
}

Result<Parsed> fill_delex(const Arguments& arguments) {
  constexpr std::size_t kWithId = 2;
  const Words words = arguments.words;
  const auto given = given_of(arguments);
  if (words.size() < kWithId || removes_in_redis_words(arguments)) {
    return parse_words(arguments, words, given);
  }
  WEIR_ASSIGN(Xdelex request, command::make_xdelex(words[0], words.subspan(1), given));
  return Request(std::move(request));
}

bool trims_in_redis_words(const Arguments& arguments) {
  return arguments.words.size() != 1;
}

Result<Parsed> fill_trim(const Arguments& arguments) {
  if (trims_in_redis_words(arguments)) {
    return parse_words(arguments, arguments.words, given_of(arguments));
  }
  auto given = given_of(arguments);
  std::string lowest;
  if (const auto age = arguments.options.time("--older-than")) {
    for (const char* other : {"--maxlen", "--minid", "--limit"}) {
      if (arguments.options.has(other)) {
        return fail(Failure::usage, std::string(other) + " does not go with --older-than");
      }
    }
    lowest = to_string(first_id_since(*age));
    given.push_back({"MINID", {lowest}, 1});
  }
  if (given.empty()) {
    return parse_words(arguments, arguments.words, given);  // there are too few words
  }
  WEIR_ASSIGN(Xtrim request, command::make_xtrim(arguments.words[0], given));
  return Request(std::move(request));
}

// Whether the words begin with a keyword, or an unknown word stands before STREAMS. Such a word must not be taken for
// the name of a stream.
bool reads_in_redis_words(const Arguments& arguments) {
  constexpr std::size_t kAfterStreams = 2;
  const Words words = arguments.words;
  const auto streams =
      std::find_if(words.begin(), words.end(), [](std::string_view word) { return same_word(word, "streams"); });
  return (!words.empty() && command::is_keyword(*arguments.command->redis, words[0])) ||
         static_cast<std::size_t>(words.end() - streams) > kAfterStreams;
}

Result<Parsed> fill_read(const Arguments& arguments) {
  if (arguments.words.empty()) {
    return fail(Failure::usage, "xread needs a STREAM");
  }
  WEIR_TRY(check_after_fits(arguments));
  const auto given = given_of(arguments);
  if (reads_in_redis_words(arguments)) {
    return parse_words(arguments, arguments.words, given);
  }
  WEIR_ASSIGN(Xread request,
              command::make_xread(arguments.words, arguments.options.text("--after").value_or("0"), given));
  return Request(std::move(request));
}

Result<Parsed> fill_group_read(const Arguments& arguments) {
  const Options& options = arguments.options;
  if (arguments.words.empty()) {
    return fail(Failure::usage, "xreadgroup needs a STREAM");
  }
  const bool redis = reads_in_redis_words(arguments);
  const auto group = options.text("--group");
  if (!group && !redis) {
    return fail(Failure::usage, "xreadgroup needs --group", "write: weir xreadgroup STREAM --group GROUP");
  }
  if (!group && options.has("--consumer")) {
    return fail(Failure::usage, "--consumer goes with --group");
  }
  if (options.has("--after") && options.has("--follow")) {
    return fail(Failure::usage, "--after does not go with --follow: what is held does not grow by itself");
  }
  WEIR_TRY(check_after_fits(arguments));
  const auto given = given_of(arguments);
  const std::string consumer = group ? consumer_name(options) : "";
  if (!redis) {
    return command::make_xreadgroup(arguments.words, *group, consumer, options.text("--after").value_or(">"), given);
  }
  std::vector<std::string_view> words = arguments.words;
  if (group) {
    words.insert(words.begin(), {"GROUP", *group, consumer});
  }
  return parse_words(arguments, words, given);
}

}  // namespace weir::cli
