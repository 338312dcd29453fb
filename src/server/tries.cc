// Waiting clients are tried right after what came for them.
//
// Redis serves waiting clients between one command and the next, so they get messages that the next command would take
// or remove. Therefore, before a unit is handed over, the reads of waiting clients are inserted among its commands,
// into the same transaction. In a group one client is tried after each entry, so that waiting clients share entries
// that come together. Readers without a group are tried once for all entries that come together.
//
// Other cases are found afterwards: clients that began to wait meanwhile, entries that other processes add, and
// messages that a client tried in vain has left. See take_done.
#include <set>
#include <utility>

#include "server/loop.h"

namespace weir::server {

void Loop::place_tries() {
  waiting_.begin_round();
  for (const auto& unit : units_) {
    if (unit->writes && !unit->is_try && !unit->tries_from) {
      unit->tries_from = waiting_.last_place();
      if (!waiting_.empty()) {
        place_tries(*unit);
      }
    }
  }
}

void Loop::place_tries(Unit& unit) {
  std::set<std::string> for_readers;
  std::set<std::string> all_tried;  // streams for whose groups no further client is left to try
  const auto place = [&](const std::vector<Waiting::Waiter*>& waiters, std::size_t before) {
    for (const Waiting::Waiter* waiter : waiters) {
      if (auto one = make_try(*waiter)) {
        unit.tries.push_back({before, std::move(one)});
      }
    }
  };
  const auto place_readers = [&](std::size_t before) {
    for (const std::string& stream : std::exchange(for_readers, {})) {
      place(waiting_.readers_to_try(stream), before);
    }
  };
  for (std::size_t i = unit.done; i < unit.asks.size(); ++i) {
    if (comes_after_tries(unit.asks[i])) {
      place_readers(i);
    }
    TouchedStreams touched;
    note_touched(unit.asks[i], touched);
    for (const auto& [stream, what] : touched) {
      if (what.for_readers) {
        for_readers.insert(stream);
      }
      const bool all = all_tried.contains(stream);
      const auto waiters =
          all ? std::vector<Waiting::Waiter*>() : waiting_.groups_to_try_there(stream, what.added, unit.tries_all);
      if (waiters.empty() && what.added > 0) {
        all_tried.insert(stream);
      }
      if (waiters.empty() && waiting_.is_awaited(stream)) {
        unit.tries.push_back({i + 1, nullptr});
      }
      place(waiters, i + 1);
    }
  }
  place_readers(unit.asks.size());
}

/// Puts each try behind the unit that contained it. A client that was not tried goes on waiting.
void Loop::take_tries(std::vector<std::unique_ptr<Unit>>& done) {
  std::vector<std::unique_ptr<Unit>> all;
  all.reserve(done.size());
  for (auto& unit : done) {
    std::vector<Try> tries = std::exchange(unit->tries, {});
    Unit& with_tries = *all.emplace_back(std::move(unit));
    for (Try& each : tries) {
      if (!each.unit) {
        continue;
      }
      if (each.unit->done == 0) {
        each.unit->nothing = each.unit->closed = true;
      }
      with_tries.tries_all = with_tries.tries_all && !each.unit->closed;
      all.push_back(std::move(each.unit));
    }
  }
  done = std::move(all);
}

/// A read for a waiting client, as if the client had just asked. Null: the client is gone.
std::unique_ptr<Unit> Loop::make_try(const Waiting::Waiter& waiter) {
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
  unit->asks.push_back(
      {waiter.request, Shape::as_it_is, connection->wants_answer, {}, connection->client.last_command});
  return unit;
}

void Loop::try_again(const std::vector<Waiting::Waiter*>& waiters) {
  for (const Waiting::Waiter* waiter : waiters) {
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
  if (std::exchange(waiter->again, false) || unit.closed) {
    waiting_.look_again();
  }
  if (waiter->end != Waiting::Waiter::End::none) {
    end_wait(connection, waiter->end);
  }
}

}  // namespace weir::server
