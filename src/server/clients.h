// All clients that are connected now, and counts for the server as a whole.
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

/// Threads: the loop's thread only.
struct Clients {
  std::map<std::uint64_t, Client*> all;  ///< by their ids, which is the order in which they came

  std::set<std::uint64_t> monitors = {};  ///< ids of the clients that see all commands

  /// To be called after `killed`, `ending` or `unblock` of another client was set, so that the loop acts on it.
  std::function<void(Client&)> attend;

  Client* find(std::uint64_t id) const {
    const auto at = all.find(id);
    return at == all.end() ? nullptr : at->second;
  }
};

/// What INFO commandstats tells of a command.
struct CommandFigures {
  std::uint64_t calls = 0;
  std::uint64_t failed = 0;    ///< calls that ended with an error
  std::uint64_t rejected = 0;  ///< wrong words, or a wrong state of the client; not counted in `calls`
  std::chrono::nanoseconds took{0};
};

/// Threads: the loop's thread only.
struct Figures {
  SteadyTime started = std::chrono::steady_clock::now();
  std::uint64_t connections = 0;  ///< since the start
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

/// What the server was told about itself, and what it has counted.
struct About {
  std::string database;
  std::string password;  ///< empty: clients need no password
  int port = 0;          ///< of the first TCP address; 0: there is none
  std::size_t max_clients = 10'000;
  std::size_t max_bulk = std::size_t{512} * 1024 * 1024;
  Bounds bounds = {};
  bool syncs = true;  ///< a command that was answered survives a loss of power
  /// The documentation of a command.
  std::function<command::Documented(const command::RedisCommand&)> documented = {};
  Figures figures = {};
};

}  // namespace weir::server
