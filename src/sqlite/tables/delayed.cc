#include "sqlite/tables/delayed.h"

#include <algorithm>
#include <limits>

#include "sqlite/tables/bulk_insert.h"
#include "sqlite/tables/keep.h"
#include "sqlite/tables/tables.h"
#include "sqlite/tables/unique.h"
#include "stream/refusals.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr std::uint64_t kMostAtOnce = 100'000;

constexpr const char* kAppend = "INSERT INTO weir_entries(n, ms, seq, fields) VALUES (?, ?, ?, ?)";

/// Appends messages in one go: their IDs are of one moment.
class Appending {
 public:
  Appending(Database& db, StreamRow& stream, UnixMs now) : db_(db), stream_(stream), now_(now) {}

  /// False: the stream has used its last possible ID or position. The message stays delayed.
  bool add(std::string_view fields, const std::optional<std::string_view>& key) {
    const auto id = generate_id(stream_.last, static_cast<std::uint64_t>(now_.count()));
    if (!id || stream_.tail == stream_.end()) {
      return false;
    }
    db_.query(kAppend).bind(stream_.tail).bind(*id).bind_text(fields).run();
    if (key) {
      save_key(db_, stream_, *key, EntryRow{stream_.tail, *id}, now_);
    }
    stream_.appended(*id);
    return true;
  }

 private:
  Database& db_;
  StreamRow& stream_;
  UnixMs now_;
};

constexpr const char* kFewer = "UPDATE weir_extras SET delayed = max(0, delayed - ?) WHERE stream = ?";
constexpr const char* kFirstDue = "SELECT min(due_ms) FROM weir_delayed WHERE stream = ?";
constexpr const char* kSaveDue = "UPDATE weir_streams SET due_ms = ?, flags = ? WHERE stream = ?";

std::optional<std::string_view> key_at(Query& query, int column) {
  return query.is_null(column) ? std::nullopt : std::optional(query.bytes(column));
}

/// Saves the count and the next due time after delayed messages of the stream were removed.
void save_fewer(Database& db, StreamRow& stream, std::uint64_t fewer) {
  db.query(kFewer).bind(static_cast<std::int64_t>(fewer)).bind(stream.number).run();
  std::optional<std::int64_t> first;
  if (Query query = db.query(kFirstDue); query.bind(stream.number).next()) {
    first = query.maybe_integer(0);
  }
  stream.due = first ? std::optional(UnixMs(*first)) : std::nullopt;
  stream.flags = first ? stream.flags : stream.flags & ~static_cast<std::int64_t>(kHasDelayed);
  db.query(kSaveDue).bind(first).bind(stream.flags).bind(stream.number).run();
}

constexpr const char* kDueNow =
    "SELECT due_ms, seq, fields, key FROM weir_delayed WHERE stream = ? AND due_ms <= ? ORDER BY due_ms, seq LIMIT ?";
constexpr const char* kDropUpTo = "DELETE FROM weir_delayed WHERE stream = ? AND (due_ms, seq) <= (?, ?)";

}  // namespace

void append_due(Database& db, StreamRow& stream, UnixMs now) {
  Appending appending(db, stream, now);
  const std::int64_t tail_before = stream.tail;
  std::uint64_t appended = 0;
  bool any = false;
  std::int64_t last_due = 0;
  std::int64_t last_number = 0;
  {
    Query due = db.query(kDueNow);
    due.bind(stream.number).bind(now.count()).bind_limit(kMostAtOnce);
    while (due.next()) {
      any = true;
      if (!appending.add(due.bytes(2), key_at(due, 3))) {
        break;
      }
      last_due = due.integer(0);
      last_number = due.integer(1);
      ++appended;
    }
  }
  if (appended > 0) {
    db.query(kDropUpTo).bind(stream.number).bind(last_due).bind(last_number).run();
    keep_after_append(db, stream, tail_before, now);
    save_stream(db, stream);
    save_fewer(db, stream, appended);
  } else if (!any) {
    save_fewer(db, stream, 0);  // the stream's row wrongly said that a message was due
  }
}

constexpr const char* kDelays = "SELECT delayed, delays FROM weir_extras WHERE stream = ?";
constexpr const char* kSaveDelays =
    "INSERT INTO weir_extras(stream, delayed, delays) VALUES (?1, ?2, ?3) "
    "ON CONFLICT(stream) DO UPDATE SET delayed = ?2, delays = ?3";
constexpr const char* kDelay =
    "INSERT INTO weir_delayed(stream, due_ms, seq, fields, key) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

