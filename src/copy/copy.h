// Streams from one store to another, whole: entries, groups, consumers, and what is pending.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stream/result.h"
#include "stream/store.h"

namespace weir::copy {

/// One side of a copy.
struct CopyEnd {
  Store& store;
  bool server = false;  ///< values are strings there, and entries go in best through a pipeline
};

struct CopyOptions {
  enum class Meet {
    refuse,   ///< a stream with other entries is left alone, and is an error
    append,   ///< the entries go after those that are there
    replace,  ///< what is there is deleted first
  };
  Meet meet = Meet::refuse;
};

/// What is to be done with one stream. Where an earlier copy was stopped, `after` is the last entry that it stored.
struct CopyPlan {
  enum class Action { make, go_on, append, replace };
  Action action = Action::make;
  std::optional<Id> after;
  std::uint64_t there = 0;  ///< so many of the entries are there already
  StreamInfo source;
};

/// What was done with one stream, and what both sides hold at its end.
struct Copied {
  std::uint64_t entries = 0;
  std::uint64_t groups = 0;
  std::uint64_t pending = 0;
  std::uint64_t pending_lost = 0;        ///< their message is gone: no store takes them over
  std::optional<Id> untyped;             ///< the first entry with a JSON type that the server made a string of
  std::vector<std::string> groups_left;  ///< with `append`: were there, and stay as they are
  StreamInfo target;
  std::optional<std::string> difference;  ///< what is not the same on both sides
};

/// Told after each page how many entries of the stream are stored.
using CopyProgress = std::function<void(std::uint64_t stored)>;

/// Looks at both sides; changes nothing. Fails with `Failure::refused` where the target has other entries, or groups
/// that have moved on. `to` may be null: a store that is not there yet.
Result<CopyPlan> plan_copy(const CopyEnd& from, const CopyEnd* to, const std::string& stream,
                           const CopyOptions& options);

/// Does it, in constant memory. Stopped in the middle, or after a failure of either store, it can be planned and run
/// again. While it runs, `from` is used by a second thread; `progress` is called by the first.
Result<Copied> copy_stream(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                           const CopyProgress& progress);

}  // namespace weir::copy
