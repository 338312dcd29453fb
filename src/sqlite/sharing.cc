// The engine's functions for many clients at once.
#include <fmt/format.h>

#include <algorithm>

#include "sqlite/lines.h"
#include "sqlite/sqlite_engine.h"
#include "sqlite/tables/pending.h"
#include "sqlite/tables/rows.h"
#include "sqlite/tables/stream_numbers.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr const char* kCount = "SELECT count(*) FROM weir_streams";
constexpr const char* kGroupsOf = "SELECT grp FROM weir_groups WHERE stream = ? ORDER BY grp";

void sooner(std::optional<Millis>& until, Millis time) {
  until = std::min(until.value_or(time), time);
}

bool is_fresh(Database& db, const Sharing::Awaited& awaited) {
  const auto stream = find_stream(db, awaited.stream);
  return stream && stream->last > *awaited.after &&
         entry_at_or_after(db, *stream, upper_bound(db, *stream, *awaited.after));
}

/// How soon to look again while a message waits: a reader ahead that was killed or stopped tells nobody.
constexpr Millis kLookWhileLying{250};

/// Whether the group has a message for the first client in line. True also if the group is no longer the same one,
/// since the client has to be told.
bool is_ready(Database& db, const Sharing::Awaited& awaited, Lines& lines, UnixMs now,
              std::optional<Millis>& until_more) {
  const auto at = find_stream_and_group(db, awaited.stream, awaited.group);
  if (!at || at->group.number != awaited.line) {
    return true;
  }
  lines.at_head(awaited.line);
  if (at->group.is_paused(now)) {
    sooner(until_more, *at->group.paused_until - now);
    return false;
  }
  if (const auto next = next_undelivered(db, *at)) {
    sooner(until_more, kLookWhileLying);
    if (lines.is_turn(awaited.line, next->id)) {
      return true;
    }
  }
  if (!awaited.claim) {
    return false;
  }
  const std::int64_t line = line_for_claims(awaited.line, *awaited.claim);
  if (is_held_from_the_future(db, at->group, now)) {
    return lines.at_head(line);
  }
  const auto next = next_claimable(db, *at, *awaited.claim, now);
  if (next) {
    sooner(until_more, next->at > now ? next->at - now : kLookWhileLying);
  }
  return next && next->at <= now && lines.is_turn(line, next->row.id);
}

}  // namespace

Result<void> SqliteEngine::together(const std::function<Result<void>()>& work) {
  WEIR_ASSIGN(WriteTransaction transaction, WriteTransaction::begin(*connection_));
  return in_parts(std::move(transaction), work);
}

Result<bool> SqliteEngine::together_at_once(const std::function<Result<void>()>& work) {
  WEIR_ASSIGN(auto transaction, WriteTransaction::begin_at_once(*connection_));
  if (!transaction) {
    return false;
  }
  WEIR_TRY(in_parts(std::move(*transaction), work));
  return true;
}

Result<void> SqliteEngine::in_parts(WriteTransaction transaction, const std::function<Result<void>()>& work) {
  PartsOfOne::Outcome outcome = PartsOfOne::Outcome::nothing;
  {
    const PartsOfOne parts(*connection_);
    WEIR_TRY(work());
    outcome = parts.outcome();
  }
  switch (outcome) {
    case PartsOfOne::Outcome::nothing:
      return {};
    case PartsOfOne::Outcome::commit:
      return transaction.commit_without_sync();
    case PartsOfOne::Outcome::sync:
      break;
  }
  return transaction.commit();
}

Result<std::uint64_t> SqliteEngine::count_streams() {
  return whole([&]() -> Result<std::uint64_t> {
    Query query = connection_->database().query(kCount);
    query.next();
    return static_cast<std::uint64_t>(query.integer(0));
  });
}

Result<std::string> SqliteEngine::state_of(const std::string& stream) {
  return whole([&]() -> Result<std::string> {
    Database& db = connection_->database();
    const auto row = find_stream(db, stream);
    if (!row) {
      return std::string();
    }
    std::string state = fmt::format("{} {} {} {} {}-{} {}-{}", row->number, row->tail, row->length, row->added,
                                    row->last.ms, row->last.seq, row->max_deleted.ms, row->max_deleted.seq);
    Query groups = db.query(kGroupsOf);
    groups.bind(row->number);
    while (groups.next()) {
      state += fmt::format(" {}", groups.integer(0));
    }
    if (const auto age = age_of_numbers(db)) {
      state += fmt::format(" of {}", *age);
    }
    return state;
  });
}

Result<void> SqliteEngine::fix_starts(Xread& request) {
  WEIR_ASSIGN(const std::vector<Id> starts, whole([&] { return tables_.starts_of(request); }));
  for (std::size_t i = 0; i < starts.size(); ++i) {
    auto& from = request.sources[i].from;
    if (from.kind == Xread::From::Kind::end) {
      from = {Xread::From::Kind::after, starts[i]};
    }
  }
  return {};
}

Result<std::unique_ptr<Lines>> SqliteEngine::lines() {
  WEIR_ASSIGN(LockFile file, LockFile::open(connection_->database().path()));
  return std::make_unique<SharedLines>(std::move(file));
}

Result<Sharing::Seen> SqliteEngine::look(std::span<const Awaited> awaited, Lines& lines) {
  return whole([&]() -> Result<Seen> {
    constexpr Millis kAgain{4};
    Database& db = connection_->database();
    const UnixMs now = unix_now();
    Seen seen;
    for (const Awaited& each : awaited) {
      seen.ready.push_back(each.after ? is_fresh(db, each) : is_ready(db, each, lines, now, seen.until_more));
      if (const auto due = tables_.next_due(std::span(&each.stream, 1))) {
        sooner(seen.until_more, *due > now ? *due - now : kAgain);
      }
    }
    return seen;
  });
}

}  // namespace weir::sqlite
