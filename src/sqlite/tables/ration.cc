// Taking messages under terms: see stream/rationing.h.
#include <algorithm>
#include <set>

#include "sqlite/tables/damage.h"
#include "sqlite/tables/pending.h"
#include "sqlite/tables/serial.h"
#include "sqlite/tables/tables.h"
#include "stream/refusals.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

using Micros = std::chrono::microseconds;

constexpr const char* kPaced = "SELECT paced_us FROM weir_groups WHERE grp = ?";
constexpr const char* kPace = "UPDATE weir_groups SET paced_us = ? WHERE grp = ?";

/// The pace of a group: the moment at which the next message should be taken. After a late message the next ones may
/// follow sooner, until the delay is made up, but by no more than the slack.
class Pace {
 public:
  Pace(Database& db, const GroupRow& keeper, std::optional<Micros> interval)
      : db_(db), keeper_(keeper.number), interval_(interval) {
    if (!interval_) {
      return;
    }
    now_ = std::chrono::duration_cast<Micros>(std::chrono::system_clock::now().time_since_epoch());
    Query query = db.query(kPaced);
    const auto stored = query.bind(keeper_).next() ? query.maybe_integer(0) : std::nullopt;
    // A stored moment that is later than this pace allows comes from a slower pace, from before the clock was set back,
    // or is garbage.
    begins_ = !stored || Micros(*stored) > now_ + kSlack + *interval_;
    // The first message waits a little too, so that the first second has no more messages than any other.
    next_ = begins_ ? now_ + kSlack + std::min(*interval_, kSlack) : std::max(Micros(*stored), now_);
  }

  /// How many may be taken now.
  std::size_t room(std::size_t want) const {
    if (!interval_) {
      return want;
    }
    const Micros ahead = next_ - now_;
    return ahead > kSlack ? 0
                          : std::min<std::size_t>(want, static_cast<std::size_t>((kSlack - ahead) / *interval_) + 1);
  }
  /// How long until a message may be taken.
  Millis left() const { return std::chrono::ceil<Millis>(std::max(next_ - kSlack - now_, Micros(0))); }

  /// True if no pace is stored yet: then even a take of no message stores one.
  bool begins() const { return begins_; }
  void take(std::size_t count) {
    if (interval_ && (count > 0 || begins_)) {
      next_ += *interval_ * static_cast<Micros::rep>(count);
      db_.query(kPace).bind(next_.count()).bind(keeper_).run();
    }
  }

