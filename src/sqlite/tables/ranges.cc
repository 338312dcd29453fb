// XLEN, XRANGE and what XREAD finds.
#include "sqlite/tables/ranges.h"

#include "sqlite/tables/tables.h"

namespace weir::sqlite {
namespace {

constexpr const char* kForward = "SELECT ms, seq, fields FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n LIMIT ?";
constexpr const char* kBackward =
    "SELECT ms, seq, fields FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n DESC LIMIT ?";

}  // namespace

void collect(Database& db, std::vector<Entry>& out, std::int64_t first, std::int64_t last,
             std::optional<std::uint64_t> count, bool reverse, IdRange bounds, ReadRoom* room) {
  Query query = db.query(reverse ? kBackward : kForward);
  query.bind(first).bind(last).bind_limit(count);
  std::optional<Id> before;
  while (query.next()) {
    const Id id = query.id(0);
    if (!follows(db, before, id, bounds, reverse)) {
      return;
    }
    auto fields = Fields::from_json(std::string(query.bytes(2)));
    if (room != nullptr && !room->take(fields)) {
      return;
    }
    out.push_back({id, std::move(fields), std::nullopt});
  }
}

/// The first entry is always taken, so there must be some room for it.
Result<void> Tables::check_room() const {
  if (room_left_ != std::uint64_t{0}) {
    return {};
  }
  return fail(Failure::refused, "ERR the answer would be too large, ask for less at a time (COUNT)");
}

Result<std::size_t> Tables::pack(const Xrange& request, PackedEntries& page) {
  page.clear();
  const auto stream = find_stream(db_, request.stream);
  if (!stream || request.first > request.last) {
    return 0;
  }
  Query query = db_.query(request.reverse ? kBackward : kForward);
  query.bind(lower_bound(db_, *stream, request.first))
      .bind(upper_bound(db_, *stream, request.last))
      .bind_limit(request.count);
  std::optional<Id> before;
  while (query.next()) {
    const Id id = query.id(0);
    if (!follows(db_, before, id, {request.first, request.last}, request.reverse)) {
      break;
    }
    const std::string_view fields = query.bytes(2);
    const bool is_object = fields.starts_with('{') && fields.ends_with('}');
    is_object ? page.add(id, fields) : page.add(id, Fields::from_json(std::string(fields)).json());
  }
  return page.size();
}

/// Refuses a request if not all its entries fit into the answer.
Result<void> Tables::check_whole(const ReadRoom& room) {
  if (!room.is_cut()) {
    return {};
  }
  room_left_ = 0;
  return check_room();
}

/// As `collect`, but refused if not all entries fit.
Result<void> Tables::collect_all(std::vector<Entry>& out, std::int64_t first, std::int64_t last,
                                 std::optional<std::uint64_t> count, bool reverse, IdRange bounds) {
  WEIR_TRY(check_room());
  ReadRoom room({}, room_left_);
  collect(db_, out, first, last, count, reverse, bounds, &room);
  return check_whole(room);
}

Result<Xlen::Reply> Tables::run(const Xlen& request) {
  const auto stream = find_stream(db_, request.stream);
  return Count{stream ? static_cast<std::uint64_t>(stream->length) : 0};
}

Result<Xrange::Reply> Tables::run(const Xrange& request) {
  Entries reply{request.stream, {}, false};
  if (const auto stream = find_stream(db_, request.stream)) {
    reply.nil = request.count == 0;
    if (request.first <= request.last && !reply.nil) {
      WEIR_TRY(collect_all(reply.entries, lower_bound(db_, *stream, request.first),
                           upper_bound(db_, *stream, request.last), request.count, request.reverse,
                           {request.first, request.last}));
    }
  }
  return reply;
}

Result<std::vector<Id>> Tables::starts_of(const Xread& request) {
  std::vector<Id> after;
  for (const auto& [name, from] : request.sources) {
    // `$` means the last entry when the command starts, and so does `+` if there is no entry to show.
    const auto stream = from.kind == Xread::From::Kind::end ? find_stream(db_, name) : std::nullopt;
    after.push_back(stream ? stream->last : from.kind == Xread::From::Kind::after ? from.id : kMinId);
  }
  return after;
}

Result<StreamEntries> Tables::read_after(const Xread& request, const std::vector<Id>& after) {
  WEIR_TRY(check_room());
  StreamEntries found;
  ReadRoom room(request.limit, room_left_);
  for (std::size_t i = 0; i < request.sources.size() && !room.is_used_up(); ++i) {
    const std::string& name = request.sources[i].stream;
    const auto stream = find_stream(db_, name);
    if (!stream || stream->length == 0 || stream->last <= after[i]) {
      continue;
    }
    const bool last_only = request.sources[i].from.kind == Xread::From::Kind::last_entry && after[i] == kMinId;
    Entries entries{name, {}, false};
    if (last_only) {
      collect(db_, entries.entries, stream->begin(), stream->tail, 1, true, {}, &room);
    } else {
      collect(db_, entries.entries, upper_bound(db_, *stream, after[i]), stream->tail, room.most(request.count), false,
              {next_id(after[i]).value_or(kMaxId), kMaxId}, &room);
    }
    if (!entries.entries.empty()) {
      found.push_back(std::move(entries));
    }
  }
  return found;
}

}  // namespace weir::sqlite
