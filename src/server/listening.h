// Where clients connect: sockets in the file system, TCP, and what systemd hands over.
#pragma once

#include <string>
#include <vector>

#include "stream/result.h"
#include "system/fd.h"

namespace weir::server {

/// One socket on which the server listens. The destructor removes the socket's file, unless another process has put
/// another socket in its place.
class Listener {
 public:
  /// `place`: unix:PATH, HOST:PORT or [HOST]:PORT; HOST is a number or `localhost`. Fails with Failure::usage if
  /// `place` is none of these, or if other machines can reach it and there is no password (`guarded` is false); with
  /// Failure::store if the system refuses. A socket file that a dead server left behind is replaced.
  static Result<Listener> open(const std::string& place, bool guarded);
  /// Takes over a socket that is already bound and listening.
  static Result<Listener> adopt(Fd fd, bool guarded);

  Listener(Listener&& other) noexcept;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  int fd() const { return fd_.get(); }
  /// The place with its real port, which the system has chosen if port 0 was asked for.
  const std::string& place() const { return place_; }
  int port() const { return port_; }

 private:
  Listener() = default;
  static Result<Listener> open_unix(const std::string& path);
  static Result<Listener> open_tcp(const std::string& place, const std::string& host, const std::string& port,
                                   bool guarded);
  Result<void> look_at_name(bool guarded);

  Fd fd_;
  std::string place_;
  int port_ = 0;
  std::string path_;  ///< the socket's file, to be removed
  unsigned long long device_ = 0;
  unsigned long long inode_ = 0;
};

/// An address as Redis writes it: IP:PORT, [IP]:PORT, or PATH:0. PATH is the server's socket, for either end.
std::string address_of(int fd, bool peer);

}  // namespace weir::server
