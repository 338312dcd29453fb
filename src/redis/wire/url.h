// The place of a server, read from a URL.
#pragma once

#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir::redis {

/// A server and the login to it. `password` must never be in a message, so `name()` leaves it out.
struct Endpoint {
  std::string host;
  int port = 6379;
  std::string path;  ///< the socket's path; if set, host and port mean nothing
  std::string user;
  std::string password;
  int database = 0;
  bool tls = false;
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;

  /// "host:port", "[::1]:port" or the socket's path.
  std::string name() const;

  /// Whether both are, judging by the addresses, the same database of the same server.
  bool is_same_place(const Endpoint& other) const;
};

/// The part before `://`; empty: no URL.
std::string_view url_scheme(std::string_view name);

/// Whether the name of a database is the URL of a server.
bool is_server(std::string_view name);

/// Fails with `Failure::usage` if the name of a database was meant as a server's URL but is none: `redis:pw@host`,
/// `redis//:pw@host`, or a URL in quotes or after a blank, as a settings file may have it. Taken as the name of a file,
/// it would put a password into the file system. The error repeats nothing but the scheme.
Result<void> check_is_no_broken_url(std::string_view name);

/// Reads `redis://[user:password@]host[:port][/db]`, `valkey://…`, `rediss://…?cacert=FILE&cert=FILE&key=FILE`,
/// `valkeys://…` and `unix://[user:password@]PATH[?db=N&password=P]`. User and password are percent-decoded. Without a
/// password in the URL, `standard` is the password. An error never repeats the URL, which might hold a password.
Result<Endpoint> parse_redis_url(std::string_view url, const std::string& standard = {});

/// The same URL for a process that may run in another folder: relative file names in it get `folder` in front. The
/// password is left out unless `password` is true.
std::string url_elsewhere(std::string_view url, const std::string& folder, bool password);

}  // namespace weir::redis
