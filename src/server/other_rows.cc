// Commands that take a few lines each.
#include <array>
#include <chrono>
#include <cstdint>

#include "server/asked.h"
#include "text/numbers.h"

namespace weir::server {
namespace {

void select(Asked& asked) {
  const auto number = parse_integer(asked.words[1]);
  if (!number) {
    asked.refuse(command::kNotAnInteger);
  } else if (*number != static_cast<std::int32_t>(*number)) {
    asked.refuse("value is out of range, value must between -2147483648 and 2147483647");
  } else if (*number != 0) {
    asked.refuse("DB index is out of range");
  } else {
    asked.ok();
  }
}

void quit(Asked& asked) {
  asked.client.ending = true;
  asked.ok();
}

void reset(Asked& asked) {
  Client& client = asked.client;
  client.session = {};
  client.watched.clear();
  client.name.clear();
  client.authenticated = asked.about.password.empty();
  client.replies = true;
  asked.clients.monitors.erase(client.id);
  client.may_be_evicted = client.touches_keys = true;
  asked.change_protocol(2);
  asked.writer().status("RESET");
}

void time(Asked& asked) {
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  constexpr std::int64_t kMicros = 1'000'000;
  asked.writer().array(2);
  asked.writer().bulk(std::to_string(now / kMicros));
  asked.writer().bulk(std::to_string(now % kMicros));
}

void monitor(Asked& asked) {
  asked.clients.monitors.insert(asked.client.id);
  asked.ok();
}

void nothing(Asked& asked) {
  asked.writer().array(0);
}
void no_map(Asked& asked) {
  asked.writer().map(0);
}
void zero(Asked& asked) {
  asked.writer().integer(0);
}
void done(Asked& asked) {
  asked.ok();
}

/// weir has no users, so every client is "default".
void whoami(Asked& asked) {
  asked.writer().bulk("default");
}

void slowlog_get(Asked& asked) {
  if (asked.words.size() > 3) {
    asked.writer().error(command::wrong_arity("slowlog|get").value().message);
    return;
  }
  const auto count = asked.words.size() == 3 ? parse_integer(asked.words[2]) : 0;
  if (!count || *count < -1) {
    asked.refuse("count should be greater than or equal to -1");
    return;
  }
  nothing(asked);
}

void latency_doctor(Asked& asked) {
  asked.writer().text("Nothing is measured here: see weir metrics.\n");
}

void latency_graph(Asked& asked) {
  asked.refuse("No samples available for event '" + command::shown(asked.words[2]) + "'");
}

constexpr std::array kRows = {
    Row{"select", 2, select, "connection", "0: there is one database."},
    Row{"quit", -1, quit, "connection", "End the connection.", true},
    Row{"reset", 1, reset, "connection", "Begin again, as if just connected.", true},
    Row{"watch", -2, nullptr, "transactions", "Let EXEC do nothing if one of these streams has changed by then.", false,
        command::NamedStreams::all},
    Row{"unwatch", 1, nullptr, "transactions", "Forget what WATCH named."},
    Row{"dbsize", 1, nullptr, "server", "How many streams there are."},
    Row{"scan", -2, nullptr, "generic", "The names of the streams."},
    Row{"ttl", 2, nullptr, "generic", "-1: streams are kept until they are deleted; -2: there is none.", false,
        command::NamedStreams::first},
    Row{"pttl", 2, nullptr, "generic", "As TTL.", false, command::NamedStreams::first},
    Row{"expiretime", 2, nullptr, "generic", "As TTL.", false, command::NamedStreams::first},
    Row{"pexpiretime", 2, nullptr, "generic", "As TTL.", false, command::NamedStreams::first},
    Row{"persist", 2, zero, "generic", "0: streams are kept until they are deleted.", false,
        command::NamedStreams::first},
    Row{"object|encoding", 3, nullptr, "generic", "<stream>: stream.", false, command::NamedStreams::first},
    Row{"object|help", 2, answer_help, "generic", "Prints this help."},
    Row{"time", 1, time, "server", "The time: seconds, and microseconds."},
    Row{"monitor", 1, monitor, "server", "Show every command of every client, as it comes."},
    Row{"acl|help", 2, answer_help, "server", "Prints this help."},
    Row{"acl|whoami", 2, whoami, "server", "default: there are no users."},
    Row{"module|help", 2, answer_help, "server", "Prints this help."},
    Row{"module|list", 2, nothing, "server", "Nothing, there are no modules."},
    Row{"memory|help", 2, answer_help, "server", "Prints this help."},
    Row{"memory|usage", -3, nullptr, "server", "<stream> [SAMPLES <count>]: about how many bytes it takes in the file.",
        false, command::NamedStreams::first},
    Row{"slowlog|get", -2, slowlog_get, "server", "[<count>]: nothing, slow commands are not noted."},
    Row{"slowlog|help", 2, answer_help, "server", "Prints this help."},
    Row{"slowlog|len", 2, zero, "server", "0."},
    Row{"slowlog|reset", 2, done, "server", "There is nothing to forget."},
    Row{"latency|doctor", 2, latency_doctor, "server", "Where to look instead."},
    Row{"latency|graph", 3, latency_graph, "server", "<event>: refused, no event is measured."},
    Row{"latency|help", 2, answer_help, "server", "Prints this help."},
    Row{"latency|histogram", -2, no_map, "server", "[<command> ...]: nothing: see INFO commandstats."},
    Row{"latency|history", 3, nothing, "server", "<event>: nothing, no event is measured."},
    Row{"latency|latest", 2, nothing, "server", "Nothing, no event is measured."},
    Row{"latency|reset", -2, zero, "server", "[<event> ...]: 0, there is nothing to forget."},
};

}  // namespace

std::span<const Row> other_rows() {
  return kRows;
}

}  // namespace weir::server
