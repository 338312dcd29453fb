#include "redis/wire/url.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "text/words.h"

namespace weir::redis {
namespace {

constexpr const char* kForms =
    "it looks like redis://[user:password@]host[:port][/db] or unix:///path/to/socket[?db=N]";

tl::unexpected<Error> wrong(std::string what) {
  return fail(Failure::usage, "the server's URL is wrong: " + std::move(what), kForms);
}

std::optional<int> digit(char c) {
  int value = 0;
  return std::from_chars(&c, &c + 1, value, 16).ec == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const auto high = i + 2 < text.size() ? digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? digit(text[i + 2]) : std::nullopt;
    if (!high || !low) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(*high * 16 + *low));
    i += 2;
  }
  return out;
}

std::optional<int> number(std::string_view text, int most) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end && value >= 0 && value <= most ? std::optional(value) : std::nullopt;
}

bool is_scheme_of_server(std::string_view scheme) {
  constexpr std::array<std::string_view, 5> kSchemes{"redis", "rediss", "valkey", "valkeys", "unix"};
  return std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
}

constexpr int kMostPort = 65535;
constexpr int kMostDatabase = 1'000'000;

Result<void> take_login(Endpoint& at, std::string_view login) {
  const std::size_t colon = login.find(':');
  const auto user = percent_decoded(login.substr(0, colon));
  const auto password =
      colon == std::string_view::npos ? std::optional<std::string>("") : percent_decoded(login.substr(colon + 1));
  if (!user || !password) {
    return wrong("a % in user or password is not followed by two hexadecimal digits");
  }
  at.user = *user;
  at.password = *password;
  return {};
}

Result<void> take_query(Endpoint& at, std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view item = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const std::size_t equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    const auto value = equals == std::string_view::npos ? std::nullopt : percent_decoded(item.substr(equals + 1));
    if (!value) {
      // The text is not repeated: it may be the end of a password with a ? in it.
      return wrong("a parameter after the ? has no value; a ? in a password is written %3F");
    }
    if (name == "db") {
      const auto database = number(*value, kMostDatabase);
      if (!database) {
        return wrong("the number of the database is not a number");
      }
      at.database = *database;
    } else if (name == "password") {
      at.password = *value;
    } else if (name == "cacert" && at.tls) {
      at.ca_file = *value;
    } else if (name == "cert" && at.tls) {
      at.certificate_file = *value;
    } else if (name == "key" && at.tls) {
      at.key_file = *value;
    } else {
      return wrong("after the ? is a parameter that it does not have; a ? in a password is written %3F");
    }
  }
  return {};
}

Result<void> take_host(Endpoint& at, std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return wrong("a [ is not closed");
    }
    at.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && port[0] != ':') {
      return wrong("only a :port can follow a ]");
    }
  } else {
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos) {
      return wrong("an IPv6 address stands in brackets");
    }
    at.host = text.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
  }
  if (at.host.empty()) {
    at.host = "127.0.0.1";
  }
  if (!port.empty()) {
    const auto value = number(port.substr(1), kMostPort);
    if (!value || *value == 0) {
      return wrong("the port is a number from 1 to 65535");
    }
    at.port = *value;
  }
  return {};
}

Result<void> take_socket(Endpoint& at, std::string_view path) {
  const auto decoded = percent_decoded(path);
  if (!decoded || decoded->empty()) {
    return wrong("it names no socket");
  }
  at.path = *decoded;
  return {};
}

/// Host names ignore case, and this machine has more than one name.
std::string plain_host(std::string host) {
  std::transform(host.begin(), host.end(), host.begin(), [](unsigned char c) { return std::tolower(c); });
  return host == "localhost" || host == "::1" ? "127.0.0.1" : host;
}

/// As part of a URL: a folder's name may have any characters.
std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '%':
        out += "%25";
        break;
      case '?':
        out += "%3F";
        break;
      case '&':
        out += "%26";
        break;
      default:
        out.push_back(c);
    }
  }
  return out;
}

/// A file's name in a URL, made absolute.
std::string absolute(std::string_view file, const std::string& folder) {
  const bool is_relative = !file.starts_with('/') && lower(file.substr(0, 3)) != "%2f";
  return (is_relative ? percent_encoded(folder) + "/" : "") + std::string(file);
}

std::string query_elsewhere(std::string_view query, const std::string& folder, bool password) {
  std::string out;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view item = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const std::size_t value = std::min(item.find('='), item.size() - 1) + 1;
    const std::string_view name = item.substr(0, value);
    if (name == "password=" && !password) {
      continue;
    }
    const bool is_file = name == "cacert=" || name == "cert=" || name == "key=";
    out.append(out.empty() ? "?" : "&").append(name);
    out += is_file ? absolute(item.substr(value), folder) : std::string(item.substr(value));
  }
  return out;
}

}  // namespace

