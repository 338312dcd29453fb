// Clients that wait for messages. None of them costs a thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "stream/request.h"
#include "stream/sharing.h"
#include "system/clock.h"
#include "system/fd.h"

namespace weir::server {

/// Threads: that of the loop alone. Of those who read from the same group who came first is first in line, among
/// readers of other processes, too; whoever waits keeps the place until there was something.
class Waiting {
 public:
  using Standings = std::vector<Sharing::Standing>;
  struct Waiter {
    std::uint64_t client = 0;
    Request request;  ///< that does not wait
    SteadyTime until = SteadyTime::max();
    std::uint64_t place = 0;
    Standings standing = {};  ///< XREADGROUP: for each source
    bool trying = false;
    std::uint64_t placed = 0;  ///< in which round it was last told to try in its place; 0: in none
    bool again = false;        ///< something was there while it was trying
    bool more = false;         ///< there may be more than it takes, for others
    /// Its wait is over, in whatever way, once it has tried.
    enum class End { none, nothing, error };
    End end = End::none;
    Fd descriptor = {};  ///< of a client that is gone while it tries: it is still looked at
  };

  /// To be called once, before all else.
  void stand_in(std::unique_ptr<Lines> lines) { lines_ = std::move(lines); }
  Lines& lines() { return *lines_; }

  /// Requires: the client does not wait already; the request is an Xread or an Xreadgroup, which has a standing.
  void add(std::uint64_t client, Request request, Standings standing, SteadyTime until);
  /// Its streams are others now, of the same names.
  void move(Waiter& waiter, Standings standing);
  /// Null: it does not wait.
  Waiter* find(std::uint64_t client);
  void remove(std::uint64_t client);
  bool empty() const { return waiters_.empty(); }
  /// Another one, once anybody else has come to wait.
  std::uint64_t last_place() const { return last_place_; }
  std::size_t size() const { return waiters_.size(); }
  bool is_awaited(const std::string& stream) const { return streams_.contains(stream); }

  /// Who is to try, after something came to a stream: of those who read it without a group all that are not trying
  /// already.
  std::vector<Waiter*> readers_to_try(const std::string& stream);
  /// Of each group the first `count`, as far as nobody of another process stands before them. 0: it is not known how
  /// many entries there are. What is for whom is noted in their standings.
  std::vector<Waiter*> groups_to_try(const std::string& stream, std::size_t count);
  /// Likewise before the entries are there, for tries that come just behind them; from here on those that begin_round
  /// was called for. Who is trying already does so before that, unless it was told so in this round: as it may have
  /// nothing then, nobody behind it is to try, and `all` becomes false.
  std::vector<Waiter*> groups_to_try_there(const std::string& stream, std::size_t count, bool& all);
  void begin_round() { ++round_; }
  /// Likewise, after the watcher has seen something for them.
  std::vector<Waiter*> to_try(const Sharing::Awaited& seen);
  /// Likewise, after one of a group did not take all that lay there.
  std::vector<Waiter*> next_to_try(const Xreadgroup& request);

  /// What they wait for, each once.
  std::vector<Sharing::Awaited> awaited() const;
  /// Whether that is another than at the last call.
  bool take_changed() { return std::exchange(changed_, false); }
  /// As if it were: it is to be looked at once more.
  void look_again() { changed_ = true; }

  /// When the next of them has waited long enough.
  std::optional<SteadyTime> next_end() const;
  /// Those who have, each once.
  std::vector<std::uint64_t> take_ended(SteadyTime now);

 private:
  using Line = std::map<std::uint64_t, std::uint64_t>;  ///< clients by their places
  struct Stream {
    Line readers;
    std::map<std::string, Line> groups;
  };
  enum class Head { of_all, of_ours };
  /// False: it ended before one that tries elsewhere, where `round` is given.
  bool first_of(const Line& line, const std::string& stream, std::size_t count, Head head, std::vector<Waiter*>& out,
                std::uint64_t round = 0);
  void first_to_claim(const Line& line, std::vector<Waiter*>& out);
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
