// `weir dead`: looking at dead letters, putting them back, removing them.
#pragma once

#include <chrono>
#include <functional>
#include <variant>

#include "stream/condition.h"
#include "stream/reply.h"
#include "stream/result.h"
#include "stream/store.h"
#include "worker/dead/dead_letter.h"

namespace weir::worker {

/// What `weir dead` is asked to do, already checked for form.
struct DeadOptions {
  enum class Action { ls, show, requeue, purge };
  Action action = Action::ls;
  std::string stream;            ///< the one the messages were on
  std::string dead_letter;       ///< empty: see `dead_letter_stream`
  std::vector<Id> ids;           ///< of the letters
  std::vector<Condition> where;  ///< of the letters, all have to hold
  Id first = kMinId;             ///< of the letters, if no IDs are given
  Id last = kMaxId;
  std::optional<std::uint64_t> newest;  ///< ls, show: only the last so many
  bool all = false;
  std::optional<std::uint64_t> limit;  ///< requeue: at most so many
  std::chrono::microseconds pause{0};  ///< requeue: from one to the next
  bool dry_run = false;                ///< requeue, purge: only tell which
};

/// One dead letter in short. `id`: of the letter.
struct DeadSummary {
  Id id;
  DeadLetter letter;
};

/// An entry that somebody else put on the stream of the dead letters. It is passed over.
struct NoDeadLetter {
  Id id;
};

/// A message that was put back. Its own entry was given back to its group; or that was gone, or the group was, and the
/// message is a new entry, which all groups are given.
struct Requeued {
  Id id;
  bool anew = false;
};

/// Why something was not found, by the name that it was given, and what to write instead.
struct Advice {
  std::string what;
  std::string instead;
};

/// - ls: a DeadSummary for each letter
/// - show: the letters whole, an Entry each
/// - requeue: the ID of each message, a Requeued, or with `dry_run` a DeadSummary
/// - purge: how many letters were removed, or with `dry_run` a DeadSummary for each, an Entry if it is no letter
/// - ls, requeue: a NoDeadLetter for what is none
/// - an Advice where something was not found, at the end
using DeadAnswer = std::variant<DeadSummary, Entry, Requeued, Count, NoDeadLetter, Advice>;
using TellDead = std::function<void(const DeadAnswer&)>;

/// Does what is asked, and tells it piece by piece. Gives the exit status: 0; 1 if no letter was meant; that of
/// a refusal if an ID was given of what is no letter.
///
/// With requeue each message goes back to its group, and its letter away, in one transaction. Two that requeue the
/// same letter at once put it back once. Nothing else stays: no group, no consumer.
///
/// Requeue and purge fail with `Failure::usage` where a condition would hold for all letters only because its name
/// lacks the `weir.` of theirs.
///
/// Requires: requeue and purge name IDs, a `where`, a time, or `all`.
Result<int> run_dead(Store& store, const DeadOptions& options, const TellDead& tell);

}  // namespace weir::worker
