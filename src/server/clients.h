// All clients that are connected now, and figures of the server as a whole.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "command/usage.h"
#include "server/bounds.h"
#include "server/client.h"

namespace weir::server {

/// Threads: that of the loop alone.
struct Clients {
  std::map<std::uint64_t, Client*> all;  ///< by their ids, which is the order in which they came

  std::set<std::uint64_t> monitors = {};  ///< the ids of those that see all commands

  /// After `killed`, `ending` or `unblock` of another client was set: the loop looks at it.
  std::function<void(Client&)> attend;

  Client* find(std::uint64_t id) const {
    const auto at = all.find(id);
    return at == all.end() ? nullptr : at->second;
  }
};

/// What INFO commandstats tells of a command.
struct CommandFigures {
  std::uint64_t calls = 0;
  std::uint64_t failed = 0;    ///< calls that were answered by an error
  std::uint64_t rejected = 0;  ///< for its words, or the state its client was in; these are no calls
  std::chrono::nanoseconds took{0};
};

/// Threads: likewise.
struct Figures {
  SteadyTime started = std::chrono::steady_clock::now();
  std::uint64_t connections = 0;  ///< ever
  std::uint64_t rejected = 0;
  std::uint64_t commands = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t commits = 0;
  std::map<std::string_view, CommandFigures> of = {};  ///< by the names of rows

  void count(std::string_view command, bool fails, std::chrono::nanoseconds took) {
    CommandFigures& figures = of[command];
    ++figures.calls;
    figures.failed += fails ? 1 : 0;
    figures.took += took;
  }
};

/// What is known of the server: what it was told, and what it has counted.
struct About {
  std::string database;
  std::string password;  ///< empty: nobody has to say one
  int port = 0;          ///< of the first TCP address; 0: there is none
  std::size_t max_clients = 10'000;
  std::size_t max_bulk = std::size_t{512} * 1024 * 1024;
  Bounds bounds = {};
  bool syncs = true;  ///< what is answered survives loss of power
  /// What is written of a command.
  std::function<command::Documented(const command::RedisCommand&)> documented = {};
  Figures figures = {};
};

}  // namespace weir::server
