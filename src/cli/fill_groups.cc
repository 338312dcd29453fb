// The shell's forms of commands on groups.
#include "cli/fill.h"
#include "command/make.h"

namespace weir::cli {

namespace {

using command::Parsed;
using command::Words;

// The request of Redis's grammar, and what only the shell can ask of it.
template <typename R, typename F>
Result<Parsed> amended(const Arguments& arguments, F&& amend) {
  auto parsed = parse_words(arguments, arguments.words, given_of(arguments));
  if (Request* request = parsed ? std::get_if<Request>(&*parsed) : nullptr) {
    amend(std::get<R>(*request));
  }
  return parsed;
}

}  // namespace

Result<Parsed> fill_group_create(const Arguments& arguments) {
  return amended<XgroupCreate>(arguments,
                               [&](XgroupCreate& create) { create.if_absent = arguments.options.has("--if-absent"); });
}

Result<Parsed> fill_ack(const Arguments& arguments) {
  return amended<Xack>(arguments, [&](Xack& ack) { ack.owner = arguments.options.text("--consumer"); });
}

// XPENDING knows most of its arguments by their place: the options go there.
Result<Parsed> fill_pending(const Arguments& arguments) {
  const Options& options = arguments.options;
  const auto idle = options.text("--idle");
  const auto count = options.text("--count");
  const auto consumer = options.text("--consumer");
  if (arguments.words.size() < 2 || (!idle && !count && !consumer)) {
    return parse_words(arguments, arguments.words, {});
  }
  std::vector<std::string_view> words{arguments.words[0], arguments.words[1]};
  const Words rest = Words(arguments.words).subspan(2);
  if (idle) {
    words.insert(words.end(), {"IDLE", *idle});
  }
  if (rest.empty()) {
    words.insert(words.end(), {"-", "+"});
  }
  words.insert(words.end(), rest.begin(), rest.end());
  if (rest.empty() || rest.size() == 2) {
    words.push_back(count ? std::string_view(*count) : "9223372036854775807");
  }
  if (consumer) {
    words.push_back(*consumer);
  }
  return parse_words(arguments, words, {});
}

bool nacks_in_redis_words(const Arguments& arguments) {
  return arguments.words.size() > 2 && command::parse_blame(arguments.words[2]);
}

// Without Redis's words it is the plain case: they failed.
Result<Parsed> fill_nack(const Arguments& arguments) {
  const Millis wait = arguments.options.time("--in").value_or(Millis(0));
  const bool too_few = arguments.words.size() < 3;
  if (too_few || nacks_in_redis_words(arguments)) {
    return amended<Xnack>(arguments, [&](Xnack& nack) { nack.wait = wait; });
  }
  const Words words = arguments.words;
  WEIR_ASSIGN(Xnack request, command::make_xnack(words[0], words[1], words.subspan(2), given_of(arguments)));
  request.wait = wait;
  return Request(std::move(request));
}

Result<Parsed> fill_autoclaim(const Arguments& arguments) {
  constexpr std::size_t kWithoutStart = 4;
  std::vector<std::string_view> words = arguments.words;
  if (words.size() == kWithoutStart) {
    words.emplace_back("0-0");
  }
  return parse_words(arguments, words, given_of(arguments));
}

}  // namespace weir::cli
