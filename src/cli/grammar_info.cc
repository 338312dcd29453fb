// XINFO, whole streams, and what needs no store at all.
#include "cli/grammar.h"
#include "cli/grammar_words.h"
#include "util/words.h"

namespace weir::cli {

using namespace grammar;

namespace {

Parsed no_such_key_or(const std::string& stream, Error error) {
  return Doubtful{{{Exists{{stream}}, Error{Failure::refused, "ERR no such key"}}}, std::move(error)};
}

std::vector<std::string> names(Words words) {
  return {words.begin(), words.end()};
}

}  // namespace

Result<Parsed> parse_xinfo_stream(Words words) {
  constexpr std::int64_t kDefaultCount = 10;
  const Words options = words.subspan(3);
  if (options.empty()) {
    return Request(XinfoStream{words[2]});
  }
  if ((options.size() != 1 && options.size() != 3) || !same_word(options[0], "full") ||
      (options.size() == 3 && !same_word(options[1], "count"))) {
    return no_such_key_or(words[2], subcommand_syntax_error(words).value());
  }
  std::int64_t count = kDefaultCount;
  if (options.size() == 3) {
    const auto given = integer(options[2]);
    if (!given) {
      return no_such_key_or(words[2], given.error());
    }
    count = *given < 0 ? kDefaultCount : *given;
  }
  return Request(XinfoStreamFull{words[2], static_cast<std::uint64_t>(count)});
}

Result<Parsed> parse_xinfo_groups(Words words) {
  return Request(XinfoGroups{words[2]});
}
Result<Parsed> parse_xinfo_consumers(Words words) {
  return Request(XinfoConsumers{words[2], words[3]});
}

Result<Parsed> parse_xinfo_help(Words) {
  return Reply(HelpText{{"XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
                         "CONSUMERS <key> <groupname>", "    Show consumers of <groupname>.", "GROUPS <key>",
                         "    Show the stream consumer groups.", "STREAM <key> [FULL [COUNT <count>]",
                         "    Show information about the stream.", "HELP", "    Prints this help."}});
}

Result<Parsed> parse_xgroup_help(Words) {
  return Reply(HelpText{
      {"XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", "CREATE <key> <groupname> <id|$> [option]",
       "    Create a new consumer group. Options are:", "    * MKSTREAM",
       "      Create the empty stream if it does not exist.", "    * ENTRIESREAD entries_read",
       "      Set the group's entries_read counter (internal use).", "CREATECONSUMER <key> <groupname> <consumer>",
       "    Create a new consumer in the specified group.", "DELCONSUMER <key> <groupname> <consumer>",
       "    Remove the specified consumer.", "DESTROY <key> <groupname>", "    Remove the specified group.",
       "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
       "    Set the current group ID and entries_read counter.", "HELP", "    Prints this help."}});
}

Result<Parsed> parse_del(Words words) {
  return Request(Del{names(words.subspan(1))});
}
Result<Parsed> parse_exists(Words words) {
  return Request(Exists{names(words.subspan(1))});
}
Result<Parsed> parse_rename(Words words) {
  return Request(Rename{words[1], words[2]});
}
Result<Parsed> parse_type(Words words) {
  return Request(Type{words[1]});
}
Result<Parsed> parse_keys(Words words) {
  return Request(Keys{words[1]});
}

Result<Parsed> parse_flushall(Words words) {
  const bool good =
      words.size() == 1 || (words.size() == 2 && (same_word(words[1], "async") || same_word(words[1], "sync")));
  if (!good) {
    return syntax_error(words[1]);
  }
  return Request(Flushall{});
}

Result<Parsed> parse_ping(Words words) {
  if (words.size() > 2) {
    return wrong_arity("ping");
  }
  return words.size() == 2 ? Reply(Text{words[1]}) : Reply(Status{"PONG"});
}

Result<Parsed> parse_echo(Words words) {
  return Reply(Text{words[1]});
}
Result<Parsed> parse_multi(Words) {
  return Control::multi;
}
Result<Parsed> parse_exec(Words) {
  return Control::exec;
}
Result<Parsed> parse_discard(Words) {
  return Control::discard;
}

}  // namespace weir::cli
