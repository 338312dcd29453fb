// A store of streams. There are two: a SQLite file (sqlite/) and a Redis or Valkey server (redis/).
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stream/reply.h"
#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// What a crash may lose. See `Durability` in the manual.
enum class Durability {
  full,    ///< answered changes survive loss of power
  normal,  ///< answered changes survive `kill -9`
  off,     ///< nothing is promised until the store is closed
};

/// How a command meets a store that does not exist yet.
enum class Access {
  look,  ///< a missing store is an error; nothing is created or changed
  make,  ///< a missing store is made
};

struct StoreOptions {
  Access access = Access::make;
  Durability durability = Durability::full;
  std::chrono::milliseconds lock_timeout{30'000};  ///< how long a writer waits for its turn
  std::string password = {};                       ///< for a server whose URL has none; empty: there is none
};

/// What Redis's commands need. What else an engine can do is in classes of their own, from which the engine derives as
/// well; callers ask for them by dynamic_cast. Each class is in the header of its name. Both engines are Delaying,
/// Unique, Keeping, Pausing, Rationing and Receiving. Only a server is Remote and has Placement; only a file is
/// Remembering, Watching, Surveying, Sharing, Logged, Packing, Unhurried, and has Upkeep.
///
/// Threads: a store belongs to one thread at a time; it may be handed over between calls. Two stores share nothing,
/// even if they have the same file open: they may be used in one process, by one thread or by several. Blocks: every
/// call may wait for the disk, for other writers (up to `lock_timeout`) or for the network; only `Xread` and
/// `Xreadgroup` with `block` wait for messages. Fails: with `Failure::refused` and Redis's error text where Redis
/// refuses; with `Failure::store` where the store cannot do it. A call that fails has changed nothing, unless its error
/// says that the change was made, or may have been made. Under `Durability::full`, a change is on the disk when the
/// call returns.
class Store {
 public:
  virtual ~Store() = default;

#define WEIR_RUN(Request) virtual Result<Request::Reply> run(const Request& request) = 0;
  WEIR_REQUESTS(WEIR_RUN)
#undef WEIR_RUN

  /// Runs the request, whatever its type.
  Result<Reply> execute(const Request& request);

  /// About how many bytes a stream takes in the store: its entries, and what its groups hold. Unless the engine has a
  /// better figure, this is estimated from some of the entries. Refused if the stream does not exist.
  virtual Result<std::uint64_t> size(const std::string& stream);

  /// The names of streams that begin with `prefix` and are UTF-8, in the order of their bytes. If there are more than
  /// `most`: the first `most` - 1 of them, and the very last. Requires: `most` is not 0.
  virtual Result<Names> names_from(std::string_view prefix, std::size_t most);

  /// Two stores with the same identity are the same store, whatever names they were opened by. Empty: not known.
  virtual Result<std::string> identity() = 0;

  /// Adds many entries with the cost of one commit (one round trip). Returns one answer for each entry that was dealt
  /// with, in their order. It stops at the first entry that is refused; a server may have dealt with some after it. An
  /// answer that is a `Failure::store` is the last.
  using AddAnswers = std::vector<Result<MaybeId>>;
  virtual Result<AddAnswers> append(std::span<const Xadd> entries) = 0;

  /// What `transact` does when a request in it is refused.
  enum class OnRefusal {
    go_on,  ///< as EXEC: the other requests are done all the same, and the error stands among the replies
    undo,   ///< nothing is done; the replies end with the error
  };
  /// Runs all of `requests` as one transaction: others see all of it or nothing. Nothing in it waits.
  virtual Result<std::vector<Result<Reply>>> transact(std::span<const Request> requests, OnRefusal on_refusal) = 0;

  /// A blocked read returns early, as if it had timed out, when `fd` becomes readable; -1: nothing
  /// interrupts it. The descriptor stays the caller's and must outlive the calls.
  virtual void set_interrupt(int fd) = 0;
};

}  // namespace weir
