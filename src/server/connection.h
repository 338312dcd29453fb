// A client's connection: what has come, what is to go out, and what it waits for.
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

/// No more is read from a client that has so much waiting to be done.
inline constexpr std::size_t kMuchIn = 1024 * 1024;
/// Nothing more is done for a client that has so much to take.
inline constexpr std::size_t kMuchOut = 1024 * 1024;

/// Threads: that of the loop alone.
struct Connection {
  Fd fd;
  Client client;
  io::CommandReader reader;

  std::string out;  ///< answers, of which [sent, ...) is still to be sent
  std::size_t sent = 0;
  SteadyTime slow_since;  ///< it has not taken all of much since then

  bool busy = false;          ///< a unit of it is being done
  SteadyTime stranger_since;  ///< it has not said the password that there is
  bool held = false;          ///< it is answered later: see Loop::hold
  bool wants_answer = true;   ///< to the read that it waits for
  bool crowded = false;       ///< its next commands wait until it has taken answers
  bool ended = false;         ///< nothing more comes
  bool hung_up = false;       ///< and nothing can be sent
  bool reads = true;          ///< what readiness is waited for
  bool writes = false;
  bool used = false;                        ///< its memory is to be looked at
  std::shared_ptr<std::atomic<bool>> gone;  ///< set once the client is
  std::unique_ptr<Unit> rest;               ///< what is left of a unit, until the client has taken its answers

  std::optional<Ask> next;  ///< begins the next unit

  // In MULTI, by their places: commands that the server answers itself, and answers that are another command's.
  std::map<std::size_t, std::vector<std::string>> own;
  std::map<std::size_t, Shape> shapes;
  std::vector<std::string_view> commands;  ///< the rows of all
  std::size_t queued = 0;                  ///< about how many bytes

  std::size_t counted = 0;  ///< of `memory`, when it was last counted

  std::size_t waiting_out() const { return out.size() - sent; }
  /// About what its commands and answers take.
  std::size_t memory() const { return reader.memory() + out.capacity() + (client.session.is_spoiled() ? 0 : queued); }
};

}  // namespace weir::server
