// Where clients connect: sockets in the file system, TCP, and what systemd hands over.
#pragma once

#include <string>
#include <vector>

#include "stream/result.h"
#include "system/fd.h"

namespace weir::server {

/// One socket that is listened on. What was bound in the file system is removed with the object, unless somebody has
/// put another in its place.
class Listener {
 public:
  /// `place`: unix:PATH, HOST:PORT or [HOST]:PORT, in numbers or `localhost`. Fails with Failure::usage if it is none,
  /// or is reachable from other machines and `guarded` (there is a password) is false; with Failure::store if it cannot
  /// be listened on. A socket that somebody left behind is replaced, if nobody answers there.
  static Result<Listener> open(const std::string& place, bool guarded);
  /// A socket that is bound and listened on already.
  static Result<Listener> adopt(Fd fd, bool guarded);

  Listener(Listener&& other) noexcept;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  int fd() const { return fd_.get(); }
  /// Where it really is: the port that was chosen for 0.
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
  std::string path_;  ///< to be removed
  unsigned long long device_ = 0;
  unsigned long long inode_ = 0;
};

/// An address as Redis writes it: IP:PORT, [IP]:PORT, or PATH:0, which at both ends is that of the server's socket.
std::string address_of(int fd, bool peer);

}  // namespace weir::server
