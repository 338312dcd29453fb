// `weir serve` in a thread of the test, which can set bounds that no option sets.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "server/serve.h"
#include "system/fd.h"
#include "system/pipe.h"

namespace weir::test {

/// Serves a database in `folder`, without syncs, until it is destroyed. Throws std::runtime_error if it cannot.
class Served {
 public:
  /// What the database, the listeners and the log are is not taken from `options`.
  explicit Served(const std::string& folder, server::Options options = {});
  ~Served();
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  Fd connect() const;
  /// What it answers on a new connection to bytes after which nothing comes, until it closes it.
  std::string answer(std::string_view sent) const;
  /// What it has told whoever runs it, a line each. From any thread.
  std::string told() const;

 private:
  std::string path_;
  Pipe stop_ = make_pipe();
  mutable std::mutex mutex_;
  std::string told_;
  std::thread thread_;
};

/// Sends all of it, unless the other end has closed the connection.
void send_all(const Fd& fd, std::string_view bytes);
/// What comes until the other end closes the connection.
std::string receive_all(const Fd& fd);

}  // namespace weir::test
