#include "doctor/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "redis/wire/command.h"
#include "redis/wire/connection.h"
#include "redis/wire/url.h"
#include "redis/wire/value.h"
#include "system/clock.h"
#include "text/numbers.h"

namespace weir::doctor {
namespace {

using redis::WireCommand;

constexpr std::string_view kServer = "server";
constexpr std::string_view kRole = "role";
constexpr std::string_view kSaving = "persistence";
constexpr std::string_view kMemory = "memory";
constexpr std::string_view kScripts = "scripts";
constexpr std::string_view kClock = "clock";

/// Asks the server one question after another. After the first failure it asks no more.
class Asker {
 public:
  explicit Asker(redis::Connection connection) : connection_(std::move(connection)) {}

  /// Null: the connection is lost, and `lost()` says why.
  redis::ReplyPtr ask(const WireCommand& command) {
    std::string wire;
    command.append_to(wire);
    if (!lost_.empty()) {
      return nullptr;
    }
    auto reply = connection_.send(wire).and_then([&] { return connection_.receive(); });
    if (!reply) {
      lost_ = reply.error().why;
      return nullptr;
    }
    return std::move(*reply);
  }
  /// The text of the server's answer. Also empty if the answer is an error.
  std::string text(const WireCommand& command) {
    const auto reply = ask(command);
    const redis::Value value(reply.get(), &odd_);
    return reply == nullptr || value.is_error() ? std::string() : std::string(value.text());
  }
  const std::string& lost() const { return lost_; }

 private:
  redis::Connection connection_;
  std::string lost_;
  bool odd_ = false;
};

/// The lines `name:value` of INFO.
class Facts {
 public:
  explicit Facts(std::string text) : text_("\n" + std::move(text)) {}
  /// Empty: INFO does not have this name.
  std::string_view of(const std::string& name) const {
    const std::string line = "\n" + name + ":";
    const std::size_t at = text_.find(line);
    if (at == std::string::npos) {
      return {};
    }
    const std::string_view rest = std::string_view(text_).substr(at + line.size());
    return rest.substr(0, rest.find_first_of("\r\n"));
  }
  std::optional<std::int64_t> number(const std::string& name) const { return whole_number<std::int64_t>(of(name)); }
  bool known() const { return text_.size() > 1; }

