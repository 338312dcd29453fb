// XINFO: shows facts about a stream.
#include "command/grammar_words.h"
#include "command/keywords.h"
#include "command/redis_command.h"

namespace weir::command {

namespace {

struct Draft {
  bool full = false;
  std::optional<std::int64_t> count;
};

constexpr std::array kStreamKeywords{
    Keyword<Draft>{"FULL", 0, set_flag<Draft, &Draft::full>},
    Keyword<Draft>{"COUNT", 1,
                   [](Draft& draft, Words following) -> Result<std::size_t> {
                     WEIR_ASSIGN(draft.count, integer(following[0]));
                     return 1;
                   }},
};

// Reads FULL, then COUNT; Redis accepts no other order.
Result<Draft> parse_options(const Line& line) {
  const Words options = line.words.subspan(3);
  const bool counts = options.size() == 3 && same_word(options[1], "count");
  if (!options.empty() && ((options.size() != 1 && !counts) || !same_word(options[0], "full"))) {
    return subcommand_syntax_error(line.words);
  }
  Draft draft;
  WEIR_TRY(take_all(kStreamKeywords, draft, options, line.given, syntax_error));
  return draft;
}

Result<Parsed> parse_stream(const Line& line) {
  const std::string stream(line.words[2]);
  const auto draft = parse_options(line);
  if (!draft) {
    return Doubtful{{{Exists{{stream}}, Error{Failure::refused, "ERR no such key"}}}, draft.error()};
  }
  // A COUNT that is given apart implies FULL.
  if (!draft->full && !draft->count) {
    return Request(XinfoStream{stream});
  }
  XinfoStreamFull request{stream};
  if (draft->count.value_or(-1) >= 0) {
    request.count = static_cast<std::uint64_t>(*draft->count);
  }
  return Request(std::move(request));
}

Result<Parsed> parse_groups(const Line& line) {
  return Request(XinfoGroups{std::string(line.words[2])});
}
Result<Parsed> parse_consumers(const Line& line) {
  return Request(XinfoConsumers{std::string(line.words[2]), std::string(line.words[3])});
}

Result<Parsed> parse_help(const Line&) {
  return Reply(HelpText{{"XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
                         "CONSUMERS <key> <groupname>", "    Show consumers of <groupname>.", "GROUPS <key>",
                         "    Show the stream consumer groups.", "STREAM <key> [FULL [COUNT <count>]",
                         "    Show information about the stream.", "HELP", "    Prints this help."}});
}

constexpr auto kStreamShapes = shapes_of(kStreamKeywords);

}  // namespace

constinit const RedisCommand rows::xinfo_stream{"xinfo|stream", -3, Effect::looks, parse_stream, kStreamShapes};
constinit const RedisCommand rows::xinfo_groups{"xinfo|groups", 3, Effect::looks, parse_groups};
constinit const RedisCommand rows::xinfo_consumers{"xinfo|consumers", 4, Effect::looks, parse_consumers};
constinit const RedisCommand rows::xinfo_help{"xinfo|help", 2, Effect::none, parse_help, {}, NamedStreams::none};

}  // namespace weir::command
