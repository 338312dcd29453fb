// Consumer groups: XGROUP, XACK, XPENDING.
#include "cli/grammar.h"
#include "cli/grammar_words.h"
#include "util/words.h"

namespace weir::cli {

using namespace grammar;

namespace {

constexpr const char* kKeyMustExist =
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM "
    "option to create an empty stream automatically.";

Error key_must_exist() {
  return Error{Failure::refused, kKeyMustExist};
}

// The options after the ID of CREATE and SETID.
struct GroupOptions {
  bool make_stream = false;
  std::optional<std::uint64_t> entries_read;
};

Result<GroupOptions> parse_group_options(Words words, bool create) {
  constexpr std::size_t kLongest = 8;  // an option more than there are is one too many, even a repeated one
  if (words.size() > kLongest) {
    return subcommand_syntax_error(words);
  }
  GroupOptions options;
  for (std::size_t i = 5; i < words.size(); ++i) {
    if (create && same_word(words[i], "mkstream")) {
      options.make_stream = true;
    } else if (same_word(words[i], "entriesread") && i + 1 < words.size()) {
      WEIR_ASSIGN(const std::int64_t read, integer(words[++i]));
      if (read < -1) {
        return refuse("value for ENTRIESREAD must be positive or -1");
      }
      options.entries_read = read < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(read));
    } else {
      return subcommand_syntax_error(words);
    }
  }
  return options;
}

}  // namespace

Result<Parsed> parse_xgroup_create(Words words) {
  WEIR_ASSIGN(const GroupOptions options, parse_group_options(words, true));
  XgroupCreate request{words[2], words[3], {}, options.make_stream, options.entries_read, false};
  if (words[4] != "$") {
    const auto id = strict_id(words[4]);
    if (!id && !options.make_stream) {
      return Doubtful{{{Exists{{words[2]}}, key_must_exist()}}, id.error()};
    }
    WEIR_ASSIGN(request.start, id);
  }
  return Request(std::move(request));
}

Result<Parsed> parse_xgroup_setid(Words words) {
  WEIR_ASSIGN(const GroupOptions options, parse_group_options(words, false));
  XgroupSetid request{words[2], words[3], {}, options.entries_read};
  if (words[4] == "-" || words[4] == "+") {
    request.start = words[4] == "-" ? kMinId : kMaxId;
  } else if (words[4] != "$") {
    const auto id = strict_id(words[4]);
    if (!id) {
      const Error no_group{Failure::refused,
                           "NOGROUP No such consumer group '" + words[3] + "' for key name '" + words[2] + "'"};
      return Doubtful{{{Exists{{words[2]}}, key_must_exist()}, {XpendingSummary{words[2], words[3]}, no_group}},
                      id.error()};
    }
    request.start = *id;
  }
  return Request(std::move(request));
}

Result<Parsed> parse_xgroup_destroy(Words words) {
  return Request(XgroupDestroy{words[2], words[3]});
}

Result<Parsed> parse_xgroup_createconsumer(Words words) {
  return Request(XgroupCreateConsumer{words[2], words[3], words[4]});
}

Result<Parsed> parse_xgroup_delconsumer(Words words) {
  return Request(XgroupDelConsumer{words[2], words[3], words[4]});
}

Result<Parsed> parse_xack(Words words) {
  Xack request{words[1], words[2], {}, {}, false};
  request.ids.reserve(words.size() - 3);
  for (const std::string& word : words.subspan(3)) {
    const auto id = strict_id(word);
    if (!id) {
      return Doubtful{{{XpendingSummary{words[1], words[2]}, Reply(Count{0})}}, id.error()};
    }
    request.ids.push_back(*id);
  }
  return Request(std::move(request));
}

Result<Parsed> parse_xpending(Words words) {
  constexpr std::size_t kShortest = 6;
  constexpr std::size_t kLongest = 9;
  constexpr std::size_t kShortestWithIdle = 8;
  if (words.size() == 3) {
    return Request(XpendingSummary{words[1], words[2]});
  }
  if (words.size() < kShortest || words.size() > kLongest) {
    return syntax_error(words.size() > kLongest ? words[kLongest] : "");
  }
  Xpending request;
  request.stream = words[1];
  request.group = words[2];
  std::size_t at = 3;
  if (same_word(words[at], "idle")) {
    WEIR_ASSIGN(const std::int64_t idle, duration(words[at + 1]));
    if (words.size() < kShortestWithIdle) {
      return syntax_error();
    }
    request.min_idle = Millis(idle);
    at += 2;
  }
  WEIR_ASSIGN(const std::int64_t count, integer(words[at + 2]));
  request.count = count < 0 ? 0 : static_cast<std::uint64_t>(count);
  WEIR_ASSIGN(request.first, range_start(words[at]));
  WEIR_ASSIGN(request.last, range_end(words[at + 1]));
  if (words.size() > at + 3) {
    request.consumer = words[at + 3];
  }
  return Request(std::move(request));
}

}  // namespace weir::cli