 private:
  static constexpr Micros kSlack{100'000};

  Database& db_;
  std::int64_t keeper_;
  std::optional<Micros> interval_;
  Micros now_{0};
  Micros next_{0};
  bool begins_ = false;
};

constexpr const char* kDue =
    "SELECT ms, seq, n, consumer, delivered_ms, deliveries, due_ms, laters FROM weir_pending "
    "WHERE grp = ? AND consumer IS NULL AND due_ms <= ? ORDER BY due_ms, turn";
constexpr const char* kNextDue =
    "SELECT ms, seq, delivered_ms, due_ms FROM weir_pending WHERE grp = ? AND consumer IS NULL AND due_ms < ? "
    "ORDER BY due_ms, turn";
constexpr const char* kGone =
    "SELECT ms, seq, n FROM (SELECT ms, seq, n FROM weir_pending WHERE grp = ? AND consumer IS NULL AND due_ms > ? AND "
    "due_ms < ? ORDER BY due_ms, turn LIMIT 1000) p "
    "WHERE NOT EXISTS (SELECT 1 FROM weir_entries e WHERE e.n = p.n AND e.ms = p.ms AND e.seq = p.seq)";
constexpr const char* kWaitAgain = "UPDATE weir_pending SET due_ms = ? WHERE grp = ? AND ms = ? AND seq = ?";
constexpr const char* kOwners = "SELECT consumer, name FROM weir_consumers WHERE grp = ? AND pending > 0";
constexpr const char* kIdleOf =
    "SELECT ms, seq, n, consumer, delivered_ms, deliveries, due_ms, laters FROM weir_pending "
    "WHERE consumer = ? AND delivered_ms <= ? ORDER BY ms, seq";
constexpr const char* kCountAsNow =
    "UPDATE weir_pending SET delivered_ms = ?1 WHERE consumer = ?2 AND delivered_ms > ?1";
constexpr const char* kUndelivered =
    "SELECT n, ms, seq, fields FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n LIMIT ?";
constexpr const char* kBehind =
    "INSERT INTO weir_pending(grp, ms, seq, n, delivered_ms, deliveries, due_ms, turn) VALUES (?, ?, ?, ?, ?, 0, ?, ?) "
    "ON CONFLICT DO NOTHING";

/// A row of the pending list, with more of its figures.
struct Found {
  PendingRow row;
  std::uint64_t laters = 0;
  std::string owner = {};
};

/// One call of `take`: goes from stream to stream as long as there is room.
class Taking {
 public:
  Taking(Database& db, const Ration& ration, std::vector<StreamAndGroup>& places)
      : db_(db),
        ration_(ration),
        places_(places),
        pace_(db, places.front().group, ration.terms.interval),
        now_(unix_now()),
        room_(pace_.room(ration.want)) {
    std::uint64_t held = 0;
    for (const StreamAndGroup& at : places) {
      held += held_count(db, at.group);
    }
    const std::uint64_t most = ration.terms.held.value_or(UINT64_MAX);
    free_ = most > held ? most - held : 0;
  }

  Rationed all() {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const std::size_t which = (ration_.begin + i) % places_.size();
      from(ration_.streams[which], places_[which]);
    }
    pace_.take(out_.messages.size());
    if (out_.more && pace_.room(1) == 0) {
      out_.next = pace_.left();
    }
    return std::move(out_);
  }
  bool changed() const { return changed_ || pace_.begins() || !out_.messages.empty(); }

 private:
  /// How many messages that nobody holds may still be taken.
  std::size_t room() const { return static_cast<std::size_t>(std::min<std::uint64_t>(room_left(), free_)); }
  std::size_t room_left() const { return room_ - std::min(room_, out_.messages.size()); }

  void from(const std::string& name, StreamAndGroup& at) {
    if (at.group.is_paused(now_)) {
      const Millis left = *at.group.paused_until - now_;
      out_.next = std::min(out_.next.value_or(left), left);
      return;
    }
    const auto before = out_.messages.size();
    consumer_ = seen_consumer(db_, at.group, ration_.consumer, now_);
    if (ration_.terms.serial && index_serial(db_, at, *ration_.terms.serial)) {
      changed_ = true;
    }
    if (ration_.terms.serial) {
      drop_gone(at);
    }
    if (waits_from_the_future(db_, at.group, now_)) {
      mend_due_times(db_, at.group, now_);
      changed_ = true;
    }
    if (ration_.idle) {
      left_behind(name, at);
    }
    if (ration_.new_first) {
      fresh(name, at);
      given_back(name, at);
    } else {
      given_back(name, at);
      fresh(name, at);
    }
    if (out_.messages.size() > before) {
      consumer_active(db_, consumer_, now_);
    }
  }

  /// Takes messages that an owner has held for long without a sign of life. They count as held already, so the limit on
  /// held messages does not apply.
  void left_behind(const std::string& name, StreamAndGroup& at) {
    std::vector<std::pair<std::int64_t, std::string>> owners;
    {
      Query query = db_.query(kOwners);
      query.bind(at.group.number);
      while (query.next()) {
        owners.emplace_back(query.integer(0), query.bytes(1));
      }
    }
    const auto ours = ration_.held.find(name);
    std::vector<Found> found;
    for (const auto& [number, owner] : owners) {
      db_.query(kCountAsNow).bind(now_.count()).bind(number).run();
      changed_ = changed_ || sqlite3_changes(db_.handle()) > 0;
      Query query = db_.query(kIdleOf);
      query.bind(number).bind((now_ - *ration_.idle).count());
      while (query.next()) {
        Found idle{pending_row(query), static_cast<std::uint64_t>(query.maybe_integer(7).value_or(0)), owner};
        if (owner == ration_.consumer && ours != ration_.held.end() && ours->second.count(idle.row.id) > 0) {
          continue;
        }
        if (found.size() >= room_left()) {
          out_.more = true;
          break;
        }
        found.push_back(std::move(idle));
      }
    }
    for (const Found& idle : found) {
      give_again(name, at, idle);
    }
  }

