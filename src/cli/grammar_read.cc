// Reading: ranges, XREAD and XREADGROUP.
#include "cli/grammar.h"
#include "cli/grammar_words.h"
#include "util/words.h"

namespace weir::cli {

using namespace grammar;

namespace {

Result<Parsed> parse_range(Words words, bool reverse) {
  Xrange request;
  request.stream = words[1];
  request.reverse = reverse;
  WEIR_ASSIGN(request.first, range_start(words[reverse ? 3 : 2]));
  WEIR_ASSIGN(request.last, range_end(words[reverse ? 2 : 3]));
  for (std::size_t i = 4; i < words.size(); i += 2) {
    if (!same_word(words[i], "count") || i + 1 == words.size()) {
      return syntax_error(words[i]);
    }
    WEIR_ASSIGN(const std::int64_t count, integer(words[i + 1]));
    request.count = count < 0 ? 0 : static_cast<std::uint64_t>(count);
  }
  return Request(std::move(request));
}

// The options of XREAD and XREADGROUP, up to the keys and IDs.
struct ReadOptions {
  std::optional<std::uint64_t> count;
  std::optional<Millis> block;
  std::optional<std::string> group;
  std::string consumer;
  bool noack = false;
  Words streams;
  Words ids;
};

tl::unexpected<Error> only_in_xreadgroup(const char* option) {
  return refuse("The " + std::string(option) + " option is only supported by XREADGROUP. You called XREAD instead.");
}

Result<Millis> parse_timeout(const std::string& word) {
  WEIR_ASSIGN(const std::int64_t timeout, duration(word, "timeout is not an integer or out of range"));
  if (timeout < 0) {
    return refuse("timeout is negative");
  }
  return Millis(timeout);
}

tl::unexpected<Error> unbalanced(bool group) {
  return refuse(group
                    ? "Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."
                    : "Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.");
}

Result<ReadOptions> parse_read_options(Words words, bool group) {
  ReadOptions options;
  bool streams = false;
  for (std::size_t i = 1; i < words.size() && !streams; ++i) {
    const std::size_t more = words.size() - 1 - i;
    if (same_word(words[i], "block") && more > 0) {
      WEIR_ASSIGN(options.block, parse_timeout(words[++i]));
    } else if (same_word(words[i], "count") && more > 0) {
      WEIR_ASSIGN(const std::int64_t count, integer(words[++i]));
      options.count = count > 0 ? std::optional(static_cast<std::uint64_t>(count)) : std::nullopt;
    } else if (same_word(words[i], "streams") && more > 0) {
      if (more % 2 != 0) {
        return unbalanced(group);
      }
      streams = true;
      options.streams = words.subspan(i + 1, more / 2);
      options.ids = words.subspan(i + 1 + more / 2);
    } else if (same_word(words[i], "group") && more > 1) {
      if (!group) {
        return only_in_xreadgroup("GROUP");
      }
      options.group = words[++i];
      options.consumer = words[++i];
    } else if (same_word(words[i], "noack")) {
      if (!group) {
        return only_in_xreadgroup("NOACK");
      }
      options.noack = true;
    } else {
      return syntax_error(words[i]);
    }
  }
  if (!streams) {
    return syntax_error();
  }
  if (group && !options.group) {
    return refuse("Missing GROUP option for XREADGROUP");
  }
  return options;
}

Result<Xread::From> parse_from(const std::string& word) {
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

Result<std::optional<Id>> parse_history(const std::string& word) {
  if (word == ">") {
    return std::nullopt;
  }
  if (word == "$" || word == "+") {
    const std::string id = "The " + word + " ID ";
    return refuse(id +
                  "is meaningless in the context of XREADGROUP: you want to read the history of this consumer by "
                  "specifying a proper ID, or use the > ID to get new messages. " +
                  id + "would just return an empty result set.");
  }
  WEIR_ASSIGN(const Id id, strict_id(word));
  // To Redis the highest ID and `>` are the same.
  return id == kMaxId ? std::nullopt : std::optional(id);
}

}  // namespace

Result<Parsed> parse_xrange(Words words) {
  return parse_range(words, false);
}
Result<Parsed> parse_xrevrange(Words words) {
  return parse_range(words, true);
}

Result<Parsed> parse_xread(Words words) {
  WEIR_ASSIGN(const ReadOptions options, parse_read_options(words, false));
  Xread request{{}, options.count, options.block};
  for (std::size_t i = 0; i < options.ids.size(); ++i) {
    WEIR_ASSIGN(const Xread::From from, parse_from(options.ids[i]));
    request.sources.push_back({options.streams[i], from});
  }
  return Request(std::move(request));
}

Result<Parsed> parse_xreadgroup(Words words) {
  WEIR_ASSIGN(const ReadOptions options, parse_read_options(words, true));
  Xreadgroup request{*options.group, options.consumer, {}, options.count, options.block, options.noack};
  for (std::size_t i = 0; i < options.ids.size(); ++i) {
    const auto history = parse_history(options.ids[i]);
    if (!history) {
      // Stream by stream: the groups up to this one are looked for first.
      Doubtful doubtful{{}, history.error()};
      for (const std::string& stream : options.streams.first(i + 1)) {
        doubtful.looks.push_back(
            {XpendingSummary{stream, *options.group},
             Error{Failure::refused, nogroup(stream, *options.group) + " in XREADGROUP with GROUP option"}});
      }
      return doubtful;
    }
    request.sources.push_back({options.streams[i], *history});
  }
  return Request(std::move(request));
}

}  // namespace weir::cli
