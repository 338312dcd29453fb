// One client of `serve`, as it is to be told of and asked about.
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

/// A stream that a client watches, and how it was then: see Sharing::state_of.
struct Watched {
  std::string stream;
  std::string state;
};

/// Threads: that of the loop alone.
struct Client {
  std::uint64_t id = 0;  ///< never used again
  int fd = -1;           ///< for those who want to see it: nobody reads from it by this number
  std::string address;
  std::string local_address;
  SteadyTime connected;
  SteadyTime last_active;

  // What it has said of itself.
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
  std::size_t buffered_in = 0;   ///< come, and not yet looked at
  std::size_t buffered_out = 0;  ///< waiting for the client to take it
  bool is_blocked = false;       ///< it waits for messages

  command::Session session = {};
  std::vector<Watched> watched = {};

  /// What becomes of the answers: CLIENT REPLY. `skip_next`: of the next command there is none.
  bool replies = true;
  bool skip_next = false;

  /// Close it, once what is to be answered has been (`ending`), or now (`killed`). The loop sees to it.
  bool ending = false;
  bool killed = false;
  /// CLIENT UNBLOCK: end its wait as if the time were over, or with an error.
  enum class Unblock { no, timeout, error };
  Unblock unblock = Unblock::no;

  /// Writes an answer, in its protocol, to the end of `out`.
  static std::unique_ptr<io::Resp> writer(std::string& out, int protocol) {
    return protocol == 3 ? std::make_unique<io::Resp3>(out) : std::make_unique<io::Resp>(out);
  }
};

}  // namespace weir::server