  /// The due messages that nobody holds, but for those in `passed_over`: up to one more than there is room for.
  std::vector<Found> due(const StreamAndGroup& at, const std::set<Id>& passed_over) {
    std::vector<Found> found;
    Query query = db_.query(kDue);
    query.bind(at.group.number).bind(now_.count());
    while (found.size() <= room() && query.next()) {
      if (passed_over.contains(query.id(0))) {
        continue;
      }
      found.push_back({pending_row(query), static_cast<std::uint64_t>(query.maybe_integer(7).value_or(0))});
    }
    return found;
  }

  void given_back(const std::string& name, StreamAndGroup& at) {
    std::set<Id> passed_over;  // due, but a later one of their value runs: one of each such value
    for (bool again = true; again;) {
      again = false;
      for (const Found& found : due(at, passed_over)) {
        if (room() == 0) {
          out_.more = true;
          return;
        }
        // A user may have released, by hand, a message that waits for another.
        const auto value = serial_value(db_, at, found.row.id);
        if (value && waits_for_another(db_, at.group, *value, found.row.id)) {
          db_.query(kWaitAgain).bind(kAfterAnother.count()).bind(at.group.number).bind(found.row.id).run();
          changed_ = true;
          again = true;  // the next due message may be free to run
        } else if (value && later_one_runs(db_, at.group, *value, found.row.id)) {
          passed_over.insert(found.row.id);
          again = true;
        } else if (give_again(name, at, found)) {
          --free_;
        } else {
          again = true;  // its message is gone: the next of its value may run
        }
      }
    }
    Query next = db_.query(kNextDue);
    next.bind(at.group.number).bind(kAfterAnother.count());
    bool found = next.next();
    while (found && passed_over.contains(next.id(0))) {
      found = next.next();
    }
    if (found) {
      const Millis left = wait_of(UnixMs(next.integer(2)), UnixMs(next.integer(3)), now_).left;
      out_.next = std::min(out_.next.value_or(left), left);
      out_.more = true;
    }
  }

  /// A message that is not due yet, but was deleted from the stream, would hold up the next of its value until its due
  /// time. Such rows are removed here; if there are very many rows, only a thousand are looked at.
  void drop_gone(const StreamAndGroup& at) {
    std::vector<EntryRow> gone;
    {
      Query query = db_.query(kGone);
      query.bind(at.group.number).bind(now_.count()).bind(kAfterAnother.count());
      while (query.next()) {
        gone.push_back({query.integer(2), query.id(0)});
      }
    }
    for (const EntryRow& row : gone) {
      if (!pending_fields(db_, at.stream, row.n, row.id)) {
        remove_pending(db_, at.stream, at.group.number, std::nullopt, row.id);
        changed_ = true;
      }
    }
  }

  bool give_again(const std::string& name, StreamAndGroup& at, const Found& found) {
    changed_ = true;
    auto fields = pending_fields(db_, at.stream, found.row.n, found.row.id);
    if (!fields) {
      remove_pending(db_, at.stream, at.group.number, found.row.consumer, found.row.id);
      return false;
    }
    PendingRow claimed = found.row;
    claimed.consumer = consumer_.number;
    claimed.delivered = now_;
    claimed.deliveries = one_more(found.row.deliveries);
    Turns turns(db_, at);
    save_claim(db_, at.group, found.row, claimed, turns);
    turns.save();
    Entry entry{found.row.id, Fields::from_json(std::move(*fields)), static_cast<std::uint64_t>(claimed.deliveries)};
    out_.messages.push_back({name, std::move(entry), found.owner, found.laters});
    return true;
  }