 private:
  std::string text_;
};

void check_version(Asker& asker, const Facts& facts, const std::string& name, const Tell& tell) {
  constexpr int kQuestions = 5;
  std::vector<std::chrono::microseconds> times;
  for (int i = 0; i < kQuestions; ++i) {
    const SteadyTime before = std::chrono::steady_clock::now();
    asker.ask(WireCommand("PING"));
    times.push_back(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - before));
  }
  std::sort(times.begin(), times.end());
  const auto median = times[kQuestions / 2];
  const bool valkey = !facts.of("valkey_version").empty();
  const std::string version(facts.of(valkey ? "valkey_version" : "redis_version"));
  const std::string what = fmt::format("{} {} at {}, answers in {:.2f} ms", valkey ? "Valkey" : "Redis",
                                       version.empty() ? "of a version that it does not tell" : version, name,
                                       static_cast<double>(median.count()) / 1000);
  const auto major = whole_number<int>(std::string_view(version).substr(0, version.find('.')));
  if (major && *major < 5) {
    tell({State::bad, kServer, what + ": it has no streams", "use Redis 5 or newer, or Valkey"});
  } else {
    tell({State::ok, kServer, what, {}, {{"median_us", median.count()}}});
  }
}

void check_role(const Facts& facts, const Tell& tell) {
  if (facts.of("role") == "slave") {
    tell({State::bad, kRole, "is a replica, which takes no messages",
          fmt::format("name its master with --db: {}:{}", facts.of("master_host"), facts.of("master_port"))});
  } else if (!facts.of("role").empty()) {
    tell({State::ok, kRole, facts.of("cluster_enabled") == "1" ? "master, of a cluster" : "master"});
  }
}

/// The answer of CONFIG GET. Empty: the server does not tell this user.
std::string setting(Asker& asker, const char* name) {
  WireCommand config("CONFIG");
  config.add("GET").add(name);
  const auto reply = asker.ask(config);
  bool odd = false;
  const redis::Value value(reply.get(), &odd);
  return reply == nullptr || value.is_error() ? std::string() : std::string(value.named(name).text());
}

void check_saving(Asker& asker, const Facts& facts, const Tell& tell) {
  constexpr const char* kAlways = "for what survives loss of power: appendonly yes and appendfsync always";
  if (facts.of("rdb_last_bgsave_status") == "err" || facts.of("aof_last_write_status") == "err") {
    tell({State::bad, kSaving, "it could not write to its disk, and may refuse messages", "look at the server's log"});
  } else if (facts.of("aof_enabled") == "0") {
    tell({State::warning, kSaving, "without an append-only file: a crash takes what came since the last snapshot",
          kAlways});
  } else if (facts.of("aof_enabled") == "1") {
    const std::string syncs = setting(asker, "appendfsync");
    if (syncs == "always") {
      tell({State::ok, kSaving, "append-only file, synced always"});
    } else {
      tell({State::warning, kSaving,
            syncs == "no"         ? "append-only file, synced when the system likes: loss of power takes up to 30 s"
            : syncs == "everysec" ? "append-only file, synced every second: a crash of the machine takes up to that"
                                  : "append-only file; how often it is synced this user is not told",
            kAlways});
    }
  }
}

void check_memory(const Facts& facts, const Tell& tell) {
  const std::string_view policy = facts.of("maxmemory_policy");
  const auto most = facts.number("maxmemory");
  const auto used = facts.number("used_memory");
  if (!most || !used) {
    return;
  }
  const bool limited = *most > 0;
  const std::string what = limited ? fmt::format("{} of at most {} MiB, {}", *used >> 20, *most >> 20, policy)
                                   : fmt::format("{} MiB, no limit, {}", *used >> 20, policy);
  // Streams have no time to live, so the other policies do not remove them.
  if (policy.starts_with("allkeys")) {
    tell({limited ? State::bad : State::warning, kMemory, what + ": whole streams go when memory is short",
          "CONFIG SET maxmemory-policy noeviction"});
  } else if (limited && *used > *most / 10 * 9) {
    tell({State::warning, kMemory, what + ": almost full, then messages are refused",
          "raise maxmemory, or keep streams short: weir keep"});
  } else {
    tell({State::ok, kMemory, what, {}, {{"used_bytes", *used}}});
  }
}

void check_scripts(Asker& asker, const Tell& tell) {
  WireCommand eval("EVAL");
  eval.add("return 1").add(std::uint64_t{0});
  const auto reply = asker.ask(eval);
  bool odd = false;
  const redis::Value value(reply.get(), &odd);
  if (reply == nullptr) {
    return;
  }
  if (value.is_error()) {
    tell(
        {State::warning, kScripts, "are refused: " + std::string(value.text()),
         "without them there is no --in, keep, pause, --unique and no exact work: let this user run EVAL and EVALSHA"});
  } else {
    tell({State::ok, kScripts, "may be run"});
  }
}

void check_time(Asker& asker, const Tell& tell) {
  using std::chrono::milliseconds;
  constexpr milliseconds kSlack{1'000};
  const milliseconds before = unix_now();
  const auto reply = asker.ask(WireCommand("TIME"));
  const milliseconds after = unix_now();
  bool odd = false;
  const redis::Value value(reply.get(), &odd);
  if (reply == nullptr || value.is_error() || value.size() != 2) {
    return;
  }
  constexpr std::uint64_t kYear9999 = 253'370'764'800;
  if (value[0].number() > kYear9999) {
    return;  // the number is no time
  }
  const milliseconds theirs(static_cast<std::int64_t>(value[0].number() * 1000 + value[1].number() / 1000));
  const milliseconds ahead = theirs - (before + after) / 2;
  const std::string what =
      fmt::format("the server's is {:.3f} s {} this machine's", static_cast<double>(std::abs(ahead.count())) / 1000,
                  ahead.count() < 0 ? "behind" : "ahead of");
  const std::vector<std::pair<std::string_view, std::int64_t>> figures{{"ahead_ms", ahead.count()}};
  if (std::chrono::abs(ahead) > kSlack) {
    tell({State::warning, kClock, what + ": --at, --since and ages are wrong by as much",
          "set the one that is wrong: timedatectl set-ntp true", figures});
  } else {
    tell({State::ok, kClock, what, {}, figures});
  }
}

}  // namespace

Result<void> check_server(const std::string& url, const std::string& password, std::chrono::milliseconds timeout,
                          const Tell& tell) {
  WEIR_ASSIGN(const redis::Endpoint endpoint, redis::parse_redis_url(url, password));
  redis::Timeouts timeouts;
  timeouts.command = std::max(timeout, std::chrono::milliseconds(1));
  timeouts.connect = std::min(timeouts.connect, timeouts.command);
  auto connection = redis::Connection::open(endpoint, timeouts);
  if (!connection) {
    tell(bad(kServer, connection.error()));
    return {};
  }
  Asker asker(std::move(*connection));
  const Facts facts(asker.text(WireCommand("INFO")));
  if (asker.lost().empty()) {
    check_version(asker, facts, endpoint.name(), tell);
  }
  if (!facts.known() && asker.lost().empty()) {
    tell({State::warning, kRole, "role, persistence and memory are not told to this user", "let it run INFO"});
  }
  check_role(facts, tell);
  check_saving(asker, facts, tell);
  check_memory(facts, tell);
  check_scripts(asker, tell);
  check_time(asker, tell);
  if (!asker.lost().empty()) {
    tell({State::bad, kServer, "the connection to " + endpoint.name() + " was lost (" + asker.lost() + ")",
          "is this its address and port, and does it run?"});
  }
  return {};
}

}  // namespace weir::doctor
