// How far streams of other stores have been copied into the streams of this store.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// What became of entries that came from another store.
struct Received {
  std::uint64_t count = 0;  ///< how many were added, from the first on
  std::optional<Id> place;  ///< the source's ID up to which it is copied now
};

/// Implemented by a `Store` that remembers, for each of its streams, which sources have been copied into it, and how
/// far. This place is kept with the stream and changes in the transaction that adds the entries. So the copying process
/// can find out what has arrived, whichever process was killed, and when.
class Receiving {
 public:
  virtual ~Receiving() = default;

  /// The name under which other stores know this stream as a source. It is made when it is first asked for, and kept as
  /// long as the stream exists. Refused if the stream does not exist. On a server, where other clients delete and
  /// rename streams without what is kept beside them, a stream that is made after this refusal has a new name.
  virtual Result<std::string> source_name(const std::string& stream) = 0;
  /// Acknowledges, unless another stream is there now: one that another `source_name` belongs to. Then, nothing is
  /// done, and the result is false. Requires: neither an owner nor `all_or_none`.
  virtual Result<bool> acknowledge_source(const std::string& name, const Xack& request) = 0;
  /// The ID, in the source, of the last entry that came from `source`. Nothing: none has come.
  virtual Result<std::optional<Id>> received(const std::string& stream, const std::string& source) = 0;
  /// Adds entries of one stream if the source has been copied up to `place`; else does nothing. `places` are the IDs of
  /// the entries in the source. If the first entry is refused, so is the call, as XADD is; it stops before any later
  /// entry that is refused. Requires: at least one entry, one place for each; no Idempotence, no trimming.
  virtual Result<Received> receive(const std::string& source, std::optional<Id> place, std::span<const Xadd> entries,
                                   std::span<const Id> places) = 0;

 protected:
  Receiving() = default;
  Receiving(const Receiving&) = default;
  Receiving(Receiving&&) = default;
  Receiving& operator=(const Receiving&) = default;
  Receiving& operator=(Receiving&&) = default;
};

}  // namespace weir
