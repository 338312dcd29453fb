// CLIENT: tells who is connected, and acts on other clients.
#include <array>
#include <chrono>
#include <vector>

#include "server/asked.h"
#include "server/compatible.h"
#include "text/numbers.h"
#include "text/words.h"

namespace weir::server {
namespace {

using command::Words;

std::int64_t seconds_since(SteadyTime then) {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - then).count();
}

std::string flags_of(const Client& client, bool monitors) {
  std::string flags;
  const auto add = [&flags](bool is, char flag) {
    if (is) {
      flags.push_back(flag);
    }
  };
  add(monitors, 'O');
  add(client.is_blocked, 'b');
  add(client.session.is_queueing(), 'x');
  add(client.ending, 'c');
  add(client.address.starts_with('/'), 'U');
  add(!client.may_be_evicted, 'e');
  add(!client.touches_keys, 'T');
  return flags.empty() ? "N" : flags;
}

/// A client's line as in Redis 7.2. Values that have no meaning in weir are 0.
void append_line(std::string& out, const Clients& clients, const Client& client) {
  const auto text = [&out](std::string_view name, std::string_view value) { out.append(name).append(value); };
  const auto number = [&out](std::string_view name, auto value) {
    out.append(name);
    append_number(out, value);
  };
  number("id=", client.id);
  text(" addr=", client.address);
  text(" laddr=", client.local_address);
  number(" fd=", client.fd);
  text(" name=", client.name);
  number(" age=", seconds_since(client.connected));
  number(" idle=", seconds_since(client.last_active));
  text(" flags=", flags_of(client, clients.monitors.contains(client.id)));
  text(" db=0 sub=0 psub=0", " ssub=0");
  number(" multi=", client.session.is_queueing() ? static_cast<std::int64_t>(client.session.queued()) : -1);
  number(" qbuf=", client.buffered_in);
  text(" qbuf-free=0 argv-mem=0", " multi-mem=0 rbs=0 rbp=0 obl=0 oll=0");
  number(" omem=", client.buffered_out);
  number(" tot-mem=", client.buffered_in + client.buffered_out);
  text(" events=r", client.buffered_out > 0 ? "w" : "");
  text(" cmd=", client.last_command.empty() ? std::string_view("NULL") : client.last_command);
  number(" user=default redir=-1 resp=", client.protocol);
  text(" lib-name=", client.library);
  text(" lib-ver=", client.library_version);
  out.push_back('\n');
}

/// Whether the kind is "normal", as all clients of weir are. Nothing: Redis has no such kind.
std::optional<bool> is_normal(std::string_view kind) {
  if (same_word(kind, "normal")) {
    return true;
  }
  const bool known =
      same_word(kind, "master") || same_word(kind, "replica") || same_word(kind, "slave") || same_word(kind, "pubsub");
  return known ? std::optional(false) : std::nullopt;
}

std::string unknown_kind(std::string_view kind) {
  return "Unknown client type '" + command::shown(kind) + "'";
}

void id(Asked& asked) {
  asked.writer().integer(static_cast<std::int64_t>(asked.client.id));
}

void info(Asked& asked) {
  std::string line;
  append_line(line, asked.clients, asked.client);
  asked.writer().text(line);
}

void list(Asked& asked) {
  const Words options = asked.words.subspan(2);
  std::string lines;
  if (options.empty()) {
    for (const auto& [number, client] : asked.clients.all) {
      append_line(lines, asked.clients, *client);
    }
  } else if (options.size() == 2 && same_word(options[0], "type")) {
    const auto normal = is_normal(options[1]);
    if (!normal) {
      asked.refuse(unknown_kind(options[1]));
      return;
    }
    for (const auto& [number, client] : asked.clients.all) {
      if (*normal) {
        append_line(lines, asked.clients, *client);
      }
    }
  } else if (options.size() > 1 && same_word(options[0], "id")) {
    for (const std::string_view word : options.subspan(1)) {
      const auto number = parse_integer(word);
      if (!number) {
        asked.refuse("Invalid client ID");
        return;
      }
      if (const Client* client = asked.clients.find(static_cast<std::uint64_t>(*number))) {
        append_line(lines, asked.clients, *client);
      }
    }
  } else {
    asked.syntax_error();
    return;
  }
  asked.writer().text(lines);
}

void getname(Asked& asked) {
  if (asked.client.name.empty()) {
    asked.writer().nil();
  } else {
    asked.writer().bulk(asked.client.name);
  }
}

void setname(Asked& asked) {
  if (!is_plain(asked.words[2])) {
    asked.refuse(kNotPlainName);
    return;
  }
  asked.client.name = asked.words[2];
  asked.ok();
}

void setinfo(Asked& asked) {
  const std::string_view what = asked.words[2];
  const bool is_name = same_word(what, "lib-name");
  if (!is_name && !same_word(what, "lib-ver")) {
    asked.refuse("Unrecognized option '" + command::shown(what) + "'");
    return;
  }
  if (!is_plain(asked.words[3])) {
    asked.refuse(lower(what) + " cannot contain spaces, newlines or special characters.");
    return;
  }
  (is_name ? asked.client.library : asked.client.library_version) = asked.words[3];
  asked.ok();
}

/// Which clients CLIENT KILL closes.
struct Filter {
  std::optional<std::uint64_t> id;
  std::optional<std::string_view> address;
  std::optional<std::string_view> local_address;
  std::optional<std::int64_t> oldest;  ///< in seconds
  bool normal = true;
  bool others_only = true;

