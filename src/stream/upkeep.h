// Keeping a file in good order over the years: verifying, backing up and compacting it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stream/reply.h"
#include "stream/result.h"

namespace weir {

/// A place where stored data contradicts itself.
struct Finding {
  std::string rule;  ///< the rule that is broken: a word that scripts can look for
  std::optional<std::string> stream = {};
  std::optional<std::string> group = {};
  std::string what;  ///< one line, of numbers and IDs
  bool can_be_mended = false;
  bool mended = false;
  /// How many more findings of this rule there are, which are not told one by one.
  std::uint64_t more = 0;
};

struct Verified {
  std::uint64_t streams = 0;
  std::uint64_t entries = 0;
  std::uint64_t found = 0;
  std::uint64_t left = 0;  ///< how many of the findings are not mended
  /// Remarks, a line each: no faults, but they may explain trouble that no rule sees.
  std::vector<std::string> noted = {};
};

/// How free space can be given back to the file system.
enum class CompactingWay {
  rewrite,   ///< the live data is so small that rewriting it takes a moment
  in_steps,  ///< page by page
  at_once,   ///< only by rewriting all live data, while others wait
};

struct Compactable {
  std::uint64_t bytes = 0;  ///< of the file
  std::uint64_t free = 0;   ///< of these bytes, how many are in unused pages
  CompactingWay way = CompactingWay::in_steps;
};

struct Compacted {
  std::uint64_t before = 0;  ///< bytes of the file
  std::uint64_t after = 0;
  std::chrono::microseconds longest_turn{0};  ///< the longest time others could not write
};

/// Implemented by a `Store` that is a file.
class Upkeep {
 public:
  virtual ~Upkeep() = default;

  /// Checks, at one moment, whether all that the file stores is consistent, and tells each contradiction. With `repair`
  /// mends what can be mended, in one transaction, without losing a message. Reads the whole file; other writers wait
  /// only for a repair.
  virtual Result<Verified> verify(bool repair, const std::function<void(const Finding&)>& tell) = 0;

  /// Writes the database, as it is at one moment of the call, to `to`, an empty file that may also be read; syncs and
  /// verifies the copy. `name`: what error messages call the copy. No other process waits meanwhile. `go_on` is called
  /// now and then; if it fails, the backup ends.
  virtual Result<void> backup(int to, const std::string& name, const std::function<Result<void>()>& go_on) = 0;
  /// Fails unless `path` is a database of weir's that nobody has open. After success no process has left a log beside
  /// it.
  virtual Result<void> may_replace(const std::string& path) = 0;
  /// Fails if files of another database lie beside `path`, where there is no database yet.
  virtual Result<void> may_make(const std::string& path) = 0;
  /// Notes for `last_backup` when a backup was begun; does nothing if this user, or this version, may not write to the
  /// file.
  virtual Result<void> note_backup(UnixMs begun) = 0;
  /// When the last backup was begun. Nothing: none was noted.
  virtual Result<std::optional<UnixMs>> last_backup() = 0;

  /// What `compact` would find, and how it would proceed.
  virtual Result<Compactable> compactable() = 0;
  /// Gives unused space back, and overwrites what is left of deleted messages. `at_once`: others may have to wait for
  /// as long as it takes to rewrite all live data. `tell` is called now and then.
  virtual Result<Compacted> compact(bool at_once, const std::function<void()>& tell) = 0;

  /// From now on `tell` is called now and then during every statement that takes long; an empty function ends that.
  /// `tell` must not use the store.
  virtual void while_working(std::function<void()> tell) = 0;

 protected:
  Upkeep() = default;
  Upkeep(const Upkeep&) = default;
  Upkeep(Upkeep&&) = default;
  Upkeep& operator=(const Upkeep&) = default;
  Upkeep& operator=(Upkeep&&) = default;
};

}  // namespace weir
