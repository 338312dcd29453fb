// The shell's forms of commands about groups.
#include <algorithm>
#include <array>

#include "cli/arguments/fill.h"
#include "cli/arguments/help.h"
#include "command/make.h"

namespace weir::cli {

namespace {

using command::Parsed;
using command::Words;

// A request in Redis's grammar, with the additions that only the shell can make.
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

// START END [COUNT [CONSUMER]] may stand beside options in the shell; Redis wants all of them, in this order.
Result<Parsed> fill_pending(const Arguments& arguments) {
  constexpr std::size_t kStreamAndGroup = 2;
  constexpr std::size_t kCount = 2;
  constexpr std::size_t kConsumer = 3;
  const auto idle = arguments.options.text("--idle");
  const auto count = arguments.options.text("--count");
  const auto consumer = arguments.options.text("--consumer");
  const Words words = arguments.words;
  const bool selects = std::ranges::any_of(std::array{"--since", "--until", "--last", "--where"},
                                           [&](const char* name) { return arguments.options.has(name); });
  if (words.size() < kStreamAndGroup || (!idle && !count && !consumer && !selects)) {
    return parse_words(arguments, words, {});
  }
  const Words rest = words.subspan(kStreamAndGroup);
  const bool redis_idle = !rest.empty() && command::is_keyword(*arguments.command->redis, rest[0]);
  if (redis_idle || (rest.size() > kCount && count) || (rest.size() > kConsumer && consumer)) {
    return fail(Failure::usage, "what an option says is said again in Redis's words", usage_of(arguments));
  }
  if (rest.size() == 1 || rest.size() > kConsumer + 1) {
    return parse_words(arguments, words, {});
  }
  const auto chosen = [&](const std::optional<std::string>& option, std::size_t at) {
    return option || rest.size() <= at ? std::optional<std::string_view>(option) : rest[at];
  };
  WEIR_ASSIGN(Xpending request, command::make_xpending(words[0], words[1], rest.first(std::min(rest.size(), kCount)),
                                                       {idle, chosen(count, kCount), chosen(consumer, kConsumer)}));
  return Request(std::move(request));
}

Result<Parsed> fill_ackdel(const Arguments& arguments) {
  constexpr std::size_t kWithId = 3;
  const Words words = arguments.words;
  const auto given = given_of(arguments);
  if (words.size() < kWithId || removes_in_redis_words(arguments)) {
    return parse_words(arguments, words, given);
  }
  WEIR_ASSIGN(Xackdel request, command::make_xackdel(words[0], words[1], words.subspan(2), given));
  return Request(std::move(request));
}

bool nacks_in_redis_words(const Arguments& arguments) {
  return arguments.words.size() > 2 && command::parse_blame(arguments.words[2]);
}

// Without Redis's words, the messages count as failed, which is the usual case.
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
  const Words words = arguments.words;
  if (words.size() != kWithoutStart) {
    return parse_words(arguments, words, given_of(arguments));
  }
  WEIR_ASSIGN(Xautoclaim request,
              command::make_xautoclaim(words[0], words[1], words[2], words[3], given_of(arguments)));
  return Request(std::move(request));
}

}  // namespace weir::cli
