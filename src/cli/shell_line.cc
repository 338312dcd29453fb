#include "cli/shell_line.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "cli/help.h"
#include "stream/id.h"
#include "util/words.h"

namespace weir::cli {

namespace {

using Line = std::vector<std::string>;

void add(Line& line, Argv words) {
  line.insert(line.end(), words.begin(), words.end());
}

// The options that stand for keywords of Redis's, as Redis would have them.
Line keywords(const Options& options) {
  Line line;
  for (const auto& [option, value] : options.all()) {
    if (option->keyword.empty() || option->keyword == "ID" || option->keyword == "CONSUMER") {
      continue;
    }
    line.emplace_back(option->keyword);
    if (option->argument.empty()) {
      continue;
    }
    // MAXLEN and MINID take `~1000` in one word.
    const bool strategy = option->keyword == "MAXLEN" || option->keyword == "MINID";
    if (strategy && value.size() > 1 && (value[0] == '~' || value[0] == '=')) {
      line.push_back(value.substr(0, 1));
      line.push_back(value.substr(1));
    } else {
      line.push_back(value);
    }
  }
  return line;
}

Line name_and(const Arguments& arguments, const Line& words) {
  Line line{upper(redis_first_name(*arguments.command))};
  if (arguments.name.size() > 1) {
    line.push_back(arguments.name[1]);
  }
  add(line, words);
  return line;
}

// Redis's line with the keywords at its end, where most commands have them.
Line plain(const Arguments& arguments) {
  Line line = name_and(arguments, arguments.words);
  add(line, keywords(arguments.options));
  return line;
}

Line with_stream_first(const Arguments& arguments, Argv rest) {
  Line line = name_and(arguments, {arguments.words.empty() ? kStreamOfEachLine : arguments.words[0]});
  add(line, keywords(arguments.options));
  add(line, rest);
  return line;
}

bool is_new_id(const std::string& word) {
  return word == "*" || parse_id(word) || (word.ends_with("-*") && parse_part(word.substr(0, word.size() - 2)));
}

bool is_add_keyword(const std::string& word) {
  constexpr std::array<std::string_view, 4> kKeywords{"maxlen", "minid", "limit", "nomkstream"};
  return std::any_of(kKeywords.begin(), kKeywords.end(), [&](std::string_view k) { return same_word(word, k); });
}

bool is_file(const std::string& word) {
  return ::access(word.c_str(), F_OK) == 0;
}

constexpr const char* kHowJsonGoes = R"(JSON goes on standard input: echo '{"to":"ann"}' | weir xadd STREAM)";

// Whether it can only be meant as JSON: no field is named so, and a stream with a tag for a cluster is {tag}.
bool looks_like_json(std::string_view word) {
  const std::size_t quote = word.find_first_not_of(" \t\n", 1);
  return word.starts_with('{') && word.ends_with('}') && (word.size() == 2 || word[quote] == '"');
}

// A message whose stream was forgotten: what stands in its place is the message.
Result<void> check_stream_is_none(const Arguments& arguments) {
  if (arguments.words.empty()) {
    return {};
  }
  const std::string& first = arguments.words[0];
  if (looks_like_json(first)) {
    return fail(Failure::usage, "the stream is missing: '" + first + "' is JSON", kHowJsonGoes);
  }
  // As Redis writes it, with an ID, a stream may have any name.
  const bool shell_form = arguments.words.size() == 1 || arguments.words[1].find('=') != std::string::npos;
  if (first.find('=') != std::string::npos && shell_form) {
    return fail(
        Failure::usage, "the stream is missing: '" + first + "' is a field=value",
        "write: weir xadd STREAM FIELD=VALUE ...; to a stream of that name: weir xadd NAME '*' FIELD VALUE ...");
  }
  return {};
}

Result<ShellLine> translate_xadd(const Arguments& arguments) {
  WEIR_TRY(check_stream_is_none(arguments));
  const auto id = arguments.options.get("--id");
  if (arguments.words.size() < 2) {
    if (id) {
      return fail(Failure::usage, "--id is for one message given as field=value",
                  "write: weir xadd STREAM --id ID field=value");
    }
    const Line any{"*", "field", "value"};
    return ShellLine{Form::append, with_stream_first(arguments, any)};
  }
  const Argv rest = Argv(arguments.words).subspan(1);
  // An ID before it was meant for the message.
  if (const std::string& last = rest.back();
      rest.size() <= 2 && looks_like_json(last) && (rest.size() == 1 || is_new_id(rest[0]))) {
    return fail(Failure::usage, "'" + last + "' is JSON, where FIELD=VALUE belongs", kHowJsonGoes);
  }
  const bool pairs = rest[0].find('=') != std::string::npos;
  if (!id && !pairs) {
    // As an ID it is wrong, or what follows it does not go in pairs.
    const bool wrong = !is_new_id(rest[0]) || rest.size() % 2 == 0;
    if (wrong && !is_add_keyword(rest[0]) && is_file(rest[0])) {
      return fail(Failure::usage, "'" + rest[0] + "' stands where the ID should, and is the name of a file",
                  "the shell seems to have expanded an unquoted *; write '*'");
    }
    return ShellLine{Form::request, with_stream_first(arguments, rest)};
  }
  Line fields{id.value_or("*")};
  for (const std::string& word : rest) {
    const std::size_t at = word.find('=');
    if (at == std::string::npos || looks_like_json(word)) {
      return fail(Failure::usage, "'" + word + "' is not of the form field=value",
                  word.starts_with("-") ? "options go before the first field=value; after it, and after --, all is data"
                  : looks_like_json(word) ? kHowJsonGoes
                                          : "");
    }
    fields.push_back(word.substr(0, at));
    fields.push_back(word.substr(at + 1));
  }
  return ShellLine{Form::request, with_stream_first(arguments, fields)};
}

ShellLine translate_range(const Arguments& arguments) {
  Arguments full = arguments;
  const bool reverse = arguments.command->name == "xrevrange";
  if (full.words.size() == 1) {
    full.words.emplace_back(reverse ? "+" : "-");
  }
  if (full.words.size() == 2) {
    full.words.emplace_back(reverse ? "-" : "+");
  }
  return {Form::request, plain(full)};
}

// Whether it is in Redis's words: they begin with a keyword, or something unknown stands before STREAMS, which must
// not be read as the name of a stream.
bool in_redis_words(Argv words) {
  constexpr std::size_t kBehindStreams = 2;
  const auto streams =
      std::find_if(words.begin(), words.end(), [](const std::string& word) { return same_word(word, "streams"); });
  return is_read_keyword(words[0]) || static_cast<std::size_t>(words.end() - streams) > kBehindStreams;
}

// Whether it can only be meant as the place to read from: no stream has such a name but on purpose.
bool is_place(const std::string& word) {
  constexpr std::uint64_t kAClock = 100'000'000'000;  // 2024-01 may well be a stream
  const auto id = parse_id(word);
  return word == "$" || word == ">" || word == "+" || (id && id->ms >= kAClock && word.find('-') != std::string::npos);
}

// Appends `STREAMS a b ID ID`, each stream with the same ID, or Redis's own words.
Result<ShellLine> finish_read(const Arguments& arguments, Line line, const std::string& start) {
  add(line, keywords(arguments.options));
  const bool redis = in_redis_words(arguments.words);
  if (redis && arguments.options.has("--after")) {
    return fail(Failure::usage, "--after does not go with STREAMS, whose IDs say where to read",
                "write: weir " + std::string(arguments.command->name) + " STREAM... --after ID");
  }
  if (!redis) {
    const auto place = std::find_if(arguments.words.begin(), arguments.words.end(), is_place);
    if (place != arguments.words.end()) {
      return fail(Failure::usage, "'" + *place + "' is a place to read from, where a stream belongs",
                  "write: weir " + std::string(arguments.command->name) +
                      " STREAM... --after ID; or STREAMS before them, as in Redis");
    }
    line.emplace_back("STREAMS");
  }
  add(line, arguments.words);
  if (!redis) {
    line.insert(line.end(), arguments.words.size(), start);
  }
  return ShellLine{Form::request, line};
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::string consumer_name(const Options& options) {
  const char* variable = std::getenv("WEIR_CONSUMER");
  const std::string standard = variable != nullptr && *variable != '\0' ? variable : host_name();
  return options.get("--consumer").value_or(standard);
}

Result<ShellLine> translate_xread(const Arguments& arguments) {
  if (arguments.words.empty()) {
    return fail(Failure::usage, "xread needs a STREAM");
  }
  return finish_read(arguments, {"XREAD"}, arguments.options.get("--after").value_or("0"));
}

Result<ShellLine> translate_xreadgroup(const Arguments& arguments) {
  if (arguments.words.empty()) {
    return fail(Failure::usage, "xreadgroup needs a STREAM");
  }
  Line line{"XREADGROUP"};
  const auto group = arguments.options.get("--group");
  if (group) {
    line.insert(line.end(), {"GROUP", *group, consumer_name(arguments.options)});
  } else if (!in_redis_words(arguments.words)) {
    return fail(Failure::usage, "xreadgroup needs --group", "write: weir xreadgroup STREAM --group GROUP");
  } else if (arguments.options.has("--consumer")) {
    return fail(Failure::usage, "--consumer goes with --group");
  }
  if (arguments.options.has("--after") && arguments.options.has("--follow")) {
    return fail(Failure::usage, "--after does not go with --follow: what is held does not grow by itself");
  }
  return finish_read(arguments, std::move(line), arguments.options.get("--after").value_or(">"));
}

ShellLine translate_pending(const Arguments& arguments) {
  const Options& options = arguments.options;
  const auto idle = options.get("--idle");
  const auto count = options.get("--count");
  const auto consumer = options.get("--consumer");
  if (arguments.words.size() < 2 || (!idle && !count && !consumer)) {
    return {Form::request, name_and(arguments, arguments.words)};
  }
  const Argv rest = Argv(arguments.words).subspan(2);
  Line line = name_and(arguments, {arguments.words[0], arguments.words[1]});
  if (idle) {
    line.insert(line.end(), {"IDLE", *idle});
  }
  if (rest.empty()) {
    line.insert(line.end(), {"-", "+"});
  }
  add(line, rest);
  if (rest.empty() || rest.size() == 2) {
    line.push_back(count.value_or("9223372036854775807"));
  }
  if (consumer) {
    line.push_back(*consumer);
  }
  return {Form::request, line};
}

// Without Redis's words it is the plain case: they failed.
ShellLine translate_nack(const Arguments& arguments) {
  constexpr std::array<std::string_view, 3> kBlames{"silent", "fail", "fatal"};
  const auto& words = arguments.words;
  const bool redis = words.size() < 3 || std::any_of(kBlames.begin(), kBlames.end(), [&](std::string_view blame) {
                       return same_word(words[2], blame);
                     });
  if (redis) {
    return {Form::request, plain(arguments)};
  }
  const Argv ids = Argv(words).subspan(2);
  Line line = name_and(arguments, {words[0], words[1], "FAIL", "IDS", std::to_string(ids.size())});
  add(line, ids);
  add(line, keywords(arguments.options));
  return {Form::request, line};
}

ShellLine translate_autoclaim(const Arguments& arguments) {
  constexpr std::size_t kWithoutStart = 4;
  Arguments full = arguments;
  const bool walk = full.words.size() == kWithoutStart;
  if (walk) {
    full.words.emplace_back("0-0");
  }
  return {walk ? Form::walk : Form::request, plain(full)};
}

ShellLine translate_info_stream(const Arguments& arguments) {
  Line line = name_and(arguments, arguments.words);
  const auto count = arguments.options.get("--count");
  if (arguments.options.has("--full") || count) {
    line.emplace_back("FULL");
  }
  if (count) {
    line.insert(line.end(), {"COUNT", *count});
  }
  return {Form::request, line};
}

Result<ShellLine> translate_ls(const Arguments& arguments) {
  if (arguments.words.size() > 1) {
    return fail(Failure::usage, "ls takes one GLOB",
                is_file(arguments.words[0]) ? "the shell seems to have expanded it; put it in quotes" : "");
  }
  return ShellLine{Form::list, {"KEYS", arguments.words.empty() ? "*" : arguments.words[0]}};
}

// How many of the words are names or IDs: what follows is data.
std::size_t named_words(const Arguments& arguments) {
  const std::string_view name = arguments.command->name;
  const bool takes_data = name == "help" || name == "batch" || name == "echo" || name == "ping";
  if (takes_data || arguments.words.empty()) {
    return 0;
  }
  return name == "xadd" ? 1 : arguments.words.size();
}

// The names of streams, groups and consumers can be empty in Redis. In a shell that is a variable that is not set.
Result<void> check_none_is_empty(const Arguments& arguments) {
  const auto& words = arguments.words;
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(named_words(arguments));
  const auto empty = std::find(words.begin(), end, "");
  if (empty == end) {
    return {};
  }
  if (empty == words.begin()) {
    return fail(Failure::usage, "the name of the stream is empty");
  }
  return fail(Failure::usage, "an argument is empty: the one after '" + *(empty - 1) + "'", usage_of(arguments));
}

}  // namespace

Result<ShellLine> translate(const Arguments& arguments) {
  const std::string_view name = arguments.command->name;
  const std::size_t words = arguments.words.size();
  WEIR_TRY(check_none_is_empty(arguments));
  if (name == "xadd") {
    return translate_xadd(arguments);
  }
  if (name == "xrange" || name == "xrevrange") {
    return translate_range(arguments);
  }
  if (name == "xread") {
    return translate_xread(arguments);
  }
  if (name == "xreadgroup") {
    return translate_xreadgroup(arguments);
  }
  if (name == "xtrim") {
    return ShellLine{Form::request,
                     words == 0 ? plain(arguments) : with_stream_first(arguments, Argv(arguments.words).subspan(1))};
  }
  if ((name == "xdel" && words == 1) || (name == "ack" && words == 2)) {
    return ShellLine{Form::identifiers, name_and(arguments, arguments.words)};
  }
  if (name == "pending") {
    return translate_pending(arguments);
  }
  if (name == "nack") {
    return translate_nack(arguments);
  }
  if (name == "autoclaim") {
    return translate_autoclaim(arguments);
  }
  if (name == "info stream") {
    return translate_info_stream(arguments);
  }
  if (name == "ls") {
    return translate_ls(arguments);
  }
  if (name == "batch" || name == "help") {
    return ShellLine{name == "batch" ? Form::batch : Form::help, arguments.words};
  }
  return ShellLine{Form::request, plain(arguments)};
}

}  // namespace weir::cli
