// What the server tells other clients about one client of `serve`, and what they may change in it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "command/session.h"
#include "io/resp.h"
#include "system/clock.h"

namespace weir::server {

/// A stream that the client watches, and the state of the stream at that time: see Sharing::state_of.
struct Watched {
  std::string stream;
  std::string state;
};

/// Threads: the loop's thread only.
struct Client {
  std::uint64_t id = 0;  ///< never used for a second client
  int fd = -1;           ///< shown to clients only; never read from
  std::string address;
  std::string local_address;
  SteadyTime connected;
  SteadyTime last_active;

  // What the client has said of itself.
  std::string name;
  std::string library;
  std::string library_version;
  bool may_be_evicted = true;
  bool touches_keys = true;

  int protocol = 2;  ///< of RESP
  bool authenticated = true;

  std::string_view last_command = {};  ///< the name of its row
  std::uint64_t commands = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::size_t buffered_in = 0;   ///< bytes received and not yet looked at
  std::size_t buffered_out = 0;  ///< bytes that wait until the client takes them
  bool is_blocked = false;       ///< the client waits for messages

  command::Session session = {};
  std::vector<Watched> watched = {};

  /// CLIENT REPLY: whether answers are sent. `skip_next`: the next command gets no answer.
  bool replies = true;
  bool skip_next = false;

  /// The loop closes the connection: after the answers that are due (`ending`), or now (`killed`).
  bool ending = false;
  bool killed = false;
  /// CLIENT UNBLOCK: the client's wait ends as if its time were over, or with an error.
  enum class Unblock { no, timeout, error };
  Unblock unblock = Unblock::no;

  /// Makes a writer that appends answers, in the given protocol, to `out`.
  static std::unique_ptr<io::Resp> writer(std::string& out, int protocol) {
    return protocol == 3 ? std::make_unique<io::Resp3>(out) : std::make_unique<io::Resp>(out);
  }
};

}  // namespace weir::server
