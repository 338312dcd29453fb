// Copies whole streams from one store to another: entries, groups, consumers, and pending messages.
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
  bool server = false;  ///< the store is a server: it knows strings only, and a pipeline is best for adding entries
};

struct CopyOptions {
  enum class Meet {
    refuse,   ///< a stream with other entries is left alone, and copying it fails
    append,   ///< the entries are added after those of the target
    replace,  ///< the target's stream is deleted first
  };
  Meet meet = Meet::refuse;
};

/// What is to be done with one stream. `after`: the last entry that an earlier copy stored before it was stopped.
struct CopyPlan {
  enum class Action { make, go_on, append, replace };
  Action action = Action::make;
  std::optional<Id> after;
  std::uint64_t there = 0;  ///< how many of the entries the target already has
  StreamInfo source;
};

/// What was done with one stream, and what both sides hold afterwards.
struct Copied {
  std::uint64_t entries = 0;
  std::uint64_t groups = 0;
  std::uint64_t pending = 0;
  std::uint64_t pending_lost = 0;        ///< their message is gone, so no store takes them over
  std::uint64_t keys_left = 0;           ///< of idempotent producers, that still count in the source alone
  std::optional<Id> untyped;             ///< the first entry with a JSON type that the server turned into a string
  std::vector<std::string> groups_left;  ///< with `append`: groups of the target that stayed as they were
  StreamInfo target;
  std::optional<std::string> difference;  ///< how the two sides differ
};

/// Called after each page with the number of the stream's entries that are stored.
using CopyProgress = std::function<void(std::uint64_t stored)>;

/// Looks at both sides; changes nothing. Fails with `Failure::refused` if the target has other entries, or groups that
/// have moved on. `to` is null if the target store does not exist yet.
Result<CopyPlan> plan_copy(const CopyEnd& from, const CopyEnd* to, const std::string& stream,
                           const CopyOptions& options);

/// Carries out the plan, in constant memory. After an interruption or a failure of either store, the stream can be
/// planned and copied again. A second thread uses `from` meanwhile; the first thread calls `progress`.
Result<Copied> copy_stream(const CopyEnd& from, const CopyEnd& to, const std::string& stream, const CopyPlan& plan,
                           const CopyProgress& progress);

}  // namespace weir::copy
