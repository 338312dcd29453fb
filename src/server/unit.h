// What one client gets done in one go: commands that follow each other, and their answers.
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

/// How the answer of a request becomes that of another command.
enum class Shape {
  as_it_is,
  count_names,  ///< DBSIZE in a transaction, of KEYS
  scanned,      ///< SCAN: all of it, and that there is no more
  scanned_nothing,
  time_to_live,  ///< TTL and its like, of EXISTS: a stream that is there has none
  encoding,      ///< OBJECT ENCODING, of EXISTS
};

/// EXEC. What stood between, but for the commands that the server answers itself, of which the words are here.
struct Exec {
  command::Transaction transaction;
  std::vector<Watched> watched;
  std::map<std::size_t, std::vector<std::string>> own;  ///< by their place among the commands
  std::map<std::size_t, Shape> shapes;                  ///< likewise
  std::vector<std::string_view> commands;               ///< the rows of all
};

struct Watch {
  std::vector<std::string> streams;
};

/// MEMORY USAGE.
struct Measure {
  std::string stream;
};

/// DBSIZE, and INFO, which has the number at its end.
struct CountStreams {
  std::optional<std::string> info = {};  ///< what INFO tells before it comes to the streams
};

struct Bytes {
  std::string bytes;  ///< an answer that is known
};

struct Ask {
  std::variant<Bytes, Request, command::Doubtful, Exec, Watch, Measure, CountStreams> what;
  Shape shape = Shape::as_it_is;
  bool replies = true;               ///< false: the client wants no answer to it
  std::optional<Millis> block = {};  ///< of a read: so long the client waits for something; 0: for ever
  std::string_view command = {};     ///< the name of its row
};

/// A command that is answered, to be counted. What is done together shares the time that it took.
struct Ran {
  std::string_view command;
  bool fails = false;
  std::chrono::nanoseconds took{0};
};

struct Unit;

/// A read of one who waits, in the middle of what another client does: where Redis would serve it.
struct Try {
  std::size_t before = 0;      ///< the ask of the other one that comes next; or there is none
  std::unique_ptr<Unit> unit;  ///< null: only who was tried before, and had nothing
};

struct Unit {
  std::uint64_t client = 0;
  int protocol = 2;
  std::size_t most_out = SIZE_MAX;  ///< of the answer to one ask
  bool writes = false;
  bool is_small = true;                     ///< nothing but small looks
  bool is_try = false;                      ///< a read of one who waits: if there is nothing, there is no answer
  int fd = -1;                              ///< of one who waits: whether it is still there is asked as late as can be
  std::vector<Sharing::Standing> standing;  ///< of a try
  std::vector<Ask> asks;
  std::vector<Try> tries;                   ///< in their order
  std::optional<std::uint64_t> tries_from;  ///< the last place in line when they were looked for, if they were
  std::shared_ptr<std::atomic<bool>> gone;  ///< the client is: what is not begun yet is not done

  // What came of it.
  std::vector<Ran> ran;
  std::size_t done = 0;                   ///< asks; the others are still to be done
  std::string out;                        ///< answers
  std::size_t answered = 0;               ///< where those of the ask that is being done begin
  bool nothing = false;                   ///< the last ask is a read that waits, and there was nothing
  std::vector<Sharing::Standing> stands;  ///< likewise: where it is to stand
  bool left = false;                      ///< likewise: something lies there, for those who came first
  bool full = false;                      ///< the read took as much as it may: there may be more
  bool closed = false;    ///< it was not tried, as its client had closed the connection, or not after all that came
  bool tries_all = true;  ///< all who are to try have been tried behind what it did
  std::vector<Watched> watched;                    ///< of a Watch
  std::optional<std::vector<Result<Reply>>> exec;  ///< of an Exec with commands that the server answers itself
  std::optional<Error> lost;                       ///< the store is of no use any more
};

/// How long a read is to wait, which from then on it does not.
std::optional<Millis> take_block(Request& request);

/// Whether a request belongs among those that are done in one commit: it writes, or it is a small look, which may come
/// between two writes.
enum class Kind { writes, small_look, look };
Kind kind_of(const Ask& ask);

/// Whether it takes the longer the more there is in a stream, and perhaps seconds.
bool may_take_long(const Unit& unit);

/// What may have come to a stream for those who wait.
struct Touched {
  std::size_t added = 0;     ///< entries
  bool by_others = false;    ///< it is not known how many there are
  bool for_readers = false;  ///< something for XREAD, too
};
using TouchedStreams = std::map<std::string, Touched>;
void note_touched(const Ask& ask, TouchedStreams& touched);
/// Whether it may take away what others wait for, or take it in their place, and so comes after they were tried.
bool comes_after_tries(const Ask& ask);

/// A store, as what it has to be here.
struct SharedStore {
  explicit SharedStore(Store& shared) : store(shared), sharing(dynamic_cast<Sharing&>(shared)) {}
  Store& store;
  Sharing& sharing;
};

/// Does all units in one transaction, or as many as fit. What is in a unit fails alone; what the store cannot do fails
/// alone too, if that is known before the commit.
/// Threads: that of the store.
void do_together(const SharedStore& store, std::span<Unit* const> units);

/// The same, if nobody else writes just now. False: somebody does, or one of several may fail, which is for who may
/// wait; nothing was done.
bool do_at_once(const SharedStore& store, std::span<Unit* const> units);

/// Does a unit that only looks.
void do_looks(const SharedStore& store, Unit& unit);

/// Appends a reply as the unit's client reads it.
void write_reply(std::string& out, int protocol, const Result<Reply>& reply, Shape shape);
/// As Redis would say it.
std::string error_text(const Error& error);

}  // namespace weir::server
