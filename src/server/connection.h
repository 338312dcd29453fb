// A client's connection: the bytes received, the bytes still to send, and what the client waits for.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/command_reader.h"
#include "server/client.h"
#include "server/unit.h"
#include "system/fd.h"

namespace weir::server {

/// With so many received bytes to work on, we read no more from the client.
inline constexpr std::size_t kMuchIn = 1024 * 1024;
/// With so many bytes of answers not taken, we do nothing more for the client.
inline constexpr std::size_t kMuchOut = 1024 * 1024;

/// Threads: the loop's thread only.
struct Connection {
  Fd fd;
  Client client;
  io::CommandReader reader;

  std::string out;  ///< answers; [sent, ...) is still to be sent
  std::size_t sent = 0;
  SteadyTime slow_since;  ///< since when more than Bounds::slow_out is waiting

  bool busy = false;          ///< a unit of this client is being done
  SteadyTime stranger_since;  ///< since when the client has owed the password
  bool held = false;          ///< the answer is delayed: see Loop::hold
  bool wants_answer = true;   ///< whether the read that the client waits for is to be answered
  bool crowded = false;       ///< the next commands wait until the client has taken answers
  bool ended = false;         ///< the client sends nothing more
  bool hung_up = false;       ///< nothing can be sent to the client any more
  bool reads = true;          ///< whether readiness to read is waited for; `writes`: to write
  bool writes = false;
  bool used = false;                        ///< its buffers are to be released once the client is idle
  std::shared_ptr<std::atomic<bool>> gone;  ///< set once the connection is closed
  std::unique_ptr<Unit> rest;               ///< the rest of a unit: waits until the client takes its answers

  std::optional<Ask> next;  ///< the command that begins the next unit

  // Commands in MULTI, by their places: those that the server answers itself, and those whose answer changes its shape.
  std::map<std::size_t, std::vector<std::string>> own;
  std::map<std::size_t, Shape> shapes;
  std::vector<std::string_view> commands;  ///< the row of each command in MULTI
  std::size_t queued = 0;                  ///< about how many bytes the commands in MULTI take

  std::size_t counted = 0;  ///< the value of `memory` when it was last counted

  std::size_t waiting_out() const { return out.size() - sent; }
  /// About how many bytes the client's commands and answers take.
  std::size_t memory() const { return reader.memory() + out.capacity() + (client.session.is_spoiled() ? 0 : queued); }
};

}  // namespace weir::server
