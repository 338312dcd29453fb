// What becomes of finished units and of waits.
#include <algorithm>
#include <utility>

#include "server/administration.h"
#include "server/loop.h"

namespace weir::server {
namespace {

/// How many units of a client that sends ahead are done before the loop looks at other clients.
constexpr int kAtOnce = 2;

}  // namespace

/// `last`: units that the loop itself has just done.
void Loop::take_news(std::vector<std::unique_ptr<Unit>> last) {
  std::vector<std::unique_ptr<Unit>> done;
  std::vector<Sharing::Awaited> ready;
  std::optional<Error> lost;
  {
    const std::lock_guard lock(mutex_);
    done.swap(done_);
    ready.swap(ready_);
    lost.swap(lost_);
  }
  std::ranges::move(last, std::back_inserter(done));
  take_tries(done);
  if (!done.empty() || !ready.empty()) {
    take_done(done, ready);
  }
  for (const auto& unit : done) {
    end_for(unit->lost);
  }
  end_for(lost);
}

/// Whether the units are so small that handing them over would cost more than doing them.
bool Loop::may_do_at_once() const {
  constexpr std::size_t kMost = 1000;
  constexpr std::size_t kFew = 100;  // so that not only one command of each client fits
  std::size_t asks = 0;
  for (const auto& unit : units_) {
    if (!unit->writes || unit->done > 0 || may_take_long(*unit)) {
      return false;
    }
    asks += unit->tries.size();
    for (const Ask& ask : unit->asks) {
      const auto* exec = std::get_if<Exec>(&ask.what);
      asks += exec != nullptr ? exec->commands.size() + 1 : 1;
    }
  }
  return asks > 0 && asks <= std::min(kMost, units_.size() + kFew);
}

/// Gives this turn's units to the workers. Small units are done here, in one commit, unless all clients might then have
/// to wait for them.
void Loop::hand_over() {
  place_tries();
  for (int again = 0; may_do_at_once() && again < kAtOnce; ++again) {
    std::vector<Unit*> units;
    units.reserve(units_.size());
    for (const auto& unit : units_) {
      units.push_back(unit.get());
    }
    if (!workers_->do_at_once(units)) {
      break;
    }
    // By now it is known which clients were tried in vain: they have to try again before those behind them.
    take_news(std::exchange(units_, {}));
    place_tries();
  }
  for (auto& unit : std::exchange(units_, {})) {
    workers_->add(std::move(unit));
  }
}

void Loop::take_done(const std::vector<std::unique_ptr<Unit>>& done, const std::vector<Sharing::Awaited>& ready) {
  // First enter all clients that begin to wait, then try for what came.
  TouchedStreams touched;
  for (const auto& unit : done) {
    // The clients that were waiting when the unit was handed over have been tried.
    const bool all_tried = unit->tries_from == waiting_.last_place() && unit->tries_all;
    if (!all_tried && (!waiting_.empty() || unit->nothing)) {
      for (const Ask& ask : unit->asks) {
        note_touched(ask, touched);
      }
    }
    for (const Ran& ran : std::exchange(unit->ran, {})) {
      about_.figures.count(ran.command, ran.fails, ran.took);
    }
    Connection* connection = find(unit->client);
    if (connection == nullptr) {
      if (unit->is_try) {
        waiting_.remove(unit->client);
        waiting_.look_again();  // messages that this client did not take are for the next one
      }
      continue;
    }
    with_memory(*connection, [&] { unit->is_try ? finish_try(*connection, *unit) : finish(*connection, *unit); });
  }
  for (const auto& [stream, what] : touched) {
    if (what.for_readers) {
      try_again(waiting_.readers_to_try(stream));
    }
    try_again(waiting_.groups_to_try(stream, what.by_others ? 0 : what.added));
  }
  for (const Sharing::Awaited& seen : ready) {
    try_again(waiting_.to_try(seen));
  }
  for (const Xreadgroup& read : std::exchange(not_taken_, {})) {
    try_again(waiting_.next_to_try(read));
  }
  for (const auto& unit : done) {
    if (Connection* connection = find(unit->client)) {
      proceed(*connection);
    }
  }
}

void Loop::finish(Connection& connection, Unit& unit) {
  Client& client = connection.client;
  connection.busy = false;
  if (connection.out.empty()) {
    connection.out.swap(unit.out);
  } else {
    connection.out += unit.out;
  }
  std::string().swap(unit.out);
  std::ranges::move(unit.watched, std::back_inserter(client.watched));
  unit.watched.clear();
  if (unit.exec) {
    write_exec(connection, unit);
  }
  if (unit.done < unit.asks.size()) {
    connection.rest = std::make_unique<Unit>(std::move(unit));
    connection.rest->nothing = false;
    connection.rest->tries_all = true;
    connection.rest->tries_from.reset();
  } else if (unit.nothing && connection.ended) {
    client.killed = true;  // the client cannot wait any more, and its later commands must not be answered instead
  } else if (unit.nothing) {
    begin_wait(connection, unit);
  }
}

/// Answers an EXEC that contains commands which the server answers itself.
void Loop::write_exec(Connection& connection, Unit& unit) {
  Client& client = connection.client;
  const Exec& exec = std::get<Exec>(unit.asks.back().what);
  Client::writer(connection.out, client.protocol)->array(unit.exec->size());
  for (std::size_t i = 0; i < unit.exec->size(); ++i) {
    if (const auto own = exec.own.find(i); own != exec.own.end()) {
      const std::vector<std::string_view> words(own->second.begin(), own->second.end());
      taken_at_ = std::chrono::steady_clock::now();
      const std::size_t answered = connection.out.size();
      const Result<Reply>& looked = (*unit.exec)[i];
      if (const auto* streams = looked ? std::get_if<Names>(&*looked) : nullptr) {
        std::string text = info_text(client, clients_, about_, words);
        append_keyspace(text, streams->names.size());
        Client::writer(connection.out, client.protocol)->text(text);
      } else {
        administer(client, clients_, about_, words, connection.out);
      }
      count(exec.commands[i], connection.out.compare(answered, 1, "-") == 0);
      continue;
    }
    const auto shape = exec.shapes.find(i);
    write_reply(connection.out, client.protocol, (*unit.exec)[i],
                shape == exec.shapes.end() ? Shape::as_it_is : shape->second);
  }
}

void Loop::begin_wait(Connection& connection, Unit& unit) {
  Ask& ask = unit.asks.back();
  Client& client = connection.client;
  const Millis block = ask.block.value_or(Millis(0));
  const SteadyTime until = block == Millis(0) ? SteadyTime::max() : later(std::chrono::steady_clock::now(), block);
  auto& request = std::get<Request>(ask.what);
  if (unit.left) {
    not_taken_.push_back(std::get<Xreadgroup>(request));
  }
  waiting_.add(client.id, std::move(request), std::move(unit.stands), until);
  client.is_blocked = true;
  connection.wants_answer = ask.replies;
}

void Loop::end_wait(Connection& connection, Waiting::Waiter::End how) {
  Client& client = connection.client;
  Waiting::Waiter* waiter = waiting_.find(client.id);
  if (waiter == nullptr) {
    return;
  }
  // The writer may have to wait for others before it begins the try: the client does not wait for that.
  auto state = TryState::placed;
  if (waiter->trying && !waiter->state->compare_exchange_strong(state, TryState::revoked)) {
    waiter->end = how;
    return;
  }
  waiting_.remove(client.id);
  client.is_blocked = false;
  about_.figures.count(client.last_command, how == Waiting::Waiter::End::error, {});
  if (!connection.wants_answer) {
    return;
  }
  const auto writer = Client::writer(connection.out, client.protocol);
  if (how == Waiting::Waiter::End::error) {
    writer->error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
  } else {
    writer->nil_array();
  }
}

void Loop::end_waits() {
  for (const std::uint64_t id : waiting_.take_ended(std::chrono::steady_clock::now())) {
    if (Connection* connection = find(id)) {
      end_wait(*connection, Waiting::Waiter::End::nothing);
      proceed(*connection);
    }
  }
}

/// Goes on with clients to which another client did something.
void Loop::attend() {
  for (const std::uint64_t id : std::exchange(to_attend_, {})) {
    Connection* connection = find(id);
    if (connection == nullptr) {
      continue;
    }
    const auto unblock = std::exchange(connection->client.unblock, Client::Unblock::no);
    if (unblock != Client::Unblock::no) {
      end_wait(*connection,
               unblock == Client::Unblock::error ? Waiting::Waiter::End::error : Waiting::Waiter::End::nothing);
    }
    proceed(*connection);
  }
}

}  // namespace weir::server
