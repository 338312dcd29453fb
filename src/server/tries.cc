// Waiting clients are tried right after what came for them.
//
// Redis serves waiting clients between one command and the next, so they get messages that the next command would take
// or remove. Therefore, before a unit is handed over, the reads of waiting clients are inserted among its commands,
// into the same transaction. In a group one client is tried after each entry, so that waiting clients share entries
// that come together. After what frees a pending message, the first who may claim it are tried, too. Readers without a
// group are tried once for all entries that come together.
//
// Other cases are found afterwards: clients that began to wait meanwhile, entries that other processes add, and
// messages that a client tried in vain has left. See take_done.
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "server/loop.h"

namespace weir::server {

void Loop::place_tries() {
  waiting_.begin_round();
  TriedStreams tried;
  for (const auto& unit : units_) {
    if (unit->is_try) {
      waiting_.note_round(unit->client);
    } else if (unit->writes && !unit->tries_from) {
      unit->tries_from = waiting_.last_place();
      if (!waiting_.empty()) {
        place_tries(*unit, tried);
      }
    }
  }
}

void Loop::place_tries(Unit& unit, TriedStreams& tried) {
  std::set<std::string> for_readers;
  const auto place = [&](const std::vector<Waiting::Waiter*>& waiters, std::size_t before) {
    for (Waiting::Waiter* waiter : waiters) {
      if (auto one = make_try(*waiter)) {
        unit.tries.push_back({before, std::move(one)});
      }
    }
  };
  const auto place_readers = [&](std::size_t before) {
    for (const std::string& stream : std::exchange(for_readers, {})) {
      if (tried.readers.insert(stream).second) {
        place(waiting_.readers_to_try(stream), before);
      }
    }
  };
  for (std::size_t i = unit.done; i < unit.asks.size(); ++i) {
    if (comes_after_tries(unit.asks[i])) {
      place_readers(i);
    }
    TouchedStreams touched;
    note_touched(unit.asks[i], touched);
    for (const auto& [stream, what] : touched) {
      if (!waiting_.is_awaited(stream)) {
        continue;
      }
      if (what.added > 0) {
        for_readers.insert(stream);
      } else if (what.for_readers) {
        unit.tries_all = false;  // RENAME may bring more than fits into one transaction
      }
      std::vector<Waiting::Waiter*> waiters;
      if (!tried.groups.contains(stream)) {
        waiters = waiting_.groups_to_try_there(stream, what.added);
      }
      if (waiters.empty() && what.added > 0) {
        tried.groups.insert(stream);
      }
      if (what.to_claim) {
        std::ranges::copy(waiting_.claims_to_try_there(stream), std::back_inserter(waiters));
      }
      if (waiters.empty()) {
        unit.tries.push_back({i + 1, nullptr});
      }
      place(waiters, i + 1);
    }
  }
  place_readers(unit.asks.size());
}

/// Puts each try behind the unit that contained it. A client that was not tried goes on waiting; a try that was revoked
/// is forgotten, and what was meant for its client is for the next one.
void Loop::take_tries(std::vector<std::unique_ptr<Unit>>& done) {
  std::vector<std::unique_ptr<Unit>> all;
  all.reserve(done.size());
  const auto take = [&](std::unique_ptr<Unit> one) {
    if (*one->state == TryState::revoked) {
      return false;
    }
    if (one->done == 0) {
      one->nothing = one->closed = true;
    }
    const bool was_tried = !one->closed;
    all.push_back(std::move(one));
    return was_tried;
  };
  for (auto& unit : done) {
    if (unit->is_try) {
      take(std::move(unit));
      continue;
    }
    std::vector<Try> tries = std::exchange(unit->tries, {});
    Unit& with_tries = *all.emplace_back(std::move(unit));
    for (Try& each : tries) {
      const bool was_tried = !each.unit || take(std::move(each.unit));
      with_tries.tries_all = with_tries.tries_all && was_tried;
    }
  }
  done = std::move(all);
}

/// A read for a waiting client, as if the client had just asked. Null: the client is gone.
std::unique_ptr<Unit> Loop::make_try(Waiting::Waiter& waiter) {
  Connection* connection = find(waiter.client);
  if (connection == nullptr) {
    return nullptr;
  }
  auto unit = std::make_unique<Unit>();
  unit->client = waiter.client;
  unit->protocol = connection->client.protocol;
  unit->most_out = options_.bounds.out;
  unit->writes = std::holds_alternative<Xreadgroup>(waiter.request);
  unit->is_try = true;
  unit->fd = connection->fd.get();
  unit->gone = connection->gone;
  unit->standing = waiter.standing;
  unit->state = waiter.state = std::make_shared<std::atomic<TryState>>(TryState::placed);
  unit->behind = std::exchange(waiter.behind, nullptr);
  unit->claims_first = waiter.claims_first;
  unit->asks.push_back(
      {waiter.request, Shape::as_it_is, connection->wants_answer, {}, connection->client.last_command});
  return unit;
}

void Loop::try_again(const std::vector<Waiting::Waiter*>& waiters) {
  for (Waiting::Waiter* waiter : waiters) {
    if (auto unit = make_try(*waiter)) {
      units_.push_back(std::move(unit));
    }
  }
}

void Loop::finish_try(Connection& connection, Unit& unit) {
  Waiting::Waiter* waiter = waiting_.find(connection.client.id);
  waiter->trying = false;
  if (!unit.nothing) {
    connection.client.is_blocked = false;
    connection.out += unit.out;
    if (const auto* read = std::get_if<Xreadgroup>(&waiter->request);
        read && (waiter->again || (waiter->more && unit.full))) {
      not_taken_.push_back(*read);
    }
    waiting_.remove(connection.client.id);
    return;
  }
  if (!unit.closed && unit.stands != waiter->standing) {
    waiting_.move(*waiter, std::move(unit.stands));
  }
  const bool look = std::exchange(waiter->look, false);
  if (std::exchange(waiter->again, false) || look || unit.closed) {
    waiting_.look_again();
  }
  if (waiter->end != Waiting::Waiter::End::none) {
    end_wait(connection, waiter->end);
  }
}

}  // namespace weir::server
