#include "sqlite/tables/remove_listed.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "sqlite/database/id_halves.h"
#include "sqlite/tables/pending.h"

namespace weir::sqlite {
namespace {

constexpr const char* kPosition = "SELECT n FROM weir_pending WHERE grp = ? AND ms = ? AND seq = ?";
constexpr const char* kRemove =
    "DELETE FROM weir_pending WHERE grp = ? AND (ms, seq) >= (?, ?) AND (ms, seq) <= (?, ?) "
    "AND weir_is_listed(ms, seq, consumer)";
constexpr const char* kAnyOther =
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM weir_pending WHERE (grp, ms, seq) < (?1, ?2, ?3)) "
    "OR EXISTS (SELECT 1 FROM weir_pending WHERE (grp, ms, seq) > (?1, ?4, ?5))";
constexpr const char* kFrom =
    "SELECT ms, seq, consumer FROM weir_pending WHERE (grp, ms, seq) >= (?, ?, ?) ORDER BY grp, ms, seq";
constexpr const char* kRemoveAll = "DELETE FROM weir_pending";  // frees whole pages, without looking at rows

}  // namespace

struct RemoveListed::Asked {
  std::span<const Id> ids;
  std::optional<std::int64_t> owner;
  std::size_t next = 0;  ///< where in `ids` the next row is expected
  std::vector<RemovedRow> removed;

  void begin(std::span<const Id> listed, std::optional<std::int64_t> by) {
    ids = listed;
    owner = by;
    next = 0;
    removed.clear();
    removed.reserve(ids.size());
  }

  /// Whether this row has to be removed.
  bool takes(const RemovedRow& row) {
    if (next == ids.size() || ids[next] != row.id) {
      next = static_cast<std::size_t>(std::ranges::lower_bound(ids, row.id) - ids.begin());
    }
    const bool listed = next < ids.size() && ids[next] == row.id && (!owner || row.consumer == owner);
    if (!listed || removed.size() == removed.capacity()) {  // more than were listed: the database is damaged
      return false;
    }
    ++next;
    removed.push_back(row);
    return true;
  }

  static void answer(sqlite3_context* context, int, sqlite3_value** values) {
    const Id id{value_half(values[0]), value_half(values[1])};
    const bool is_held = sqlite3_value_type(values[2]) != SQLITE_NULL;
    const auto consumer = is_held ? std::optional(sqlite3_value_int64(values[2])) : std::nullopt;
    sqlite3_result_int(context, static_cast<Asked*>(sqlite3_user_data(context))->takes({id, consumer}) ? 1 : 0);
  }
};

RemoveListed::RemoveListed(Database& db) : db_(db) {}

RemoveListed::~RemoveListed() = default;

std::optional<std::int64_t> RemoveListed::position(const GroupRow& group, Id id) {
  Query query = db_.query(kPosition);
  return query.bind(group.number).bind(id).next() ? std::optional(query.integer(0)) : std::nullopt;
}

bool RemoveListed::pays(const GroupRow& group, std::span<const Id> ids) {
  constexpr std::size_t kWorthALook = 8;
  if (ids.size() < kWorthALook || std::ranges::adjacent_find(ids, std::greater_equal()) != ids.end()) {
    return false;
  }
  const auto first = position(group, ids.front());
  const auto last = position(group, ids.back());
  return first && last && *first != kUnplaced &&
         static_cast<std::uint64_t>(*last) - static_cast<std::uint64_t>(*first) < 2 * ids.size();
}

std::span<const RemovedRow> RemoveListed::remove(const GroupRow& group, std::span<const Id> ids,
                                                 std::optional<std::int64_t> owner) {
  if (!asked_) {
    asked_ = std::make_unique<Asked>();
    sqlite3_create_function_v2(db_.handle(), "weir_is_listed", 3, SQLITE_UTF8 | SQLITE_DIRECTONLY, asked_.get(),
                               Asked::answer, nullptr, nullptr, nullptr);
  }
  asked_->begin(ids, owner);
  if (are_all(group)) {
    db_.query(kRemoveAll).run();
    return asked_->removed;
  }
  asked_->begin(ids, owner);
  db_.query(kRemove).bind(group.number).bind(ids.front()).bind(ids.back()).run();
  return asked_->removed;
}

bool RemoveListed::are_all(const GroupRow& group) {
  const Id first = asked_->ids.front();
  if (db_.query(kAnyOther).bind(group.number).bind(first).bind(asked_->ids.back()).next()) {
    return false;
  }
  Query row = db_.query(kFrom);
  row.bind(group.number).bind(first);
  while (row.next()) {
    if (!asked_->takes({row.id(0), row.maybe_integer(2)})) {
      return false;
    }
  }
  return !db_.failed();
}

}  // namespace weir::sqlite
