// A redis-server (or valkey-server) for one test, started by tests/support/testing.py.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "support/child.h"
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
  /// Waits until so many clients are blocked, or more. A read that waits is one, and soon another that waits for its
  /// bell.
  void wait_for_blocked(int clients) const;
  std::string socket() const { return folder_ + "/redis.sock"; }
  std::string url() const { return "unix://" + socket(); }

 private:
  std::string folder_;  ///< with a short name: a socket's path has room for about a hundred bytes
  TempDir data_;
  std::string program_;
  std::vector<std::string> options_;
  std::optional<Child> process_;
};

/// Redis servers that make a cluster, and are killed with the object.
class Cluster {
 public:
  explicit Cluster(std::size_t nodes);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// On 127.0.0.1: one of each node.
  const std::vector<int>& ports() const { return ports_; }

 private:
  TempDir data_;
  std::optional<Child> program_;
  std::vector<int> ports_;
};

/// Whether `program` is on the PATH.
bool is_installed(const std::string& program);

}  // namespace weir::test
