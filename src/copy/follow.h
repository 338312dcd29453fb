// Streams that are copied as messages come: a file that drains into a server, or any store into another.
//
// What has been copied is known on both sides. In the source a group is given the entries, and they are acknowledged
// once the target has them. The target notes, in the transaction that adds them, where the source stands there
// (stream/receiving.h): so whoever was killed, and when, each entry is added once. All who copy for one group are one
// consumer of it, and go on where the oldest entry is that is not acknowledged: several at once keep the order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "stream/result.h"
#include "stream/store.h"

namespace weir::copy {

/// One side. It may go away, and is opened again until it is back.
struct FollowEnd {
  /// `again`: it was there before. Should not wait for long.
  std::function<Result<std::unique_ptr<Store>>(bool again)> open;
  const char* name = "";  ///< for who reads that it is back
  bool server = false;
};

struct FollowOptions {
  std::vector<std::string> streams;  ///< names, which are made where they are not there, and globs; none: all
  std::string group;
  bool new_ids = false;  ///< entries get IDs of the target, where others may add some too
  int interrupt = -1;    ///< readable: it is to end; as Store::set_interrupt
};

struct FollowEvents {
  std::function<void(const std::string& line)> say;
  std::function<bool(Millis)> rest;  ///< sleeps so long; false: it is to end
  std::function<bool()> is_over;     ///< whether it is to end
  std::function<void(std::uint64_t copied)> progress;
};

/// A stream from which something was copied.
struct Followed {
  std::string stream;
  std::uint64_t entries = 0;
  Id last;  ///< in the source
};

/// Copies until it is told to end, which may take as long as a call of either store. Fails with what does not pass: the
/// target has other entries under the same IDs, a key is no stream, a password is wrong. Nothing is lost, then either.
/// `followed` is right whatever comes of it, in the order of names.
Result<void> follow(const FollowEnd& from, const FollowEnd& to, const FollowOptions& options,
                    const FollowEvents& events, std::vector<Followed>& followed);

}  // namespace weir::copy