namespace {

/// Adds delayed messages to one stream.
class Delays {
 public:
  Delays(Database& db, StreamRow& stream) : db_(db), stream_(stream) {
    if (stream.has(kHasExtras)) {
      if (Query query = db.query(kDelays); query.bind(stream.number).next()) {
        delayed_ = std::max<std::int64_t>(query.integer(0), 0);
        last_ = std::max<std::int64_t>(query.integer(1), 0);
      }
    }
  }

  Handle add(UnixMs due, const Fields& fields, const std::optional<std::string>& key = std::nullopt) {
    const Handle handle{due, static_cast<std::uint64_t>(last_) + 1};
    if (last_ == std::numeric_limits<std::int64_t>::max() || !take_over(handle, fields, key)) {
      db_.note_damage("the numbers of delayed messages do not go on after the last one");
    }
    return handle;
  }

  /// False: the stream has a message with this handle already.
  bool take_over(const Handle& handle, const Fields& fields, const std::optional<std::string>& key) {
    const auto number = static_cast<std::int64_t>(handle.number);
    {
      std::string room;
      Query query = db_.query(kDelay);
      query.bind(stream_.number).bind(handle.due.count()).bind(number).bind_text(as_kept(db_, fields.json(), room));
      key ? query.bind_name(*key) : query.bind(std::optional<std::int64_t>());
      query.run();
    }
    const bool added = sqlite3_changes(db_.handle()) > 0;
    if (added && key) {
      save_key(db_, stream_, *key, handle, unix_now());
    }
    delayed_ += added ? 1 : 0;
    last_ = std::max(last_, number);
    stream_.due = std::min(stream_.due.value_or(handle.due), handle.due);
    return added;
  }

  void save() {
    stream_.flags |= kHasExtras | kHasDelayed;
    db_.query(kSaveDelays).bind(stream_.number).bind(delayed_).bind(last_).run();
    db_.query(kSaveDue).bind(stream_.due->count()).bind(stream_.flags).bind(stream_.number).run();
  }

 private:
  Database& db_;
  StreamRow& stream_;
  std::int64_t delayed_ = 0;
  std::int64_t last_ = 0;  ///< the last number given to a message
};

/// When the message is due; the last possible moment if milliseconds cannot hold that.
UnixMs moment_of(const Due& due, UnixMs now) {
  if (!due.from_now) {
    return due.time;
  }
  return due.time > UnixMs::max() - now ? UnixMs::max() : now + due.time;
}

}  // namespace

Result<Change<Tables::Handles>> Tables::delay(std::span<const Xadd> entries, const Due& due) {
  const UnixMs at = moment_of(due, unix_now());
  Handles handles;
  handles.reserve(entries.size());
  bool any = false;
  for (std::size_t i = 0; i < entries.size();) {
    const std::string& name = entries[i].stream;
    auto stream = find_stream(db_, name);
    if (!stream && entries[i].make_stream) {
      stream = make_stream(db_, name);
    }
    if (!stream) {
      handles.emplace_back();
      ++i;
      continue;
    }
    Delays delays(db_, *stream);
    for (; i < entries.size() && entries[i].stream == name; ++i) {
      handles.emplace_back(delays.add(at, entries[i].fields));
    }
    delays.save();
    any = true;
  }
  return Change(std::move(handles), any ? Worth::sync : Worth::nothing);
}

Result<Handle> Tables::delay_with_key(const Xadd& entry, const Due& due, const std::string& key) {
  auto stream = find_stream(db_, entry.stream);
  if (!stream) {
    stream = make_stream(db_, entry.stream);
  }
  Delays delays(db_, *stream);
  const Handle handle = delays.add(moment_of(due, unix_now()), entry.fields, key);
  delays.save();
  return handle;
}

constexpr const char* kDelayed =
    "SELECT due_ms, seq, fields, key FROM weir_delayed WHERE stream = ? AND (due_ms, seq) > (?, ?) ORDER BY due_ms, "
    "seq "
    "LIMIT ?";

Result<std::vector<DelayedMessage>> Tables::delayed(const std::string& name, const std::optional<Handle>& after,
                                                    std::uint64_t count) {
  std::vector<DelayedMessage> messages;
  const auto stream = find_stream(db_, name);
  if (!stream || !stream->has(kHasDelayed)) {
    return messages;
  }
  const UnixMs now = unix_now();
  Query query = db_.query(kDelayed);
  query.bind(stream->number)
      .bind(after ? after->due.count() : std::numeric_limits<std::int64_t>::min())
      .bind(after ? static_cast<std::int64_t>(after->number) : 0)
      .bind_limit(count);
  while (query.next()) {
    const Handle handle{UnixMs(query.integer(0)), static_cast<std::uint64_t>(query.integer(1))};
    const Millis left = handle.due > now ? handle.due - now : Millis(0);
    const auto key = key_at(query, 3);
    messages.push_back({handle, left, Fields::from_json(std::string(query.bytes(2))),
                        key ? std::optional(std::string(*key)) : std::nullopt});
  }
  return messages;
}

