// What is done for one client in one go: successive commands and their answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "command/session.h"
#include "server/client.h"
#include "stream/sharing.h"
#include "stream/store.h"

namespace weir::server {

/// How the answer to a request is turned into the answer to another command.
enum class Shape {
  as_it_is,
  count_names,  ///< DBSIZE in a transaction: the number of names from KEYS
  scanned,      ///< SCAN: the answer has all names, and says that there are no more
  scanned_nothing,
  time_to_live,  ///< TTL and the like, from EXISTS: a stream that exists never expires
  encoding,      ///< OBJECT ENCODING, from EXISTS
};

/// EXEC with the commands before it. `own` has the words of the commands that the server answers itself.
struct Exec {
  command::Transaction transaction;
  std::vector<Watched> watched;
  std::map<std::size_t, std::vector<std::string>> own;  ///< by their places among the commands
  std::map<std::size_t, Shape> shapes;                  ///< by their place, too
  std::vector<std::string_view> commands;               ///< the row of each command
};

struct Watch {
  std::vector<std::string> streams;
};

/// MEMORY USAGE.
struct Measure {
  std::string stream;
};

/// DBSIZE; and INFO, whose answer ends with the number of streams.
struct CountStreams {
  std::optional<std::string> info = {};  ///< the part of INFO's answer that comes before the streams
};

struct Bytes {
  std::string bytes;  ///< an answer that needs no store
};

struct Ask {
  std::variant<Bytes, Request, command::Doubtful, Exec, Watch, Measure, CountStreams> what;
  Shape shape = Shape::as_it_is;
  bool replies = true;               ///< false: the client wants no answer
  std::optional<Millis> block = {};  ///< how long the client waits in a blocking read; 0: for ever
  std::string_view command = {};     ///< the name of the command's row
};

/// A command that was answered, for INFO's counts. Commands done together share the time that they took.
struct Ran {
  std::string_view command;
  bool fails = false;
  std::chrono::nanoseconds took{0};
};

/// How far a try has come. The loop may revoke a try that was not begun; all else is said by the thread that runs it.
enum class TryState { placed, revoked, begun, served, nothing };
using SharedTryState = std::shared_ptr<std::atomic<TryState>>;

struct Unit;

/// A read for a waiting client, in the middle of what another client does: at the point where Redis would serve it.
struct Try {
  std::size_t before = 0;      ///< the index of the other client's ask before which the read is done
  std::unique_ptr<Unit> unit;  ///< null: only waiting clients that were tried in vain before are tried again
};

struct Unit {
  std::uint64_t client = 0;
  int protocol = 2;
  std::size_t most_out = SIZE_MAX;  ///< bytes that the answer to one ask may have
  bool writes = false;
  bool is_small = true;                     ///< the unit has small looks only
  bool is_try = false;                      ///< a read for a waiting client: without a message there is no answer
  int fd = -1;                              ///< the waiting client's socket: is it still connected?
  std::vector<Sharing::Standing> standing;  ///< in a try: the client's standings in its groups
  std::vector<Ask> asks;
  std::vector<Try> tries;                   ///< ordered by `before`
  std::optional<std::uint64_t> tries_from;  ///< the last place in line when tries were placed; none: not yet
  SharedTryState state;                     ///< of a try
  SharedTryState behind;      ///< of a try: the nearest client ahead in the line whose try is on its way; null: none
  bool claims_first = false;  ///< of a try: nobody ahead in a line may take the pending messages that the client may
  bool claims_only = false;   ///< of a try: new messages are for those ahead
  std::shared_ptr<std::atomic<bool>> gone;  ///< true once the client is gone: what has not begun is not done

  // What came of the unit.
  std::vector<Ran> ran;
  std::size_t done = 0;                   ///< how many asks have been done
  std::string out;                        ///< the answers
  std::size_t answered = 0;               ///< where the answers to the current ask begin in `out`
  bool nothing = false;                   ///< the last ask is a blocking read, and there was no message for it
  std::vector<Sharing::Standing> stands;  ///< if `nothing`: the standings that the read is to have
  bool left = false;                      ///< if `nothing`: messages lie there for clients that came earlier
  bool full = false;                      ///< the read reached one of its limits: there may be more messages
  bool closed = false;           ///< the try does not count: its client is gone, or something changed after the try
  bool tries_all = true;         ///< every client that is to try has been tried behind what the unit did
  std::vector<Watched> watched;  ///< the streams of a Watch
  std::optional<std::vector<Result<Reply>>> exec;  ///< of an Exec with commands that the server answers itself
  std::optional<Error> lost;                       ///< why the store is of no use any more
};

/// Takes from a read how long it is to wait; after that the request itself does not wait.
std::optional<Millis> take_block(Request& request);

/// A commit does several asks together if each of them writes or is a small look. A small look may come between two
/// writes.
enum class Kind { writes, small_look, look };
Kind kind_of(const Ask& ask);

/// Whether the unit's time grows with the length of a stream, perhaps to seconds.
bool may_take_long(const Unit& unit);

/// What an ask may have added to a stream for waiting clients.
struct Touched {
  std::size_t added = 0;     ///< entries
  bool by_others = false;    ///< an unknown number of messages became available
  bool for_readers = false;  ///< XREAD may find something, too
  bool to_claim = false;     ///< a pending message may have become free for those who claim
};
using TouchedStreams = std::map<std::string, Touched>;
void note_touched(const Ask& ask, TouchedStreams& touched);
/// Whether the ask may take or remove messages that waiting clients are to get. If so, these clients are tried first.
bool comes_after_tries(const Ask& ask);

/// A store, also as the Sharing that the server needs, and where waiting clients stand.
struct SharedStore {
  SharedStore(Store& shared, Lines& of_clients)
      : store(shared), sharing(dynamic_cast<Sharing&>(shared)), lines(of_clients) {}
  Store& store;
  Sharing& sharing;
  Lines& lines;
};

/// Does all units in one transaction. If the store fails, and one ask may be the reason, the units are done one by one,
/// so that only this ask fails.
/// Threads: the store's thread.
void do_together(const SharedStore& store, std::span<Unit* const> units);

/// Does the same, if nobody else is writing. False: another process or thread is writing, or one of several asks may
/// have failed; then nothing was done, and the workers have to do the units.
bool do_at_once(const SharedStore& store, std::span<Unit* const> units);

/// Does a unit that only looks.
void do_looks(const SharedStore& store, Unit& unit);

/// Appends a reply in the form that the command's client expects.
void write_reply(std::string& out, int protocol, const Result<Reply>& reply, Shape shape);
/// The text of an error in Redis's form, with a code in front.
std::string error_text(const Error& error);

}  // namespace weir::server
