// How units are done, and what becomes of units that fail: see unit.h.
#include <algorithm>
#include <iterator>
#include <new>

#include "server/work.h"

namespace weir::server {
namespace {

/// The unit's state before the attempt, for `undo`.
struct Before {
  std::size_t done = 0;
  std::size_t size = 0;
  std::size_t ran = 0;
};

/// A try has no state before its attempt.
constexpr Before kNothingBefore{};

void undo(Unit& unit, const Before& before) {
  unit.done = before.done;
  unit.out.resize(before.size);
  unit.ran.resize(before.ran);
  unit.nothing = unit.left = unit.full = unit.closed = false;
  unit.stands.clear();
  unit.watched.clear();
  unit.exec.reset();
  if (unit.state && *unit.state != TryState::placed && *unit.state != TryState::revoked) {
    *unit.state = TryState::begun;
  }
  for (const Try& each : unit.tries) {
    if (each.unit) {
      undo(*each.unit, kNothingBefore);
    }
  }
}

void note_failed(Unit& unit, const Ask& ask) {
  if (!std::holds_alternative<Bytes>(ask.what)) {
    unit.ran.push_back({ask.command, true});
  }
}

void note_lost(Unit& unit, const Error& error) {
  if (error.cause == Cause::lasting) {
    unit.lost = error;
  }
}

/// Answers all asks that are left of the unit with the error.
void fail_all(Unit& unit, const Error& error) {
  note_lost(unit, error);
  for (; unit.done < unit.asks.size(); ++unit.done) {
    const Ask& ask = unit.asks[unit.done];
    if (const auto* bytes = std::get_if<Bytes>(&ask.what)) {
      unit.out += bytes->bytes;
    } else if (ask.replies) {
      write_reply(unit.out, unit.protocol, tl::unexpected(error), Shape::as_it_is);
    }
    note_failed(unit, ask);
  }
}

Error no_memory() {
  return {Failure::store, "OOM the server has no memory for this"};
}

/// A failure of the store. `may_be_of_one`: a single ask may be the reason, and nothing was committed, so the other
/// asks are done without it. If the transaction could not even begin, all asks fail alike.
struct Failed {
  Error error;
  bool may_be_of_one;
};

enum class Begin { in_turn, at_once };

struct Attempt {
  bool begun = true;
  std::optional<Failed> failed = {};
};

Attempt attempt(const SharedStore& store, std::span<Unit* const> units, Begin begin) {
  bool works = false;
  const auto work = [&]() -> Result<void> {
    works = true;
    WEIR_TRY(run_units(store, units));
    works = false;
    return {};
  };
  try {
    if (begin == Begin::at_once) {
      const auto done = store.sharing.together_at_once(work);
      return done ? Attempt{*done} : Attempt{true, Failed{done.error(), works}};
    }
    const auto done = store.sharing.together(work);
    return done ? Attempt{} : Attempt{true, Failed{done.error(), works}};
  } catch (const std::bad_alloc&) {
    return {true, Failed{no_memory(), works}};
  }
}

bool do_units(const SharedStore& store, std::span<Unit* const> units, Begin begin);

/// How much of it can fail alone: a try fails alone, too, and not the addition that it stands behind.
std::size_t parts_of(const Unit& unit) {
  return unit.asks.size() - unit.done + unit.tries.size();
}

/// Does the unit's remaining asks in separate transactions, so that one ask that fails does not fail the others.
/// The tries are left to the loop, which keeps the order of the line.
void do_apart(const SharedStore& store, Unit& unit) {
  std::vector<Ask> asks = std::move(unit.asks);
  unit.asks.clear();
  for (std::size_t i = unit.done; i < asks.size(); ++i) {
    Unit one;
    one.protocol = unit.protocol;
    one.most_out = unit.most_out;
    one.asks.push_back(std::move(asks[i]));
    Unit* only = &one;
    do_units(store, std::span(&only, 1), Begin::in_turn);
    unit.out += one.out;
    std::ranges::move(one.ran, std::back_inserter(unit.ran));
    unit.nothing = one.nothing;
    unit.stands = std::move(one.stands);
    unit.left = one.left;
    unit.exec = std::move(one.exec);
    unit.lost = std::move(one.lost);
    asks[i] = std::move(one.asks[0]);
  }
  unit.asks = std::move(asks);
  unit.done = unit.asks.size();
}

bool do_units(const SharedStore& store, std::span<Unit* const> units, Begin begin) {
  std::vector<Before> before;
  before.reserve(units.size());
  for (const Unit* unit : units) {
    before.push_back({unit->done, unit->out.size(), unit->ran.size()});
  }
  Attempt attempted = attempt(store, units, begin);
  const auto undo_all = [&] {
    for (std::size_t i = 0; i < units.size(); ++i) {
      undo(*units[i], before[i]);
    }
  };
  if (attempted.failed && attempted.failed->error.cause == Cause::no_room && store.sharing.make_room()) {
    undo_all();
    attempted = attempt(store, units, begin);
  }
  if (!attempted.failed) {
    return attempted.begun;
  }
  undo_all();
  if (begin == Begin::at_once && attempted.failed->may_be_of_one && (units.size() > 1 || parts_of(*units[0]) > 1)) {
    return false;
  }
  if (attempted.failed->may_be_of_one && units.size() > 1) {
    for (Unit* unit : units) {
      do_units(store, std::span(&unit, 1), Begin::in_turn);
    }
  } else if (attempted.failed->may_be_of_one && parts_of(*units[0]) > 1) {
    do_apart(store, *units[0]);
  } else {
    for (Unit* unit : units) {
      fail_all(*unit, attempted.failed->error);
    }
  }
  return true;
}

}  // namespace

void do_together(const SharedStore& store, std::span<Unit* const> units) {
  do_units(store, units, Begin::in_turn);
}

bool do_at_once(const SharedStore& store, std::span<Unit* const> units) {
  return do_units(store, units, Begin::at_once);
}

void do_looks(const SharedStore& store, Unit& unit) {
  Unit* only = &unit;
  while (unit.done < unit.asks.size()) {
    std::optional<Error> failed;
    try {
      if (auto done = run_units(store, std::span(&only, 1)); !done) {
        failed = done.error();
      }
    } catch (const std::bad_alloc&) {
      failed = no_memory();
    }
    if (!failed) {
      return;
    }
    note_lost(unit, *failed);
    unit.out.resize(unit.answered);
    if (unit.asks[unit.done].replies) {
      write_reply(unit.out, unit.protocol, tl::unexpected(*failed), Shape::as_it_is);
    }
    note_failed(unit, unit.asks[unit.done]);
    ++unit.done;
  }
}

}  // namespace weir::server
