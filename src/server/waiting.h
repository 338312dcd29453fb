// Clients that wait for messages. A waiting client needs no thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/unit.h"
#include "stream/request.h"
#include "stream/sharing.h"
#include "system/clock.h"
#include "system/fd.h"

namespace weir::server {

/// Among the readers of a group, in all processes, the one that came first is the first in line. A waiting client keeps
/// its place until it gets a message. Threads: the loop's thread only.
class Waiting {
 public:
  using Standings = std::vector<Sharing::Standing>;
  struct Waiter {
    std::uint64_t client = 0;
    Request request;  ///< with no blocking of its own
    SteadyTime until = SteadyTime::max();
    std::uint64_t place = 0;
    Standings standing = {};  ///< XREADGROUP: for each source
    bool trying = false;
    SharedTryState state = {};   ///< of the try that is on its way
    SharedTryState behind = {};  ///< see Unit
    bool claims_first = false;   ///< see Unit
    std::uint64_t placed = 0;    ///< the round in which the client was last told to try in its place; 0: none
    bool again = false;          ///< something came while the client was trying
    bool look = false;           ///< if the try finds nothing, the watcher is to look again
    bool more = false;           ///< there may be messages for others behind this client
    /// How the wait ends once the client has tried, whatever the try finds.
    enum class End { none, nothing, error };
    End end = End::none;
    Fd descriptor = {};  ///< of a client that has gone during its try: kept open for the try
  };

  /// To be called once, before all other functions.
  void stand_in(std::unique_ptr<Lines> lines) { lines_ = std::move(lines); }
  Lines& lines() { return *lines_; }

  /// Requires: the client is not waiting yet; the request is an Xread, or an Xreadgroup with its standings.
  void add(std::uint64_t client, Request request, Standings standing, SteadyTime until);
  /// The waiter's streams have been replaced by others of the same names.
  void move(Waiter& waiter, Standings standing);
  /// Null: the client is not waiting.
  Waiter* find(std::uint64_t client);
  void remove(std::uint64_t client);
  bool empty() const { return waiters_.empty(); }
  /// The place of the last client that began to wait; it changes with each new one.
  std::uint64_t last_place() const { return last_place_; }
  std::size_t size() const { return waiters_.size(); }
  bool is_awaited(const std::string& stream) const { return streams_.contains(stream); }

  /// The clients to try after something came to a stream: all that read the stream without a group and are not trying
  /// yet.
  std::vector<Waiter*> readers_to_try(const std::string& stream);
  /// The first `count` clients of each group of the stream, as far as no reader of another process stands before them.
  /// 0: the number of entries is not known. Each client's standings then say what the client may take.
  std::vector<Waiter*> groups_to_try(const std::string& stream, std::size_t count);
  /// The same, but before the entries exist: the tries will run right after the entries are added. The try of a client
  /// ahead may still be on its way from an earlier round, and may find nothing: see `behind`.
  std::vector<Waiter*> groups_to_try_there(const std::string& stream, std::size_t count);
  /// The same, for a pending message that becomes free: the first clients of each group that may claim it. To be called
  /// after `groups_to_try_there`.
  std::vector<Waiter*> claims_to_try_there(const std::string& stream);
  void begin_round() { ++round_; }
  /// The client's try is still to be handed over: it runs in this round.
  void note_round(std::uint64_t client);
  /// The clients to try after the watcher has seen something for them.
  std::vector<Waiter*> to_try(const Sharing::Awaited& seen);
  /// The clients to try after a reader of a group left messages there.
  std::vector<Waiter*> next_to_try(const Xreadgroup& request);

  /// What the clients wait for, without duplicates.
  std::vector<Sharing::Awaited> awaited() const;
  /// Whether the answer of `awaited` has changed since the last call.
  bool take_changed() { return std::exchange(changed_, false); }
  /// Makes the watcher look once more, as if the answer of `awaited` had changed.
  void look_again() { changed_ = true; }

  /// When the next wait runs out of time.
  std::optional<SteadyTime> next_end() const;
  /// The clients whose waits have run out of time. Each is returned once.
  std::vector<std::uint64_t> take_ended(SteadyTime now);

 private:
  using Line = std::map<std::uint64_t, std::uint64_t>;  ///< client ids, by places
  struct Stream {
    Line readers;
    std::map<std::string, Line> groups;
  };
  enum class Head { of_all, of_ours };
  void first_of(const Line& line, const std::string& stream, std::size_t count, Head head, std::vector<Waiter*>& out,
                std::uint64_t round = 0);
  void first_to_claim(const Line& line, std::vector<Waiter*>& out, std::uint64_t round = 0);
  void join_lines(const Waiter& waiter);
  void leave_lines(const Waiter& waiter);
  bool is_first_in_file(const Waiter& waiter, const std::string& stream);
  void note_turns(Waiter& waiter);
  bool changes_awaited(const Request& request) const;
  void all_of(const Line& line, std::vector<Waiter*>& out);
  template <typename Each>
  static void each_line(std::map<std::string, Stream>& streams, const Request& request, Each&& each);

  std::unique_ptr<Lines> lines_;
  std::map<std::uint64_t, Waiter> waiters_;
  std::map<std::string, Stream> streams_;
  std::set<std::pair<SteadyTime, std::uint64_t>> ends_;
  std::uint64_t last_place_ = 0;
  std::uint64_t round_ = 0;
  bool changed_ = false;
};

}  // namespace weir::server
