// One store for many clients: what they write in one commit, and what they wait for in one look.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stream/request.h"
#include "stream/result.h"

namespace weir {

/// The places that clients of this process have in the lines of blocked readers, among those of other processes. A
/// client's place is a number that grows from one client that joins to the next. Threads: any; nothing blocks.
class Lines {
 public:
  virtual ~Lines() = default;

  /// To the end of it.
  virtual void join(std::int64_t line, std::uint64_t place) = 0;
  /// Nothing happens where it is not in it.
  virtual void leave(std::int64_t line, std::uint64_t place) = 0;
  /// Whether no other process has a reader before it. Once that is so it stays so.
  virtual bool is_first(std::int64_t line, std::uint64_t place) = 0;
  /// Whether that is so for the first of this process. Says to the others that this process is awake.
  virtual bool at_head(std::int64_t line) = 0;
  /// Likewise, or those before it have left `next` lying for so long that they are not waited for any more. May take
  /// some milliseconds.
  virtual bool is_turn(std::int64_t line, Id next) = 0;

 protected:
  Lines() = default;
  Lines(const Lines&) = default;
  Lines(Lines&&) = default;
  Lines& operator=(const Lines&) = default;
  Lines& operator=(Lines&&) = default;
};

/// What a `Store` is besides, if it can do what several clients ask together.
class Sharing {
 public:
  virtual ~Sharing() = default;

  /// Runs `work` as one transaction: what it asks of the store is done in it, one after the other, and is on the disk
  /// when this returns. Nothing in it waits; a refusal of one request leaves the others as they are. Nothing is done at
  /// all if `work` fails, or throws.
  virtual Result<void> together(const std::function<Result<void>()>& work) = 0;

  /// The same, if it can be begun without waiting for others who write. False: it cannot, and nothing was done.
  virtual Result<bool> together_at_once(const std::function<Result<void>()>& work) = 0;

  /// After a failure of these with Cause::no_room, whether they may succeed now. May take some milliseconds.
  virtual bool make_room() = 0;

  /// From now on the entries that requests answer with may take about so many bytes, all together, until this is called
  /// again. A read takes no more than fits; what is asked for as a whole is refused. The first entry always fits, while
  /// there is any room.
  virtual void bound_answers(std::uint64_t bytes) = 0;

  /// Text that is another once somebody has changed the stream as Redis's WATCH sees it: its entries, its name, what
  /// XSETID sets, or which groups it has.
  virtual Result<std::string> state_of(const std::string& stream) = 0;

  /// How many streams there are. Costs less than their names.
  virtual Result<std::uint64_t> count_streams() = 0;

  /// In the place of `$`, and of what has no entry yet, the IDs after which the streams go on from this moment.
  virtual Result<void> fix_starts(Xread& request) = 0;

  /// Lines for the clients of this store.
  virtual Result<std::unique_ptr<Lines>> lines() = 0;

  /// Where one who reads from a group stands, for one of its streams.
  struct Standing {
    std::int64_t stream = 0;                  ///< its number
    std::int64_t fresh = 0;                   ///< the line of those who wait for what is new: the group's number
    std::optional<std::int64_t> claims = {};  ///< likewise for what is pending, with CLAIM
    bool fresh_is_ours = false;               ///< what lies there is for this one, as far as others stand in line
    bool claims_are_ours = false;
    bool operator==(const Standing&) const = default;
  };
  struct TurnToRead {
    StreamEntries found;
    std::vector<Standing> standing;  ///< where it stands, or is to stand if it waits: one for each source
    bool left = false;               ///< something lies there that is for others
  };
  /// XREADGROUP, without its waiting, for one who waits in line, or would. `standing`: one for each source; none: it
  /// has only come, and goes behind all who are in line. Fails where a group is no longer the one it was.
  virtual Result<TurnToRead> read_in_turn(const Xreadgroup& request, std::span<const Standing> standing) = 0;

  /// What somebody waits for.
  struct Awaited {
    std::string stream;
    std::optional<Id> after;  ///< XREAD; nothing: XREADGROUP, by
    std::string group = {};
    std::int64_t line = 0;  ///< the group's number
    std::optional<Millis> claim = {};
  };
  struct Seen {
    std::vector<bool> ready;           ///< for each: there may be something, or an error to be told
    std::optional<Millis> until_more;  ///< time alone may make something ready
  };
  /// Looks at all of them at one moment. Nothing is given to anybody.
  virtual Result<Seen> look(std::span<const Awaited> awaited, Lines& lines) = 0;

 protected:
  Sharing() = default;
  Sharing(const Sharing&) = default;
  Sharing(Sharing&&) = default;
  Sharing& operator=(const Sharing&) = default;
  Sharing& operator=(Sharing&&) = default;
};

}  // namespace weir
