// What keeps a file in good order over the years.
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

/// A place where what is stored contradicts itself.
struct Finding {
  std::string rule;  ///< the promise that is broken: a word that scripts can look for
  std::optional<std::string> stream = {};
  std::optional<std::string> group = {};
  std::string what;  ///< one line, of numbers and IDs
  bool can_be_mended = false;
  bool mended = false;
  /// As many again, which are not told one by one.
  std::uint64_t more = 0;
};

struct Verified {
  std::uint64_t streams = 0;
  std::uint64_t entries = 0;
  std::uint64_t found = 0;
  std::uint64_t left = 0;  ///< of what was found, not mended
  /// What is no fault, but may explain what no rule sees: a line each.
  std::vector<std::string> noted = {};
};

/// How space can be given back.
enum class CompactingWay {
  rewrite,   ///< what lives is so little that it is written anew in a moment
  in_steps,  ///< page by page
  at_once,   ///< only by writing all anew, for which others have to wait
};

struct Compactable {
  std::uint64_t bytes = 0;  ///< of the file
  std::uint64_t free = 0;   ///< of them, in pages that hold nothing
  CompactingWay way = CompactingWay::in_steps;
};

struct Compacted {
  std::uint64_t before = 0;  ///< bytes of the file
  std::uint64_t after = 0;
  std::chrono::microseconds longest_turn{0};  ///< for so long others could not write
};

/// What a `Store` is besides, if it is a file.
class Upkeep {
 public:
  virtual ~Upkeep() = default;

  /// Holds all that the file says against itself, at one moment, and tells what does not fit. With `repair` what can be
  /// mended is, in one transaction: no message goes. Reads the whole file; who writes meanwhile waits only for a
  /// repair.
  virtual Result<Verified> verify(bool repair, const std::function<void(const Finding&)>& tell) = 0;

  /// Writes what is stored, as it is at one moment of the call, to `to`, an empty file that may be read, syncs it, and
  /// holds it against itself. `name`: what messages call it. Nobody waits for it. `go_on` is called now and then; it
  /// ends where that fails.
  virtual Result<void> backup(int to, const std::string& name, const std::function<Result<void>()>& go_on) = 0;
  /// Whether `path` is a database of weir's that nobody has open: then nothing is left beside it of those who had.
  virtual Result<void> may_replace(const std::string& path) = 0;
  /// Whether a database may be put at `path`, where there is none: nothing lies beside it that is another's.
  virtual Result<void> may_make(const std::string& path) = 0;
  /// Notes when a backup was begun, for `last_backup`; not where this user, or this version, may not write to the file.
  virtual Result<void> note_backup(UnixMs begun) = 0;
  /// When the last one was begun. Nothing: none was noted.
  virtual Result<std::optional<UnixMs>> last_backup() = 0;

  /// What `compact` would do.
  virtual Result<Compactable> compactable() = 0;
  /// Gives back the space that nothing lives in, and overwrites what is left of messages that were deleted before.
  /// `at_once`: others may wait for as long as it takes to write anew all that lives. `tell` is called now and then.
  virtual Result<Compacted> compact(bool at_once, const std::function<void()>& tell) = 0;

  /// From now on `tell` is called now and then, while a statement runs that takes long; an empty one ends that. It must
  /// not use the store.
  virtual void while_working(std::function<void()> tell) = 0;

 protected:
  Upkeep() = default;
  Upkeep(const Upkeep&) = default;
  Upkeep(Upkeep&&) = default;
  Upkeep& operator=(const Upkeep&) = default;
  Upkeep& operator=(Upkeep&&) = default;
};

}  // namespace weir
