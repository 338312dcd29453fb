// XCLAIM, XAUTOCLAIM and XNACK.
#include <chrono>
#include <limits>

#include "cli/grammar.h"
#include "cli/grammar_words.h"
#include "util/words.h"

namespace weir::cli {

using namespace grammar;

namespace {

std::int64_t now_ms() {
  return std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The duration, never negative.
Result<Millis> parse_min_idle(const std::string& word, const char* command) {
  WEIR_ASSIGN(const std::int64_t idle, duration(word, "Invalid min-idle-time argument for " + std::string(command)));
  return Millis(idle < 0 ? 0 : idle);
}

// IDLE and TIME, as one point in time. What makes no sense is now.
std::optional<UnixMs> sane_time(std::int64_t time, std::int64_t now) {
  if (time < 0 || time > now) {
    return std::nullopt;
  }
  return UnixMs(time);
}

Result<Xclaim> parse_claim_options(Words words, std::size_t at, Xclaim request) {
  const std::int64_t now = now_ms();
  const auto invalid = [](const char* option) {
    return "Invalid " + std::string(option) + " option argument for XCLAIM";
  };
  for (; at < words.size(); ++at) {
    const bool more = at + 1 < words.size();
    const std::string& option = words[at];
    if (same_word(option, "force")) {
      request.force = true;
    } else if (same_word(option, "justid")) {
      request.just_id = true;
    } else if (same_word(option, "idle") && more) {
      WEIR_ASSIGN(const std::int64_t idle, duration(words[++at], invalid("IDLE")));
      // A negative idle time would be a time to come.
      request.delivery_time = idle < 0 ? std::nullopt : sane_time(now - idle, now);
    } else if (same_word(option, "time") && more) {
      WEIR_ASSIGN(const std::int64_t time, integer(words[++at], invalid("TIME")));
      request.delivery_time = sane_time(time, now);
    } else if (same_word(option, "retrycount") && more) {
      WEIR_ASSIGN(const std::int64_t count, integer(words[++at], invalid("RETRYCOUNT")));
      request.deliveries = count < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(count));
    } else if (same_word(option, "lastid") && more) {
      WEIR_ASSIGN(request.last_id, strict_id(words[++at]));
    } else {
      return refuse("Unrecognized XCLAIM option '" + option + "'");
    }
  }
  return request;
}

Result<Xclaim> parse_claim(Words words) {
  Xclaim request;
  request.stream = words[1];
  request.group = words[2];
  request.consumer = words[3];
  WEIR_ASSIGN(request.min_idle, parse_min_idle(words[4], "XCLAIM"));
  std::size_t at = 5;
  while (at < words.size()) {
    const auto id = parse_id(words[at]);
    if (!id) {
      break;
    }
    request.ids.push_back(*id);
    ++at;
  }
  return parse_claim_options(words, at, std::move(request));
}

}  // namespace

Result<Parsed> parse_xclaim(Words words) {
  auto request = parse_claim(words);
  if (!request) {
    return Doubtful{{{XpendingSummary{words[1], words[2]}, Error{Failure::refused, nogroup(words[1], words[2])}}},
                    request.error()};
  }
  return Request(std::move(*request));
}

Result<Parsed> parse_xautoclaim(Words words) {
  constexpr std::int64_t kMostCount = std::numeric_limits<std::int64_t>::max() / 16;  // as Redis
  Xautoclaim request;
  request.stream = words[1];
  request.group = words[2];
  request.consumer = words[3];
  WEIR_ASSIGN(request.min_idle, parse_min_idle(words[4], "XAUTOCLAIM"));
  WEIR_ASSIGN(request.start, range_start(words[5]));
  for (std::size_t i = 6; i < words.size(); ++i) {
    if (same_word(words[i], "count") && i + 1 < words.size()) {
      constexpr const char* kTooSmall = "COUNT must be > 0";
      WEIR_ASSIGN(const std::int64_t count, integer(words[++i], kTooSmall));
      if (count < 1 || count > kMostCount) {
        return refuse(kTooSmall);
      }
      request.count = static_cast<std::uint64_t>(count);
    } else if (same_word(words[i], "justid")) {
      request.just_id = true;
    } else {
      return syntax_error(words[i]);
    }
  }
  return Request(std::move(request));
}

Result<Parsed> parse_xnack(Words words) {
  Xnack request;
  request.stream = words[1];
  request.group = words[2];
  if (same_word(words[3], "silent")) {
    request.blame = Xnack::Blame::silent;
  } else if (same_word(words[3], "fatal")) {
    request.blame = Xnack::Blame::fatal;
  } else if (!same_word(words[3], "fail")) {
    return syntax_error(words[3]);
  }
  if (!same_word(words[4], "ids")) {
    return syntax_error(words[4]);
  }
  constexpr const char* kNotPositive = "Number of IDs must be a positive integer";
  constexpr std::size_t kFirstId = 6;
  WEIR_ASSIGN(const std::int64_t count, integer(words[5], kNotPositive));
  if (count < 1) {
    return refuse(kNotPositive);
  }
  if (static_cast<std::uint64_t>(count) > words.size() - kFirstId) {
    return refuse("The `numids` parameter must match the number of arguments");
  }
  const std::size_t end = kFirstId + static_cast<std::size_t>(count);
  for (std::size_t i = kFirstId; i < end; ++i) {
    WEIR_ASSIGN(const Id id, strict_id(words[i]));
    request.ids.push_back(id);
  }
  for (std::size_t i = end; i < words.size(); ++i) {
    if (same_word(words[i], "force")) {
      request.force = true;
    } else if (same_word(words[i], "retrycount") && i + 1 < words.size()) {
      WEIR_ASSIGN(const std::int64_t deliveries, integer(words[++i]));
      if (deliveries < 0) {
        return refuse(kNotAnInteger);
      }
      request.deliveries = static_cast<std::uint64_t>(deliveries);
    } else {
      return syntax_error(words[i]);
    }
  }
  return Request(std::move(request));
}

}  // namespace weir::cli