std::string Endpoint::name() const {
  if (!path.empty()) {
    return path;
  }
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Endpoint::is_same_place(const Endpoint& other) const {
  if (database != other.database || path.empty() != other.path.empty()) {
    return false;
  }
  if (!path.empty()) {
    std::error_code none;
    return path == other.path || std::filesystem::equivalent(path, other.path, none);
  }
  return port == other.port && plain_host(host) == plain_host(other.host);
}

std::string_view url_scheme(std::string_view name) {
  const std::string_view scheme = name.substr(0, name.find("://"));
  const bool is_one =
      scheme.size() < name.size() && !scheme.empty() && std::all_of(scheme.begin(), scheme.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.';
      });
  return is_one ? scheme : std::string_view();
}

bool is_server(std::string_view name) {
  return is_scheme_of_server(url_scheme(name));
}

Result<void> check_is_no_broken_url(std::string_view name) {
  if (is_server(name)) {
    return {};
  }
  // Only the scheme of the name is repeated: the rest may be a password.
  const std::string_view bare = name.substr(std::min(name.size(), name.find_first_not_of("\"'` \t\r\n")));
  const std::size_t end = bare.find_first_of(":/");
  const std::string scheme = lower(bare.substr(0, end));  // a URL's scheme ignores case
  if (end != std::string_view::npos && is_scheme_of_server(scheme) &&
      (bare[end] == ':' || bare.substr(end).starts_with("//"))) {
    const std::string found = bare.size() < name.size()
                                  ? "a quote or a blank"
                                  : std::string(name.substr(0, name.find_first_not_of('/', end + 1)));
    return fail(Failure::usage, "a server's URL begins with " + scheme + "://, not with " + found,
                std::string(kForms) + "; a file of that name is ./" + scheme + bare[end] + "...");
  }
  const std::size_t separator = name.find("://");
  const bool meant = name.starts_with("./") || name.find("/./") < separator;
  if (separator != std::string_view::npos && name.find('@') != std::string_view::npos && url_scheme(name).empty() &&
      !meant) {
    return fail(Failure::usage, "the name of the database has :// and @ in it, and is not a server's URL",
                std::string(kForms) + "; a file of that name begins with ./");
  }
  return {};
}

Result<Endpoint> parse_redis_url(std::string_view url, const std::string& standard) {
  if (!is_server(url)) {
    return wrong("it begins with none of redis://, rediss://, valkey://, valkeys://, unix://");
  }
  const std::string_view scheme = url_scheme(url);
  Endpoint at;
  at.tls = scheme == "rediss" || scheme == "valkeys";
  at.password = standard;
  std::string_view rest = url.substr(scheme.size() + 3);
  if (const std::size_t query = rest.find('?'); query != std::string_view::npos) {
    WEIR_TRY(take_query(at, rest.substr(query + 1)));
    rest = rest.substr(0, query);
  }
  // The login ends where a path begins: a socket's path may have an @.
  const std::size_t slash = rest.find('/');
  if (const std::size_t login = rest.substr(0, slash).rfind('@'); login != std::string_view::npos) {
    WEIR_TRY(take_login(at, rest.substr(0, login)));
    if (at.password.empty()) {
      at.password = standard;
    }
    rest = rest.substr(login + 1);
  }
  if (scheme == "unix") {
    WEIR_TRY(take_socket(at, rest));
    return at;
  }
  const std::size_t path = rest.find('/');
  WEIR_TRY(take_host(at, rest.substr(0, path)));
  if (path != std::string_view::npos && path + 1 < rest.size()) {
    const auto database = number(rest.substr(path + 1), kMostDatabase);
    if (!database) {
      return wrong("after the / comes the number of a database");
    }
    at.database = *database;
  }
  return at;
}

std::string url_elsewhere(std::string_view url, const std::string& folder, bool password) {
  const std::string_view scheme = url_scheme(url);
  std::string out = std::string(scheme) + "://";
  std::string_view rest = url.substr(scheme.size() + 3);
  std::string query;
  if (const std::size_t at = rest.find('?'); at != std::string_view::npos) {
    query = query_elsewhere(rest.substr(at + 1), folder, password);
    rest = rest.substr(0, at);
  }
  if (const std::size_t end = rest.substr(0, rest.find('/')).rfind('@'); end != std::string_view::npos) {
    const std::string_view login = rest.substr(0, password ? end : std::min(end, rest.find(':')));
    out.append(login).append(login.empty() ? "" : "@");
    rest = rest.substr(end + 1);
  }
  return out + (scheme == "unix" ? absolute(rest, folder) : std::string(rest)) + query;
}

}  // namespace weir::redis