  void fresh(const std::string& name, StreamAndGroup& at) {
    // How many messages may wait for earlier ones; beyond that, no new messages are looked at.
    constexpr std::uint64_t kMostBehind = 10'000;
    const auto next = ration_.fresh ? next_undelivered(db_, at) : std::nullopt;
    if (!next) {
      return;
    }
    const StreamShape shape = shape_of(db_, at.stream);
    std::uint64_t behind = at.stream.has(kHasSerial) ? released_count(db_, at.group) : 0;
    std::int64_t parked = 0;
    std::int64_t held = 0;
    Turns turns(db_, at, ration_.terms.serial.has_value());
    GroupRow& group = at.group;
    std::optional<Id> before = group.last;
    Query entries = db_.query(kUndelivered);
    entries.bind(next->n).bind(at.stream.tail).bind(INT64_MAX);
    while (entries.next()) {
      const EntryRow entry{entries.integer(0), entries.id(1)};
      if (!follows(db_, before, entry.id, {})) {
        break;
      }
      auto fields = Fields::from_json(std::string(entries.bytes(3)));
      const auto value = ration_.terms.serial ? serial_value_of(fields, *ration_.terms.serial) : std::nullopt;
      const bool waits = value && waits_for_another(db_, group, *value, entry.id);
      if (waits ? behind >= kMostBehind : room() == 0) {
        out_.more = true;
        break;
      }
      if (value) {
        add_serial(db_, at, *value, entry.id);
      }
      if (waits) {
        db_.query(kBehind)
            .bind(group.number)
            .bind(entry.id)
            .bind(entry.n)
            .bind(now_.count())
            .bind(kAfterAnother.count())
            .bind(turns.next())
            .run();
        const int made = sqlite3_changes(db_.handle());  // 0: the group was set back, and it is pending already
        parked += made;
        behind += static_cast<std::uint64_t>(made);
      } else {
        held += hold_entry(db_, group, entry, consumer_, now_, turns.next());
        out_.messages.push_back({name, Entry{entry.id, std::move(fields), 1}});
        --free_;
      }
      group.entries_read = entries_read_after(shape, group.last, group.entries_read, entry.id);
      group.last = entry.id;
      group.next = entry.n + 1;
      changed_ = true;
    }
    add_pending(db_, group.number, consumer_.number, held);
    add_pending(db_, group.number, std::nullopt, parked);
    turns.save();
    save_group(db_, group);
  }

  Database& db_;
  const Ration& ration_;
  std::vector<StreamAndGroup>& places_;
  Pace pace_;
  UnixMs now_;
  std::size_t room_;
  std::uint64_t free_ = 0;
  ConsumerRow consumer_;
  bool changed_ = false;
  Rationed out_;
};

}  // namespace

Result<Change<Rationed>> Tables::take(const Ration& ration) {
  std::vector<StreamAndGroup> places;
  for (const std::string& stream : ration.streams) {
    const auto at = find_stream_and_group(db_, stream, ration.group);
    if (!at) {
      return db_.refuse(no_key_or_group_to_read(stream, ration.group));
    }
    places.push_back(*at);
  }
  Taking taking(db_, ration, places);
  Rationed taken = taking.all();
  if (const auto due = next_due(ration.streams)) {
    const Millis left = std::max(*due - unix_now(), Millis(1));
    taken.next = std::min(taken.next.value_or(left), left);
  }
  // Waiting workers try again after each commit, so a take that gave nothing must not commit.
  return Change(std::move(taken), taking.changed() ? Worth::sync : Worth::nothing);
}

}  // namespace weir::sqlite
