// One store for many clients: they write in one commit, and one look serves all that wait.
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

/// The places of this process's clients in the lines of blocked readers, where readers of other processes stand too. A
/// client's place is a number; each client that joins has a greater one than those before. Threads: any; nothing
/// blocks.
class Lines {
 public:
  virtual ~Lines() = default;

  /// Puts the client at the end of the line.
  virtual void join(std::int64_t line, std::uint64_t place) = 0;
  /// Does nothing if the client is not in the line.
  virtual void leave(std::int64_t line, std::uint64_t place) = 0;
  /// Whether no reader of another process stands before this client. Once true, it stays true.
  virtual bool is_first(std::int64_t line, std::uint64_t place) = 0;
  /// Whether a reader of another process stands anywhere in the line.
  virtual bool others_are_in(std::int64_t line) = 0;
  /// Whether no reader of another process stands before the first client of this process. Also tells the other
  /// processes that this one is awake, so that they do not pass it over.
  virtual bool at_head(std::int64_t line) = 0;
  /// True also if the readers ahead have ignored message `next` for so long that we no longer wait for them. May take
  /// some milliseconds.
  virtual bool is_turn(std::int64_t line, Id next) = 0;

 protected:
  Lines() = default;
  Lines(const Lines&) = default;
  Lines(Lines&&) = default;
  Lines& operator=(const Lines&) = default;
  Lines& operator=(Lines&&) = default;
};

/// Implemented by a `Store` that can do together what several clients ask for.
class Sharing {
 public:
  virtual ~Sharing() = default;

  /// Runs `work` as one transaction. The requests that `work` makes are done one after the other, and are on the disk
  /// when this returns. No request in it waits; a refused request leaves the others as they are. If `work` fails or
  /// throws, nothing at all is done.
  virtual Result<void> together(const std::function<Result<void>()>& work) = 0;

  /// As `together`, if the transaction can begin without waiting for other writers. False: it cannot, and nothing was
  /// done.
  virtual Result<bool> together_at_once(const std::function<Result<void>()>& work) = 0;

  /// Makes room after `together` or `together_at_once` failed with Cause::no_room. Returns whether they may succeed
  /// now. May take some milliseconds.
  virtual bool make_room() = 0;

  /// From now on, until the next call, the entries in all answers together may take about `bytes`. A read takes no more
  /// entries than fit; a request that needs all its entries is refused. While there is any room, the first entry fits.
  virtual void bound_answers(std::uint64_t bytes) = 0;

  /// Text that changes whenever the stream changes as Redis's WATCH sees it: its entries, its name, what XSETID sets,
  /// or which groups it has.
  virtual Result<std::string> state_of(const std::string& stream) = 0;

  /// How many streams there are. Costs less than their names.
  virtual Result<std::uint64_t> count_streams() = 0;

  /// Replaces each `$` by the ID after which the stream goes on from now: its last ID, or 0-0 if there is no such
  /// stream.
  virtual Result<void> fix_starts(Xread& request) = 0;

  /// Lines for the clients of this store.
  virtual Result<std::unique_ptr<Lines>> lines() = 0;

  /// Where a client that reads from a group stands in line, for one of its streams.
  struct Standing {
    std::int64_t stream = 0;                  ///< its number
    std::int64_t fresh = 0;                   ///< the line for new messages: the group's number
    std::optional<std::int64_t> claims = {};  ///< the line for pending messages, with CLAIM
    bool fresh_is_ours = false;               ///< nobody ahead keeps new messages from the client
    bool claims_are_ours = false;
    /// The same place in the same lines, whosever turn it is.
    bool operator==(const Standing& other) const {
      return stream == other.stream && fresh == other.fresh && claims == other.claims;
    }
  };
  struct TurnToRead {
    StreamEntries found;
    std::vector<Standing> standing;  ///< for each source: where the client stands, or will if it waits
    bool left = false;               ///< there is a message that is for a reader ahead
  };
  /// XREADGROUP, without waiting, for a client that waits in line or is about to. `standing`: one for each source;
  /// none: the client has just come, and stands behind all who are in line. Fails if a group is no longer the same one.
  /// `lines`: where the clients of this process stand.
  virtual Result<TurnToRead> read_in_turn(const Xreadgroup& request, std::span<const Standing> standing,
                                          Lines& lines) = 0;

  /// What a client waits for.
  struct Awaited {
    std::string stream;
    std::optional<Id> after;  ///< XREAD; nothing: XREADGROUP, see `group`, `line`, `claim`
    std::string group = {};
    std::int64_t line = 0;  ///< the group's number
    std::optional<Millis> claim = {};
  };
  struct Seen {
    std::vector<bool> ready;           ///< for each: there may be a message, or an error to report
    std::optional<Millis> until_more;  ///< after so long, time alone may make something ready
  };
  /// Looks at all that clients wait for, at one moment. Delivers nothing.
  virtual Result<Seen> look(std::span<const Awaited> awaited, Lines& lines) = 0;

 protected:
  Sharing() = default;
  Sharing(const Sharing&) = default;
  Sharing(Sharing&&) = default;
  Sharing& operator=(const Sharing&) = default;
  Sharing& operator=(Sharing&&) = default;
};

}  // namespace weir
