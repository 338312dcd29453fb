// `weir serve`: lets any Redis client use a store.
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
  std::string database;  ///< the name of the store, as clients are told it
  std::string password;  ///< empty: clients need no password
  std::size_t max_clients = 10'000;
  std::size_t max_bulk = std::size_t{512} * 1024 * 1024;      ///< bytes in one word of a command
  std::size_t max_buffers = std::size_t{1024} * 1024 * 1024;  ///< bytes for input and answers of all clients
  Bounds bounds = {};
  bool syncs = true;  ///< a command that was answered survives a loss of power
  std::function<command::Documented(const command::RedisCommand&)> documented;  ///< docs of a command
  int stop = -1;  ///< once readable, the server finishes what runs, answers it, and ends
  /// Opens the store; called once for each thread. The store has to be a Sharing and a Watching. Once `hurry` is true,
  /// the store has to stop waiting for other writers. `hurry` outlives the store.
  std::function<Result<std::unique_ptr<Store>>(const std::atomic<bool>& hurry)> open;
  /// `ready` is called once the server answers clients, `ending` when it begins to end.
  std::function<void()> ready;
  std::function<void()> ending;
  /// Gives a line to the person who runs the server.
  std::function<void(std::string_view)> log;
};

/// Serves until stopped. Blocks. Fails if the store cannot be opened or the loop cannot be started.
Result<void> serve(const Options& options, std::vector<Listener> listeners);

}  // namespace weir::server