  bool fits(const Client& client) const {
    return (!id || *id == client.id) && (!address || *address == client.address) &&
           (!local_address || *local_address == client.local_address) &&
           (!oldest || seconds_since(client.connected) >= *oldest) && normal;
  }
};

/// Reads one option of CLIENT KILL. Returns the text of an error; empty: none.
std::string read_filter(Filter& filter, std::string_view name, std::string_view value) {
  if (same_word(name, "id")) {
    const auto number = parse_integer(value);
    if (!number || *number < 1) {
      return "client-id should be greater than 0";
    }
    filter.id = static_cast<std::uint64_t>(*number);
  } else if (same_word(name, "type")) {
    const auto normal = is_normal(value);
    if (!normal) {
      return unknown_kind(value);
    }
    filter.normal = *normal;
  } else if (same_word(name, "addr")) {
    filter.address = value;
  } else if (same_word(name, "laddr")) {
    filter.local_address = value;
  } else if (same_word(name, "user")) {
    return value == "default" ? "" : "No such user '" + command::shown(value) + "'";
  } else if (same_word(name, "maxage")) {
    filter.oldest = parse_integer(value);
    return filter.oldest ? "" : command::kNotAnInteger;
  } else if (same_word(name, "skipme") && (same_word(value, "yes") || same_word(value, "no"))) {
    filter.others_only = same_word(value, "yes");
  } else {
    return "syntax error";
  }
  return {};
}

void kill_one(Asked& asked, Client& client) {
  if (client.id == asked.client.id) {
    client.ending = true;  // closed once the client has the answer
  } else {
    client.killed = true;
    asked.clients.attend(client);
  }
}

void kill(Asked& asked) {
  const Words words = asked.words.subspan(2);
  Filter filter;
  const bool by_address_only = words.size() == 1;
  if (by_address_only) {
    filter.address = words[0];
    filter.others_only = false;
  }
  for (std::size_t i = 0; i < words.size() && !by_address_only; i += 2) {
    const std::string wrong = i + 1 < words.size() ? read_filter(filter, words[i], words[i + 1]) : "syntax error";
    if (!wrong.empty()) {
      asked.refuse(wrong);
      return;
    }
  }
  std::int64_t killed = 0;
  for (const auto& [number, client] : asked.clients.all) {
    const bool is_it = filter.fits(*client) && !(filter.others_only && client->id == asked.client.id);
    if (is_it && !client->killed) {
      kill_one(asked, *client);
      ++killed;
    }
  }
  if (!by_address_only) {
    asked.writer().integer(killed);
  } else if (killed == 0) {
    asked.refuse("No such client");
  } else {
    asked.ok();
  }
}

void unblock(Asked& asked) {
  const Words words = asked.words;
  const bool error = words.size() == 4 && same_word(words[3], "error");
  if (words.size() > 4 || (words.size() == 4 && !error && !same_word(words[3], "timeout"))) {
    asked.refuse("CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    return;
  }
  const auto number = parse_integer(words[2]);
  if (!number) {
    asked.refuse(command::kNotAnInteger);
    return;
  }
  Client* client = *number < 1 ? nullptr : asked.clients.find(static_cast<std::uint64_t>(*number));
  const bool waits = client != nullptr && client->is_blocked;
  if (waits) {
    client->unblock = error ? Client::Unblock::error : Client::Unblock::timeout;
    asked.clients.attend(*client);
  }
  asked.writer().integer(waits ? 1 : 0);
}

/// Reads ON or OFF. Nothing: the word is neither, and the error has been answered.
std::optional<bool> on_or_off(Asked& asked) {
  const bool on = same_word(asked.words[2], "on");
  if (!on && !same_word(asked.words[2], "off")) {
    asked.syntax_error();
    return std::nullopt;
  }
  return on;
}

void no_evict(Asked& asked) {
  if (const auto on = on_or_off(asked)) {
    asked.client.may_be_evicted = !*on;
    asked.ok();
  }
}

void no_touch(Asked& asked) {
  if (const auto on = on_or_off(asked)) {
    asked.client.touches_keys = !*on;
    asked.ok();
  }
}

void reply(Asked& asked) {
  const std::string_view how = asked.words[2];
  if (same_word(how, "on")) {
    asked.client.replies = true;
    asked.ok();
  } else if (same_word(how, "off")) {
    asked.client.replies = false;
  } else if (same_word(how, "skip")) {
    asked.client.skip_next = asked.client.replies;
  } else {
    asked.syntax_error();
  }
}

void getredir(Asked& asked) {
  asked.writer().integer(-1);
}

/// CLIENT TRACKING: tracking is always off, so only OFF is accepted.
void tracking(Asked& asked) {
  const auto on = on_or_off(asked);
  if (!on) {
    return;
  }
  if (*on) {
    asked.refuse("Nothing is tracked here: XREAD with BLOCK tells what is new in a stream");
  } else if (asked.words.size() > 3) {
    asked.syntax_error();
  } else {
    asked.ok();
  }
}

void trackinginfo(Asked& asked) {
  io::Resp& writer = asked.writer();
  writer.map(3);
  writer.bulk("flags");
  writer.set(1);
  writer.bulk("off");
  writer.bulk("redirect");
  writer.integer(-1);
  writer.bulk("prefixes");
  writer.array(0);
}

void pause(Asked& asked) {
  asked.refuse("Clients are not paused here: `weir pause` holds a group, for whoever reads from it");
}

constexpr std::string_view kConnection = "connection";

constexpr std::array kRows = {
    Row{"client|getname", 2, getname, kConnection, "The name of this connection."},
    Row{"client|getredir", 2, getredir, kConnection, "-1: nothing is tracked here."},
    Row{"client|help", 2, answer_help, kConnection, "Prints this help."},
    Row{"client|id", 2, id, kConnection, "The ID of this connection."},
    Row{"client|info", 2, info, kConnection, "What CLIENT LIST tells of this connection."},
    Row{"client|kill", -3, kill, kConnection,
        "<ip:port>, or ID, TYPE, ADDR, LADDR, USER, MAXAGE, SKIPME, each with a value: end connections."},
    Row{"client|list", -2, list, kConnection, "[TYPE <type> | ID <id> ...]: a line for each connection."},
    Row{"client|no-evict", 3, no_evict, kConnection, "(ON|OFF): for --max-buffers it is dropped last."},
    Row{"client|no-touch", 3, no_touch, kConnection, "(ON|OFF): noted; nothing here is known by its last use."},
    Row{"client|pause", -3, pause, kConnection, "Refused: see weir pause."},
    Row{"client|reply", 3, reply, kConnection, "(ON|OFF|SKIP): whether this connection is answered."},
    Row{"client|setinfo", 4, setinfo, kConnection, "(LIB-NAME|LIB-VER) <text>: what this connection is made with."},
    Row{"client|setname", 3, setname, kConnection, "<name>: name this connection."},
    Row{"client|tracking", -3, tracking, kConnection, "(ON|OFF): refused, but for OFF; nothing is tracked here."},
    Row{"client|trackinginfo", 2, trackinginfo, kConnection, "off: nothing is tracked here."},
    Row{"client|unblock", -3, unblock, kConnection, "<id> [TIMEOUT|ERROR]: end what a connection waits for."},
};

}  // namespace

std::span<const Row> client_rows() {
  return kRows;
}

}  // namespace weir::server
