// XDELEX and XACKDEL, and which groups refer to an entry. References are found by the primary key of weir_pending,
// group by group: nothing here walks a stream.
#include "sqlite/tables/references.h"

#include <algorithm>
#include <vector>

#include "sqlite/tables/pending.h"
#include "sqlite/tables/tables.h"
#include "sqlite/tables/trim.h"

namespace weir::sqlite {
namespace {

/// Removes an entry, as far as `references` allows, and returns what became of it.
Outcomes::Outcome removal(Database& db, StreamRow& stream, Id id, References references, std::int64_t& near) {
  using Outcome = Outcomes::Outcome;
  if (references == References::acked && is_referenced(db, stream, id)) {
    return Outcome::referenced;
  }
  if (references == References::remove) {
    remove_references(db, stream, id);
  }
  return delete_entry(db, stream, id, near) ? Outcome::removed : Outcome::absent;
}

}  // namespace

constexpr const char* kReferenced =
    "SELECT EXISTS (SELECT 1 FROM weir_groups g WHERE g.stream = ?1 AND ((g.last_ms, g.last_seq) < (?2, ?3)"
    " OR EXISTS (SELECT 1 FROM weir_pending p WHERE p.grp = g.grp AND p.ms = ?2 AND p.seq = ?3)))";

bool is_referenced(Database& db, const StreamRow& stream, Id id) {
  Query query = db.query(kReferenced);
  return query.bind(stream.number).bind(id).next() && query.integer(0) != 0;
}

constexpr const char* kLeastDelivered =
    "SELECT last_ms, last_seq FROM weir_groups WHERE stream = ? ORDER BY last_ms, last_seq LIMIT 1";

std::int64_t first_undelivered(Database& db, const StreamRow& stream) {
  Id last;
  {
    Query query = db.query(kLeastDelivered);
    if (!query.bind(stream.number).next()) {
      return stream.tail;
    }
    last = query.id(0);
  }
  return upper_bound(db, stream, last);
}

constexpr const char* kHolders =
    "SELECT p.grp, p.consumer FROM weir_groups g CROSS JOIN weir_pending p ON p.grp = g.grp "
    "WHERE g.stream = ? AND p.ms = ? AND p.seq = ?";

void remove_references(Database& db, const StreamRow& stream, Id id) {
  struct Holder {
    std::int64_t group;
    std::optional<std::int64_t> consumer;
  };
  std::vector<Holder> holders;
  {
    Query query = db.query(kHolders);
    query.bind(stream.number).bind(id);
    while (query.next()) {
      holders.push_back({query.integer(0), query.maybe_integer(1)});
    }
  }
  for (const Holder& holder : holders) {
    remove_pending(db, stream, holder.group, holder.consumer, id);
  }
}

constexpr const char* kPendingUpTo =
    "SELECT p.ms, p.seq FROM weir_groups g CROSS JOIN weir_pending p ON p.grp = g.grp "
    "WHERE g.stream = ? AND (p.ms, p.seq) <= (?, ?)";
constexpr const char* kLastBefore = "SELECT ms, seq FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n DESC LIMIT 1";

void remove_references_before(Database& db, const StreamRow& stream, std::int64_t end) {
  std::vector<Id> ids;
  {
    Query last = db.query(kLastBefore);
    if (!last.bind(stream.begin()).bind(end).next()) {
      return;
    }
    Query query = db.query(kPendingUpTo);
    query.bind(stream.number).bind(last.id(0));
    while (query.next()) {
      const Id id = query.id(0);
      if (position_of(db, stream, id)) {  // otherwise it was deleted before, and stays pending
        ids.push_back(id);
      }
    }
  }
  for (const Id id : ids) {
    remove_references(db, stream, id);
  }
}

Result<Change<Xdelex::Reply>> Tables::run(const Xdelex& request) {
  Outcomes reply;
  auto stream = find_stream(db_, request.stream);
  if (!stream) {
    reply.outcomes.assign(request.ids.size(), Outcomes::Outcome::absent);
    return Change(std::move(reply), Worth::nothing);
  }
  std::int64_t near = stream->begin();
  for (const Id id : request.ids) {
    reply.outcomes.push_back(removal(db_, *stream, id, request.references, near));
  }
  save_stream(db_, *stream);
  return reply;
}

Result<Change<Xackdel::Reply>> Tables::run(const Xackdel& request) {
  Outcomes reply;
  auto at = find_stream_and_group(db_, request.stream, request.group);
  if (!at) {
    reply.outcomes.assign(request.ids.size(), Outcomes::Outcome::absent);
    return Change(std::move(reply), Worth::nothing);
  }
  std::int64_t near = at->stream.begin();
  for (const Id id : request.ids) {
    const auto row = find_pending(db_, at->group, id);
    if (!row) {
      reply.outcomes.push_back(Outcomes::Outcome::absent);
      continue;
    }
    remove_pending(db_, at->stream, at->group.number, row->consumer, id);
    const auto outcome = removal(db_, at->stream, id, request.references, near);
    // The entry was acknowledged, so the reply does not tell that it was missing.
    reply.outcomes.push_back(outcome == Outcomes::Outcome::absent ? Outcomes::Outcome::removed : outcome);
  }
  save_stream(db_, at->stream);
  return reply;
}

}  // namespace weir::sqlite
