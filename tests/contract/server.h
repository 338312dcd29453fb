// A redis-server (or valkey-server) of a test's own.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace weir::test {

/// Listens on a socket in a folder of its own and is killed with the object.
class Server {
 public:
  explicit Server(std::string program = "redis-server", std::vector<std::string> options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts it, and waits until it answers. Requires: it does not run.
  void start();
  /// SIGKILL, and waits until it is gone.
  void kill();
  void stop() const;   ///< SIGSTOP: it answers nothing any more
  void go_on() const;  ///< SIGCONT
  /// What it answers to a line, over a connection of its own: the bytes, as many as come at once.
  std::string ask(const std::string& line) const;
  /// Waits until so many clients are blocked.
  void wait_for_blocked(int clients) const;
  std::string socket() const { return sockets_ + "/s"; }
  std::string url() const { return "unix://" + socket(); }

 private:
  TempDir data_;
  std::string sockets_;  ///< a folder with a short name: a socket's path has room for about a hundred bytes
  std::string program_;
  std::vector<std::string> options_;
  pid_t pid_ = -1;
};

/// Whether `program` is on the PATH.
bool is_installed(const std::string& program);

/// Starts `words`, its output to /dev/null, to be ended by the caller.
pid_t start_program(const std::vector<std::string>& words);

}  // namespace weir::test
