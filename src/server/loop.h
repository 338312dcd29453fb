// The thread that owns all sockets. Commands that need the store are done in units. The workers do a unit and report
// back; the loop does small units itself if nobody else is writing.
#pragma once

#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <unordered_map>
#include <vector>

#include "server/clients.h"
#include "server/connection.h"
#include "server/readiness.h"
#include "server/serve.h"
#include "server/waiting.h"
#include "server/watcher.h"
#include "server/workers.h"
#include "system/brief_look.h"
#include "system/pipe.h"

namespace weir::server {

class Loop {
 public:
  Loop(const Options& options, std::vector<Listener> listeners, Readiness readiness);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Returns once the server has been stopped.
  Result<void> run();

 private:
  // loop.cc: what the loop does next.
  Result<void> start();
  void turn();
  const std::vector<Readiness::Event>& next_events();
  std::chrono::milliseconds patience() const;
  void proceed(Connection& connection, bool readable = false);
  template <typename Act>
  void with_memory(Connection& connection, Act&& act);
  void drop_for_memory(std::uint64_t client);
  void go_on(Connection& connection);
  void set_interest(Connection& connection);
  void settle(Connection& connection);
  void close(Connection& connection, std::string_view reason = {});
  void begin_end();
  void end_for(const std::optional<Error>& lost);

  // sockets.cc: sockets and memory.
  void listen(bool on);
  void accept_all(const Listener& listener);
  void accept_one(Fd fd);
  void receive(Connection& connection);
  void send(Connection& connection);
  void give_memory_back();
  void drop_slow();
  void count_memory(Connection& connection);
  void drop_largest();

  // strangers.cc: passwords.
  void limit(Connection& connection);
  void drop_strangers();
  void note_guess(const Client& client);
  bool was_guessed_at() const;
  void hold(Connection& connection);
  void release_held();

  // commands.cc: turns the words of a client into units.
  void advance(Connection& connection);
  enum class Taken {
    more,   ///< more commands may be added to the unit
    last,   ///< the unit is complete
    again,  ///< the words have to be looked at again once the unit is done
  };
  Taken take(Connection& connection, command::Words words, std::unique_ptr<Unit>& unit);
  Taken take_own(Connection& connection, command::Words words, std::unique_ptr<Unit>& unit);
  Taken administer_now(Connection& connection, command::Words words);
  Taken take_watch(Connection& connection, command::Words words, std::unique_ptr<Unit>& unit);
  Taken take_step(Connection& connection, command::Session::Step step, Shape shape, std::unique_ptr<Unit>& unit);
  Taken add(Connection& connection, Ask ask, std::unique_ptr<Unit>& unit);
  Taken take_memory(Connection& connection, command::Words words, std::unique_ptr<Unit>& unit);
  void show(const Client& client, command::Words words);
  void answer(Connection& connection, std::string bytes, std::unique_ptr<Unit>& unit);
  static Ask exec(Connection& connection, command::Transaction transaction);
  bool note_queued(Connection& connection, command::Words words) const;
  static void forget_commands(Connection& connection);
  static void forget_transaction(Connection& connection);
  void count(std::string_view command, bool fails);
  void count_rejected(command::Words words);

  // outcomes.cc: what becomes of finished units.
  void take_news(std::vector<std::unique_ptr<Unit>> last = {});
  bool may_do_at_once() const;
  void hand_over();
  void take_done(const std::vector<std::unique_ptr<Unit>>& done, const std::vector<Sharing::Awaited>& ready);
  void finish(Connection& connection, Unit& unit);
  void write_exec(Connection& connection, Unit& unit);
  void begin_wait(Connection& connection, Unit& unit);
  void end_wait(Connection& connection, Waiting::Waiter::End how);
  void attend();
  void end_waits();

  // tries.cc: reads for waiting clients.
  void place_tries();
  struct TriedStreams {
    std::set<std::string> groups;   ///< streams for whose groups no further client is left to try
    std::set<std::string> readers;  ///< streams whose other readers all try
  };
  void place_tries(Unit& unit, TriedStreams& tried);
  static void take_tries(std::vector<std::unique_ptr<Unit>>& done);
  std::unique_ptr<Unit> make_try(Waiting::Waiter& waiter);
  void try_again(const std::vector<Waiting::Waiter*>& waiters);
  void finish_try(Connection& connection, Unit& unit);

  Connection* find(std::uint64_t client) {
    const auto at = connections_.find(client);
    return at == connections_.end() ? nullptr : at->second.get();
  }

  // Tokens of Readiness. They are smaller than all client ids.
  static constexpr std::uint64_t kWake = 0;
  static constexpr std::uint64_t kStop = 1;
  static constexpr std::uint64_t kFirstListener = 2;
  static constexpr std::chrono::seconds kTidy{1};

  Options options_;
  std::vector<Listener> listeners_;
  Readiness readiness_;
  BriefLook brief_look_;
  bool answered_ = false;  ///< an answer was sent in this turn
  bool listening_ = false;
  SteadyTime listen_again_ = SteadyTime::max();
  SteadyTime say_again_{};  ///< when the log may say again that no client can be accepted
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::uint64_t last_id_;
  std::vector<std::unique_ptr<Unit>> units_;  ///< the units of this turn, still to be handed over
  std::size_t memory_ = 0;                    ///< of all connections, as last counted
  Clients clients_;
  About about_;
  SteadyTime taken_at_;  ///< when the current command was taken from its connection
  Waiting waiting_;
  std::vector<Xreadgroup> not_taken_;  ///< reads that left messages for waiting clients
  std::set<std::uint64_t> to_attend_;
  std::vector<std::uint64_t> used_;
  SteadyTime tidied_;
  std::set<std::uint64_t> slow_;
  std::set<std::pair<SteadyTime, std::uint64_t>> held_;
  SteadyTime guessed_{};                                      ///< when the last wrong password came
  SteadyTime guess_said_{};                                   ///< when a wrong password was last logged
  std::uint64_t guesses_unsaid_ = 0;                          ///< wrong passwords since then that were not logged
  std::set<std::pair<SteadyTime, std::uint64_t>> strangers_;  ///< clients that owe the password, since when
  bool ending_ = false;
  SteadyTime end_by_ = SteadyTime::max();
  SteadyTime hurry_at_ = SteadyTime::max();
  std::atomic<bool> hurry_{false};  ///< the stores wait for no other writer
  std::optional<Error> ended_by_;   ///< why the store is of no use any more

  // What other threads report.
  Pipe wake_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Unit>> done_;
  std::vector<Sharing::Awaited> ready_;
  std::optional<Error> lost_;
  void tell(std::vector<std::unique_ptr<Unit>> done, std::vector<Sharing::Awaited> ready,
            std::optional<Error> lost = {});

  // Last members, so that their threads end before the members that they use.
  std::unique_ptr<Workers> workers_;
  std::unique_ptr<Watcher> watcher_;
};

/// If there is no memory for a client, its connection is closed, so that the others can go on.
template <typename Act>
void Loop::with_memory(Connection& connection, Act&& act) {
  const std::uint64_t id = connection.client.id;
  try {
    act();
  } catch (const std::bad_alloc&) {
    drop_for_memory(id);
  }
}

}  // namespace weir::server
