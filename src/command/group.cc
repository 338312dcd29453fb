// Consumer groups: XGROUP, XACK, XPENDING.
#include <limits>

#include "command/grammar_words.h"
#include "command/keywords.h"
#include "command/make.h"
#include "command/redis_command.h"
#include "stream/refusals.h"

namespace weir::command {

namespace {

constexpr const char* kKeyMustExist =
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM "
    "option to create an empty stream automatically.";

Error key_must_exist() {
  return Error{Failure::refused, kKeyMustExist};
}

// The keywords that may follow the ID of CREATE and SETID.
struct Draft {
  bool make_stream = false;
  std::optional<std::uint64_t> entries_read;
};

constexpr Keyword<Draft> kMkstream{"MKSTREAM", 0, set_flag<Draft, &Draft::make_stream>};
constexpr Keyword<Draft> kEntriesread{"ENTRIESREAD", 1, [](Draft& draft, Words following) -> Result<std::size_t> {
                                        WEIR_ASSIGN(const std::int64_t read, integer(following[0]));
                                        if (read < -1) {
                                          return refuse("value for ENTRIESREAD must be positive or -1");
                                        }
                                        draft.entries_read =
                                            read < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(read));
                                        return 1;
                                      }};
constexpr std::array kCreateKeywords{kMkstream, kEntriesread};
constexpr std::array kSetidKeywords{kEntriesread};

template <std::size_t N>
Result<Draft> parse_options(const std::array<Keyword<Draft>, N>& keywords, const Line& line) {
  Draft draft;
  WEIR_TRY(take_all(keywords, draft, line.words.subspan(5), line.given,
                    [&](std::string_view) { return subcommand_syntax_error(line.words); }));
  constexpr std::size_t kLongest = 8;  // with more words than all options have, one is too many even if it is repeated
  if (line.words.size() > kLongest) {
    return subcommand_syntax_error(line.words);
  }
  return draft;
}

Result<Parsed> parse_create(const Line& line) {
  const Words words = line.words;
  WEIR_ASSIGN(const Draft draft, parse_options(kCreateKeywords, line));
  XgroupCreate request{std::string(words[2]), std::string(words[3]), {}, draft.make_stream, draft.entries_read, false};
  if (words[4] != "$") {
    const auto id = strict_id(words[4]);
    if (!id && !draft.make_stream) {
      return Doubtful{{{Exists{{request.stream}}, key_must_exist()}}, id.error()};
    }
    WEIR_ASSIGN(request.start, id);
  }
  return Request(std::move(request));
}

Result<Parsed> parse_setid(const Line& line) {
  const Words words = line.words;
  WEIR_ASSIGN(const Draft draft, parse_options(kSetidKeywords, line));
  XgroupSetid request{std::string(words[2]), std::string(words[3]), {}, draft.entries_read};
  if (words[4] == "-" || words[4] == "+") {
    request.start = words[4] == "-" ? kMinId : kMaxId;
  } else if (words[4] != "$") {
    const auto id = strict_id(words[4]);
    if (!id) {
      const Error no_group{Failure::refused, no_group_for_key(request.stream, request.group)};
      return Doubtful{
          {{Exists{{request.stream}}, key_must_exist()}, {XpendingSummary{request.stream, request.group}, no_group}},
          id.error()};
    }
    request.start = *id;
  }
  return Request(std::move(request));
}

Result<Parsed> parse_destroy(const Line& line) {
  return Request(XgroupDestroy{std::string(line.words[2]), std::string(line.words[3])});
}

Result<Parsed> parse_createconsumer(const Line& line) {
  return Request(
      XgroupCreateConsumer{std::string(line.words[2]), std::string(line.words[3]), std::string(line.words[4])});
}

Result<Parsed> parse_delconsumer(const Line& line) {
  return Request(XgroupDelConsumer{std::string(line.words[2]), std::string(line.words[3]), std::string(line.words[4])});
}

Result<Parsed> parse_help(const Line&) {
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

Result<Parsed> parse_xack(const Line& line) {
  Xack request{std::string(line.words[1]), std::string(line.words[2]), {}, {}, false};
  request.ids.reserve(line.words.size() - 3);
  for (const std::string_view word : line.words.subspan(3)) {
    const auto id = strict_id(word);
    if (!id) {
      return Doubtful{{{XpendingSummary{request.stream, request.group}, Reply(Count{0})}}, id.error()};
    }
    request.ids.push_back(*id);
  }
  return Request(std::move(request));
}

Result<void> set_min_idle(Xpending& request, std::string_view word) {
  WEIR_ASSIGN(const std::int64_t idle, duration(word));
  request.min_idle = Millis(idle);
  return {};
}

Result<void> set_pending_count(Xpending& request, std::string_view word) {
  WEIR_ASSIGN(const std::int64_t count, integer(word));
  request.count = count < 0 ? 0 : static_cast<std::uint64_t>(count);
  return {};
}

Result<void> set_bounds(Xpending& request, Words bounds) {
  WEIR_ASSIGN(request.first, range_start(bounds[0]));
  WEIR_ASSIGN(request.last, range_end(bounds[1]));
  return {};
}

Result<Parsed> parse_xpending(const Line& line) {
  constexpr std::size_t kShortest = 6;
  constexpr std::size_t kLongest = 9;
  constexpr std::size_t kShortestWithIdle = 8;
  const Words words = line.words;
  if (words.size() == 3) {
    return Request(XpendingSummary{std::string(words[1]), std::string(words[2])});
  }
  if (words.size() < kShortest || words.size() > kLongest) {
    return syntax_error(words.size() > kLongest ? words[kLongest] : "");
  }
  Xpending request;
  request.stream = words[1];
  request.group = words[2];
  std::size_t at = 3;
  if (same_word(words[at], "idle")) {
    WEIR_TRY(set_min_idle(request, words[at + 1]));
    if (words.size() < kShortestWithIdle) {
      return syntax_error();
    }
    at += 2;
  }
  WEIR_TRY(set_pending_count(request, words[at + 2]));
  WEIR_TRY(set_bounds(request, words.subspan(at, 2)));
  if (words.size() > at + 3) {
    request.consumer = words[at + 3];
  }
  return Request(std::move(request));
}

constexpr auto kCreateShapes = shapes_of(kCreateKeywords);
constexpr auto kSetidShapes = shapes_of(kSetidKeywords);
constexpr std::array kPendingShapes{KeywordShape{"IDLE", 1}};

}  // namespace

constinit const RedisCommand rows::xgroup_create{"xgroup|create", -5, Effect::writes, parse_create, kCreateShapes};
constinit const RedisCommand rows::xgroup_setid{"xgroup|setid", -5, Effect::writes, parse_setid, kSetidShapes};
constinit const RedisCommand rows::xgroup_destroy{"xgroup|destroy", 4, Effect::writes, parse_destroy};
constinit const RedisCommand rows::xgroup_createconsumer{"xgroup|createconsumer", 5, Effect::writes,
                                                         parse_createconsumer};
constinit const RedisCommand rows::xgroup_delconsumer{"xgroup|delconsumer", 5, Effect::writes, parse_delconsumer};
constinit const RedisCommand rows::xgroup_help{"xgroup|help", 2, Effect::none, parse_help, {}, NamedStreams::none};
constinit const RedisCommand rows::xack{"xack", -4, Effect::writes, parse_xack};
constinit const RedisCommand rows::xpending{"xpending", -3, Effect::looks, parse_xpending, kPendingShapes};

Result<Xpending> make_xpending(std::string_view stream, std::string_view group, Words bounds,
                               const PendingFilter& filter) {
  Xpending request;
  request.stream = stream;
  request.group = group;
  request.count = std::numeric_limits<std::uint64_t>::max();
  if (filter.idle) {
    WEIR_TRY(set_min_idle(request, *filter.idle));
  }
  if (filter.count) {
    WEIR_TRY(set_pending_count(request, *filter.count));
  }
  if (!bounds.empty()) {
    WEIR_TRY(set_bounds(request, bounds));
  }
  if (filter.consumer) {
    request.consumer = *filter.consumer;
  }
  return request;
}

}  // namespace weir::command
