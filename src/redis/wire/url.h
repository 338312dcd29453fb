// Where a server is, read from a URL.
#pragma once

#include <string>
#include <string_view>

#include "stream/result.h"

namespace weir::redis {

/// One server and how to log in to it. `password` must never reach a message: `name()` has none.
struct Endpoint {
  std::string host;
  int port = 6379;
  std::string path;  ///< of a socket; then host and port mean nothing
  std::string user;
  std::string password;
  int database = 0;
  bool tls = false;
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;

  /// "host:port", "[::1]:port" or the socket's path.
  std::string name() const;

  /// Whether both are, as far as the addresses tell, the same database of the same server.
  bool is_same_place(const Endpoint& other) const;
};

/// What stands before `://`; empty: it is no URL.
std::string_view url_scheme(std::string_view name);

/// Whether the name of a database is the URL of a server.
bool is_server(std::string_view name);

/// Fails with `Failure::usage` where the name of a database was meant for a server's URL and is none: `redis:pw@host`,
/// `redis//:pw@host`, or one that stands in quotes or after a blank, as a file of settings may hold it. As a file's
/// name it would put a password into the file system. The error repeats nothing of it but the scheme.
Result<void> check_is_no_broken_url(std::string_view name);

/// Reads `redis://[user:password@]host[:port][/db]`, `valkey://…`, `rediss://…?cacert=FILE&cert=FILE&key=FILE`,
/// `valkeys://…` and `unix://[user:password@]PATH[?db=N&password=P]`. User and password are percent-decoded. Without a
/// password it is `standard`. An error never repeats the URL: it might hold a password.
Result<Endpoint> parse_redis_url(std::string_view url, const std::string& standard = {});

/// The same URL for a process that may be in another folder: files in it that are relative to `folder` get it put
/// before them, and the password is left out unless `password` says so.
std::string url_elsewhere(std::string_view url, const std::string& folder, bool password);

}  // namespace weir::redis
