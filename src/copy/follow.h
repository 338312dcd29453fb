// Copies streams while messages arrive: from a file to a server, or from any store to another.
//
// Both sides know what has been copied. In the source, the entries are delivered to a group, and acknowledged once the
// target has them. The target records, in the transaction that adds entries, how far it has come in the source
// (stream/receiving.h). So each entry is added once, whichever process is killed and whenever. All processes that copy
// for one group are the same consumer of it, and each continues at the oldest entry that is not acknowledged. So
// several processes at once keep the order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "stream/result.h"
#include "stream/store.h"

namespace weir::copy {

/// One side. If its store fails, the store is opened again until it is back.
struct FollowEnd {
  /// `again`: the store was open before. `open` should not wait for long.
  std::function<Result<std::unique_ptr<Store>>(bool again)> open;
  const char* name = "";  ///< for the line that says that the store is back
  bool server = false;
};

struct FollowOptions {
  std::vector<std::string> streams;  ///< names, of streams that are made if missing, and globs; none: all streams
  std::string group;
  bool new_ids = false;  ///< entries get new IDs of the target, where others may add entries, too
  int interrupt = -1;    ///< once readable, the copy is to end; see Store::set_interrupt
};

struct FollowEvents {
  std::function<void(const std::string& line)> say;
  std::function<bool(Millis)> rest;  ///< sleeps for that time; false: the copy is to end
  std::function<bool()> is_over;     ///< whether the copy is to end
  std::function<void(std::uint64_t copied)> progress;
};

/// A stream from which something was copied.
struct Followed {
  std::string stream;
  std::uint64_t entries = 0;
  Id last;  ///< its ID in the source
};

/// Copies until told to end, which may take as long as one call of either store. Fails if trying again would not help:
/// the target has other entries under the same IDs, a key is no stream, or a password is wrong. Nothing is lost in that
/// case, either. `followed` is correct whatever the result is, and ordered by name.
Result<void> follow(const FollowEnd& from, const FollowEnd& to, const FollowOptions& options,
                    const FollowEvents& events, std::vector<Followed>& followed);

}  // namespace weir::copy
