// HELLO and AUTH.
#include <array>

#include "server/asked.h"
#include "server/compatible.h"
#include "text/numbers.h"
#include "text/words.h"

namespace weir::server {
namespace {

using command::Words;

constexpr std::string_view kWrongPassword = "WRONGPASS invalid username-password pair or user is disabled.";

/// The comparison takes as long for a wrong word as for the right one, so the time tells nothing about the secret.
bool same_secret(std::string_view said, std::string_view secret) {
  unsigned difference = said.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < said.size(); ++i) {
    const char other = secret.empty() ? '\0' : secret[i % secret.size()];
    difference |= static_cast<unsigned>(static_cast<unsigned char>(said[i]) ^ static_cast<unsigned char>(other));
  }
  return difference == 0;
}

/// If the server has no password, user "default" may come with any password.
bool may_enter(const About& about, std::string_view user, std::string_view password) {
  const bool right = same_secret(password, about.password) || about.password.empty();
  return right && user == "default";
}

void auth(Asked& asked) {
  const Words words = asked.words;
  if (words.size() > 3) {
    asked.syntax_error();
    return;
  }
  if (asked.about.password.empty() && words.size() == 2) {
    asked.refuse(
        "AUTH <password> called without any password configured for the default user. Are you sure your configuration "
        "is correct?");
    return;
  }
  if (!may_enter(asked.about, words.size() == 2 ? "default" : words[1], words.back())) {
    asked.writer().error(kWrongPassword);
    return;
  }
  asked.client.authenticated = true;
  asked.ok();
}

struct Hello {
  std::optional<std::pair<std::string_view, std::string_view>> user;
  std::optional<std::string_view> name;
};

void greet(Asked& asked) {
  io::Resp& writer = asked.writer();
  const auto text = [&writer](std::string_view name, std::string_view value) {
    writer.bulk(name);
    writer.bulk(value);
  };
  writer.map(7);
  text("server", "redis");
  text("version", kCompatibleVersion);
  writer.bulk("proto");
  writer.integer(asked.client.protocol);
  writer.bulk("id");
  writer.integer(static_cast<std::int64_t>(asked.client.id));
  text("mode", "standalone");
  text("role", "master");
  writer.bulk("modules");
  writer.array(0);
}

void hello(Asked& asked) {
  const Words words = asked.words;
  Client& client = asked.client;
  std::optional<std::int64_t> protocol;
  if (words.size() > 1) {
    protocol = parse_integer(words[1]);
    if (!protocol) {
      asked.refuse("Protocol version is not an integer or out of range");
      return;
    }
    if (*protocol != 2 && *protocol != 3) {
      asked.writer().error("NOPROTO unsupported protocol version");
      return;
    }
  }
  Hello said;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const std::size_t following = words.size() - i - 1;
    if (same_word(words[i], "auth") && following >= 2) {
      said.user.emplace(words[i + 1], words[i + 2]);
      i += 2;
    } else if (same_word(words[i], "setname") && following >= 1) {
      said.name = words[++i];
      if (!is_plain(*said.name)) {
        asked.refuse(kNotPlainName);
        return;
      }
    } else {
      asked.refuse("Syntax error in HELLO option '" + command::shown(words[i]) + "'");
      return;
    }
  }
  if (said.user) {
    if (!may_enter(asked.about, said.user->first, said.user->second)) {
      asked.writer().error(kWrongPassword);
      return;
    }
    client.authenticated = true;
  }
  if (!client.authenticated) {
    asked.writer().error(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> "
        "<pass> option can be used to authenticate the client and select the RESP protocol version at the same time");
    return;
  }
  if (said.name) {
    client.name = *said.name;
  }
  if (protocol) {
    asked.change_protocol(static_cast<int>(*protocol));
  }
  greet(asked);
}

constexpr std::array kRows = {
    Row{"hello", -1, hello, "connection", "Shake hands: choose the protocol, say who it is.", true},
    Row{"auth", -2, auth, "connection", "Say the password.", true},
};

}  // namespace

std::span<const Row> hello_rows() {
  return kRows;
}

}  // namespace weir::server
