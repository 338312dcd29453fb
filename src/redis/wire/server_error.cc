#include "redis/wire/server_error.h"

#include <array>
#include <charconv>

namespace weir::redis {
namespace {

struct Known {
  std::string_view start;
  Failure failure;
  const char* hint;
  Cause cause = Cause::other;
};

// Unlike a server that is down, missing rights do not come back by waiting.
constexpr Cause kLasting = Cause::lasting;

constexpr std::array kKnown{
    Known{"LOADING", Failure::store, "the server is still loading its data: try again later"},
    Known{"NOAUTH", Failure::store, "give the password in $WEIR_REDIS_PASSWORD, --password-file or the URL", kLasting},
    Known{"WRONGPASS", Failure::store, "check the user and the password in the URL and $WEIR_REDIS_PASSWORD", kLasting},
    Known{"ERR invalid password", Failure::store, "check the password in the URL and $WEIR_REDIS_PASSWORD", kLasting},
    Known{"ERR AUTH ", Failure::store,
          "the server has no password: take it out of the URL, $WEIR_REDIS_PASSWORD, $REDISCLI_AUTH", kLasting},
    Known{"NOPERM", Failure::store, "the server's access rules forbid this user the command or the key", kLasting},
    Known{"READONLY", Failure::store, "this server is a replica: name its master"},
    Known{"MASTERDOWN", Failure::store, "this server is a replica that has lost its master"},
    Known{"NOREPLICAS", Failure::store, "the server writes only while enough replicas are connected"},
    Known{"MISCONF", Failure::store, "the server cannot write its snapshot: see its log"},
    Known{"OOM", Failure::store, "the server is full: trim a stream or raise its maxmemory"},
    Known{"CLUSTERDOWN", Failure::store, "a part of the cluster is out of reach: see redis-cli CLUSTER INFO"},
    Known{"TRYAGAIN", Failure::store, "the cluster is moving this slot: try again later"},
    Known{"BUSY ", Failure::store, "a script keeps the server busy: try again later"},
    Known{"CROSSSLOT", Failure::refused,
          "in a cluster one command takes only streams of one slot: give them a common {tag} in their names"},
    Known{"MOVED ", Failure::refused,
          "in a cluster a transaction takes only streams of one slot: give them a common {tag} in their names"},
    Known{"ERR syntax error", Failure::usage, ""},
    Known{"ERR unknown command", Failure::usage, ""},
    Known{"ERR unknown subcommand", Failure::usage, ""},
    Known{"ERR Unknown subcommand", Failure::usage, ""},
    Known{"ERR wrong number of arguments", Failure::usage, ""},
    Known{"ERR value is not an integer", Failure::usage, ""},
    Known{"ERR Invalid stream ID", Failure::usage, ""},
};

/// Whether the text is an error of `weir serve` about a command that a server has. The words that it repeats come
/// before, in quotes.
bool is_of_serve(std::string_view text) {
  const std::size_t at = text.rfind(" (weir serve has ");
  return text.starts_with("ERR unknown command ") && at != std::string_view::npos &&
         text.find('\'', at) == std::string_view::npos;
}

}  // namespace

Error server_error(std::string_view text) {
  // One line only: a message of the server must not look like two.
  std::string message(text.substr(0, text.find_first_of("\r\n")));
  if (is_of_serve(text)) {
    return {Failure::usage, message.substr(0, message.find(", with args")),
            "the server is `weir serve`, for clients of Redis: weir itself does all it can on the file (--db FILE)"};
  }
  for (const Known& known : kKnown) {
    if (text.starts_with(known.start)) {
      return {known.failure, std::move(message), known.hint, known.cause};
    }
  }
  return {Failure::refused, std::move(message)};
}

bool is_unknown_to_server(std::string_view text) {
  return text.starts_with("ERR unknown ") || text.starts_with("ERR Unknown ") || text.starts_with("ERR syntax error");
}

bool is_forbidden(std::string_view text) {
  return text.starts_with("NOPERM") || text.find("can't run this command") != std::string_view::npos ||
         text.starts_with("ERR unknown command 'EVAL'");
}

bool is_full(const Error& error) {
  return error.message.starts_with("OOM ");
}

bool is_passing(std::string_view text) {
  return text.starts_with("LOADING") || text.starts_with("TRYAGAIN") || text.starts_with("CLUSTERDOWN") ||
         text.starts_with("BUSY ");
}

std::optional<Redirect> parse_redirect(std::string_view text) {
  Redirect redirect;
  redirect.ask = text.starts_with("ASK ");
  if (!redirect.ask && !text.starts_with("MOVED ")) {
    return std::nullopt;
  }
  const std::size_t slot = text.find(' ') + 1;
  const std::size_t address = text.find(' ', slot);
  const std::size_t colon = text.rfind(':');
  if (address == std::string_view::npos || colon == std::string_view::npos || colon < address) {
    return std::nullopt;
  }
  redirect.host = text.substr(address + 1, colon - address - 1);
  std::from_chars(text.data() + slot, text.data() + address, redirect.slot);
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), redirect.port);
  return redirect;
}

}  // namespace weir::redis