Result<DelayedCount> Tables::count_delayed(const std::string& name) {
  DelayedCount found;
  const auto stream = find_stream(db_, name);
  if (!stream || !stream->has(kHasDelayed)) {
    return found;
  }
  if (Query query = db_.query(kDelays); query.bind(stream->number).next()) {
    found.count = static_cast<std::uint64_t>(std::max<std::int64_t>(query.integer(0), 0));
  }
  if (const UnixMs now = unix_now(); stream->due && *stream->due > now) {
    found.left = *stream->due - now;
  }
  return found;
}

constexpr const char* kFieldsOf = "SELECT fields, key FROM weir_delayed WHERE stream = ? AND due_ms = ? AND seq = ?";
constexpr const char* kDrop = "DELETE FROM weir_delayed WHERE stream = ? AND due_ms = ? AND seq = ?";

namespace {

/// Takes these delayed messages out. `with` is given the fields and the key of each, and returns whether to take it
/// out.
template <typename With>
Count take_out(Database& db, StreamRow& stream, std::span<const Handle> handles, With&& with) {
  Count taken;
  for (const Handle& handle : handles) {
    const auto number = static_cast<std::int64_t>(handle.number);
    bool there = false;
    if (Query query = db.query(kFieldsOf); query.bind(stream.number).bind(handle.due.count()).bind(number).next()) {
      there = with(query.bytes(0), key_at(query, 1));
    }
    if (there) {
      db.query(kDrop).bind(stream.number).bind(handle.due.count()).bind(number).run();
      ++taken.value;
    }
  }
  if (taken.value > 0) {
    save_fewer(db, stream, taken.value);
  }
  return taken;
}

}  // namespace

Result<Change<Count>> Tables::cancel_delayed(const std::string& name, std::span<const Handle> handles) {
  auto stream = find_stream(db_, name);
  if (!stream || !stream->has(kHasDelayed)) {
    return Change(Count(), Worth::nothing);
  }
  return Change(take_out(db_, *stream, handles, [&](std::string_view, const std::optional<std::string_view>& key) {
    if (key) {
      drop_key(db_, *stream, *key);
    }
    return true;
  }));
}

Result<Change<Count>> Tables::append_delayed(const std::string& name, std::span<const Handle> handles) {
  auto stream = find_stream(db_, name);
  if (!stream || !stream->has(kHasDelayed)) {
    return Change(Count(), Worth::nothing);
  }
  std::vector<Handle> in_order(handles.begin(), handles.end());
  std::ranges::sort(in_order);
  const UnixMs now = unix_now();
  const std::int64_t tail_before = stream->tail;
  Appending appending(db_, *stream, now);
  const Count count =
      take_out(db_, *stream, in_order, [&](auto fields, const auto& key) { return appending.add(fields, key); });
  keep_after_append(db_, *stream, tail_before, now);
  save_stream(db_, *stream);
  return Change(count);
}

Result<Change<Count>> Tables::take_over_delayed(const std::string& name, std::span<const DelayedMessage> messages) {
  auto stream = find_stream(db_, name);
  if (!stream) {
    return db_.refuse(kNoSuchKey);
  }
  if (messages.empty()) {
    return Change(Count(), Worth::nothing);
  }
  Delays delays(db_, *stream);
  Count taken;
  for (const DelayedMessage& message : messages) {
    taken.value += delays.take_over(message.handle, message.fields, message.key) ? 1 : 0;
  }
  delays.save();
  return Change(taken);
}

constexpr const char* kDueOf = "SELECT due_ms FROM weir_streams WHERE name = ?";

std::optional<UnixMs> Tables::next_due(std::span<const std::string> streams) {
  std::optional<UnixMs> next;
  for (const std::string& name : streams) {
    Query query = db_.query(kDueOf);
    if (query.bind_name(name).next() && !query.is_null(0)) {
      const UnixMs due(query.integer(0));
      next = std::min(next.value_or(due), due);
    }
  }
  return next;
}

Result<Change<bool>> Tables::append_due_of(const std::string& name) {
  const int before = sqlite3_total_changes(db_.handle());
  find_stream(db_, name);
  const bool any = sqlite3_total_changes(db_.handle()) != before;
  return Change(any, any ? Worth::sync : Worth::nothing);
}

}  // namespace weir::sqlite
