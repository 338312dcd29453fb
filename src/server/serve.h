// `weir serve`: any Redis client on a store.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "command/redis_command.h"
#include "command/usage.h"
#include "server/bounds.h"
#include "server/listening.h"
#include "stream/result.h"
#include "stream/store.h"

namespace weir::server {

struct Options {
  std::string database;  ///< its name, to be told
  std::string password;  ///< empty: nobody has to say one
  std::size_t max_clients = 10'000;
  std::size_t max_bulk = std::size_t{512} * 1024 * 1024;      ///< of one word of a command
  std::size_t max_buffers = std::size_t{1024} * 1024 * 1024;  ///< of what all clients have sent, and have to take
  Bounds bounds = {};
  bool syncs = true;  ///< what is answered survives loss of power
  std::function<command::Documented(const command::RedisCommand&)> documented;  ///< what is written of a command
  int stop = -1;  ///< readable: finish what runs, answer it, and end
  /// Opens the store, once for each thread. It has to be a Sharing and a Watching. Once `hurry` is true it is to wait
  /// for nobody else who writes; it outlives the store.
  std::function<Result<std::unique_ptr<Store>>(const std::atomic<bool>& hurry)> open;
  /// Called once clients are answered, and when the end begins.
  std::function<void()> ready;
  std::function<void()> ending;
  /// A line for whoever runs the server.
  std::function<void(std::string_view)> log;
};

/// Serves until it is stopped. Blocks. Fails if the store or the loop cannot be had.
Result<void> serve(const Options& options, std::vector<Listener> listeners);

}  // namespace weir::server
