// XACK.
#include "sqlite/tables/pending.h"
#include "sqlite/tables/remove_listed.h"
#include "sqlite/tables/serial.h"
#include "sqlite/tables/tables.h"

namespace weir::sqlite {
namespace {

constexpr const char* kAcknowledge = "DELETE FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ? RETURNING consumer";
constexpr const char* kAcknowledgeOwn =
    "DELETE FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ? AND consumer = ? RETURNING consumer";
constexpr const char* kIsPending = "SELECT consumer FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ?";

std::vector<RemovedRow> remove_each(Database& db, const GroupRow& group, std::span<const Id> ids,
                                    std::optional<std::int64_t> owner) {
  std::vector<RemovedRow> removed;
  Query query = db.query(owner ? kAcknowledgeOwn : kAcknowledge);
  for (const Id id : ids) {
    query.bind(group.number).bind(id);
    if (owner) {
      query.bind(*owner);
    }
    if (query.next()) {
      removed.push_back({id, query.maybe_integer(0)});
      query.run();
    }
    query.again();
  }
  return removed;
}

/// Updates other tables after these rows were removed from the pending list.
void settle(Database& db, const StreamAndGroup& at, std::span<const RemovedRow> removed) {
  // Consecutive entries mostly belong to the same consumer: its count is written once for all of them.
  std::optional<std::int64_t> consumer;
  std::int64_t of_consumer = 0;
  for (const RemovedRow& row : removed) {
    if (row.consumer != consumer) {
      add_pending(db, at.group.number, consumer, -of_consumer);
      consumer = row.consumer;
      of_consumer = 0;
    }
    ++of_consumer;
    end_serial(db, at.stream, at.group.number, row.id);
  }
  add_pending(db, at.group.number, consumer, -of_consumer);
}

}  // namespace

Result<Change<Xack::Reply>> Tables::run(const Xack& request) {
  const auto at = find_stream_and_group(db_, request.stream, request.group);
  std::optional<std::int64_t> owner;
  if (const auto found = at && request.owner ? find_consumer(db_, at->group, *request.owner) : std::nullopt) {
    owner = found->number;
  }
  const bool possible = at && (!request.owner || owner);
  if (request.all_or_none) {
    // Checked before any change: inside a transaction of many requests a refusal must leave no trace.
    for (const Id id : request.ids) {
      Query query = db_.query(kIsPending);
      const bool pending = possible && query.bind(at->group.number).bind(id).next();
      if (!pending || (owner && query.integer(0) != *owner)) {
        return db_.refuse("NOTOWNED " + to_string(id) + " is no longer pending" +
                          (request.owner ? " for consumer '" + *request.owner + "'" : std::string()));
      }
    }
  }
  if (!possible) {
    return Count{0};
  }
  const auto acknowledge = [&](std::span<const RemovedRow> removed) {
    settle(db_, *at, removed);
    return Count{removed.size()};
  };
  return remove_listed_.pays(at->group, request.ids) ? acknowledge(remove_listed_.remove(at->group, request.ids, owner))
                                                     : acknowledge(remove_each(db_, at->group, request.ids, owner));
}

}  // namespace weir::sqlite
