// `weir dead`: shows dead letters, puts their messages back, and removes letters.
#pragma once

#include <chrono>
#include <functional>
#include <thread>
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
  std::string stream;            ///< the stream on which the messages were
  std::string dead_letter;       ///< empty: see `dead_letter_stream`
  std::vector<Id> ids;           ///< IDs of letters
  std::vector<Condition> where;  ///< conditions on the letters; all have to hold
  Id first = kMinId;             ///< the range of letters, if no IDs are given
  Id last = kMaxId;
  std::optional<std::uint64_t> newest;  ///< ls, show: only the last so many
  bool all = false;
  std::optional<std::uint64_t> limit;  ///< requeue: at most so many letters
  std::chrono::microseconds pause{0};  ///< requeue: the time between two letters
  /// requeue: sleeps for that time, before each letter; false, or a failure: nothing more is to be put back.
  std::function<Result<bool>(std::chrono::microseconds)> rest = [](std::chrono::microseconds time) {
    std::this_thread::sleep_for(time);
    return true;
  };
  bool dry_run = false;  ///< requeue, purge: only tell which letters
};

/// A dead letter in brief. `id`: the letter's own ID.
struct DeadSummary {
  Id id;
  DeadLetter letter;
};

/// A group on the stream of dead letters, used while letters are put back. A process claims a letter in this group
/// before it puts the letter back, so of two processes only one succeeds. A process that is killed leaves the group to
/// the next one. It is given nothing, so it is no queue.
inline constexpr const char* kRequeueGroup = "weir.requeue";

/// An entry on the stream of dead letters that is no letter, so somebody else put it there. It is skipped.
struct NoDeadLetter {
  Id id;
};

/// A message that was put back. Its own entry was given back to its group; or, if the entry or the group was gone
/// (`anew`), the message was appended as a new entry, which all groups get.
struct Requeued {
  Id id;
  bool anew = false;
};

/// Why nothing was found under the name that was given, and what to write instead.
struct Advice {
  std::string what;
  std::string instead;
};

/// - ls: a DeadSummary for each letter
/// - show: each whole letter, as an Entry
/// - requeue: a Requeued for each message, or with `dry_run` a DeadSummary
/// - purge: how many letters were removed; with `dry_run` a DeadSummary for each, or an Entry for one that is no letter
/// - ls, requeue: a NoDeadLetter for an entry that is no letter
/// - an Advice, at the end, if something was not found
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
