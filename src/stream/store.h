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

/// What a crash may take. See `Durability` in the manual.
enum class Durability {
  full,    ///< what was answered survives loss of power
  normal,  ///< what was answered survives `kill -9`
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

/// What every engine can do. What only one can is a class of its own, which the engine derives from as well, and is
/// asked for by dynamic_cast: Remote (remote.h), Placement (placement.h), Remembering (remembering.h),
/// Delaying (delaying.h), Logged (logged.h), Unique (unique.h), Keeping (keeping.h), Pausing (pausing.h), Watching
/// (watching.h), Receiving (receiving.h).
///
/// Threads: a store belongs to one thread at a time; it may be handed over between calls. Several stores, of the same
/// file too, share nothing: they may be in one process, in one thread or in several. Blocks: every call may wait for
/// the disk, for other writers (up to `lock_timeout`) or for the network; only `Xread` and `Xreadgroup` with `block`
/// wait for messages. Fails: with `Failure::refused` and Redis's error text where Redis refuses; with `Failure::store`
/// where the store cannot do it. A call that fails has changed nothing, unless its error says that what was asked for
/// is, or may be, there. When a call returns under `Durability::full`, what it changed is on the disk.
class Store {
 public:
  virtual ~Store() = default;

#define WEIR_RUN(Request) virtual Result<Request::Reply> run(const Request& request) = 0;
  WEIR_REQUESTS(WEIR_RUN)
#undef WEIR_RUN

  /// Runs whichever request it is.
  Result<Reply> execute(const Request& request);

  /// About how many bytes a stream takes in the store: its entries, and what its groups hold. Unless the engine has a
  /// better figure it is estimated from some of the entries. Refused if there is no such stream.
  virtual Result<std::uint64_t> size(const std::string& stream);

  /// The names of streams that begin with `prefix` and are UTF-8, in the order of their bytes. Where there are more
  /// than `most`, it is the first of them and the last one. Requires: `most` is not 0.
  virtual Result<Names> names_from(std::string_view prefix, std::size_t most);

  /// Two stores with the same identity are the same store, however each of them was named. Empty: it cannot be told.
  virtual Result<std::string> identity() = 0;

  /// Adds many entries with the cost of one commit (one round trip). One answer for each entry that was dealt with, in
  /// their order. It stops at the first that is refused; a server may have dealt with some after it. An answer that
  /// is a `Failure::store` is the last.
  using AddAnswers = std::vector<Result<MaybeId>>;
  virtual Result<AddAnswers> append(std::span<const Xadd> entries) = 0;

  /// What `transact` does when a request in it is refused.
  enum class OnRefusal {
    go_on,  ///< as EXEC: the others are done all the same, the reply in its place is the error
    undo,   ///< nothing is done; the replies end with the error
  };
  /// Runs all of `requests` as one transaction: others see all of it or nothing. Nothing in it waits.
  virtual Result<std::vector<Result<Reply>>> transact(std::span<const Request> requests, OnRefusal on_refusal) = 0;

  /// A blocked read returns early, as if it had timed out, when `fd` becomes readable; -1: nothing
  /// interrupts it. The descriptor stays the caller's and must outlive the calls.
  virtual void set_interrupt(int fd) = 0;
};

}  // namespace weir
