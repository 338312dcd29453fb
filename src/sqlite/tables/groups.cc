// XGROUP.
#include <algorithm>
#include <array>
#include <span>

#include "sqlite/tables/pending.h"
#include "sqlite/tables/serial.h"
#include "sqlite/tables/tables.h"
#include "stream/refusals.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr const char* kNeedsKey =
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option "
    "to create an empty stream automatically.";

/// ENTRIESREAD, limited to the number of entries that were added.
std::optional<std::int64_t> as_read(const StreamRow& stream, std::optional<std::uint64_t> count) {
  if (!count) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(std::min(*count, static_cast<std::uint64_t>(stream.added)));
}

constexpr const char* kDropSerial = "DELETE FROM weir_serial WHERE grp = ?";
constexpr std::array kDropGroup{
    "DELETE FROM weir_pending WHERE grp = ?",
    "DELETE FROM weir_consumers WHERE grp = ?",
    "DELETE FROM weir_groups WHERE grp = ?",
};

void delete_group(Database& db, const StreamRow& stream, std::int64_t group) {
  if (stream.has(kHasSerial)) {
    db.query(kDropSerial).bind(group).run();
  }
  for (const char* drop : kDropGroup) {
    db.query(drop).bind(group).run();
  }
}

Result<StreamAndGroup> group_to_change(Database& db, const std::string& stream_name, const std::string& group_name) {
  const auto stream = find_stream(db, stream_name);
  if (!stream) {
    return db.refuse(kNeedsKey);
  }
  const auto group = find_group(db, *stream, group_name);
  if (!group) {
    return db.refuse(no_group_for_key(stream_name, group_name));
  }
  return StreamAndGroup{*stream, *group};
}

}  // namespace

constexpr const char* kMakeGroup =
    "INSERT INTO weir_groups(stream, name, last_ms, last_seq, next, entries_read, grp) VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kHasGroup = "SELECT 1 FROM weir_groups WHERE grp = ?";

Result<Change<XgroupCreate::Reply>> Tables::run(const XgroupCreate& request) {
  auto stream = find_stream(db_, request.stream);
  if (!stream) {
    if (!request.make_stream) {
      return db_.refuse(kNeedsKey);
    }
    stream = make_stream(db_, request.stream);
  }
  if (find_group(db_, *stream, request.group)) {
    if (!request.if_absent) {
      return db_.refuse("BUSYGROUP Consumer Group name already exists");
    }
    return Change(Ok(), Worth::nothing);
  }
  std::optional<std::int64_t> number;  // nothing: a new one
  if (const auto before = groups_before_.find({request.stream, request.group}); before != groups_before_.end()) {
    Query query = db_.query(kHasGroup);
    number = query.bind(before->second).next() ? std::nullopt : std::optional(before->second);
  }
  const Id last = request.start.value_or(stream->last);
  db_.query(kMakeGroup)
      .bind(stream->number)
      .bind_name(request.group)
      .bind(last)
      .bind(upper_bound(db_, *stream, last))
      .bind(as_read(*stream, request.entries_read))
      .bind(number)
      .run();
  return Ok();
}

Result<Change<XgroupSetid::Reply>> Tables::run(const XgroupSetid& request) {
  WEIR_ASSIGN(StreamAndGroup at, group_to_change(db_, request.stream, request.group));
  at.group.last = request.start.value_or(at.stream.last);
  at.group.next = upper_bound(db_, at.stream, at.group.last);
  at.group.entries_read = as_read(at.stream, request.entries_read);
  save_group(db_, at.group);
  return Ok();
}

Result<Change<XgroupDestroy::Reply>> Tables::run(const XgroupDestroy& request) {
  const auto stream = find_stream(db_, request.stream);
  if (!stream) {
    return db_.refuse(kNeedsKey);
  }
  const auto group = find_group(db_, *stream, request.group);
  if (group) {
    delete_group(db_, *stream, group->number);
  }
  return Count{group ? 1U : 0U};
}

constexpr const char* kMakeConsumer =
    "INSERT INTO weir_consumers(grp, name, seen_ms) VALUES (?, ?, ?) ON CONFLICT(grp, name) DO NOTHING RETURNING 1";

Result<Change<XgroupCreateConsumer::Reply>> Tables::run(const XgroupCreateConsumer& request) {
  WEIR_ASSIGN(const StreamAndGroup at, group_to_change(db_, request.stream, request.group));
  bool made = false;
  {
    Query query = db_.query(kMakeConsumer);
    made = query.bind(at.group.number).bind_name(request.consumer).bind(unix_now().count()).next();
    query.run();
  }
  return Count{made ? 1U : 0U};
}

constexpr const char* kDropConsumerPending = "DELETE FROM weir_pending WHERE consumer = ?";
constexpr const char* kDropConsumer = "DELETE FROM weir_consumers WHERE consumer = ?";

Result<Change<XgroupDelConsumer::Reply>> Tables::run(const XgroupDelConsumer& request) {
  WEIR_ASSIGN(const StreamAndGroup at, group_to_change(db_, request.stream, request.group));
  const auto consumer = find_consumer(db_, at.group, request.consumer);
  if (consumer && request.only_if_nothing_pending && consumer->pending > 0) {
    return Change(Count{0}, Worth::nothing);
  }
  if (consumer) {
    end_serial_of(db_, at, consumer->number);
    db_.query(kDropConsumerPending).bind(consumer->number).run();
    db_.query(kDropConsumer).bind(consumer->number).run();
  }
  return Count{consumer ? static_cast<std::uint64_t>(consumer->pending) : 0};
}

Tables::SameGroups::SameGroups(Tables& tables, std::span<const Request> requests) : tables_(tables) {
  for (const Request& request : requests) {
    if (const auto* create = std::get_if<XgroupCreate>(&request)) {
      if (const auto at = find_stream_and_group(tables.db_, create->stream, create->group)) {
        tables.groups_before_[{create->stream, create->group}] = at->group.number;
      }
    }
  }
}

}  // namespace weir::sqlite
