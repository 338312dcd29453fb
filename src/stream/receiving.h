// How far the streams of other stores have been copied into those of this one.
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
  std::uint64_t count = 0;  ///< so many were added, from the first
  std::optional<Id> place;  ///< where the source stands now
};

/// What a `Store` is besides, if it remembers for each of its streams which sources have been copied into it, and how
/// far. The place is kept with the stream, and changes in the transaction that adds the entries: so whoever copies can
/// find out what is there, whenever anybody was killed.
class Receiving {
 public:
  virtual ~Receiving() = default;

  /// By what name other stores are to know this stream as a source: made when it is first asked for, and the stream's
  /// as long as it is there. Refused if there is no such stream.
  virtual Result<std::string> source_name(const std::string& stream) = 0;
  /// The ID that the last entry of `source` has there. Nothing: none has come.
  virtual Result<std::optional<Id>> received(const std::string& stream, const std::string& source) = 0;
  /// Adds entries of one stream, if the source still stands at `place`; else nothing is done. `places` are the IDs
  /// that they have in the source. Refused as XADD is, if the first of them is; it stops before any other that is.
  /// Requires: there is one at least, and as many places; no Idempotence, no trimming.
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
