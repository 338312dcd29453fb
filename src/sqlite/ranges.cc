// XLEN, XRANGE and what XREAD finds.
#include "sqlite/sqlite_engine.h"

namespace weir::sqlite {
namespace {

constexpr const char* kForward = "SELECT ms, seq, fields FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n LIMIT ?";
constexpr const char* kBackward =
    "SELECT ms, seq, fields FROM weir_entries WHERE n >= ? AND n < ? ORDER BY n DESC LIMIT ?";

}  // namespace

void SqliteEngine::collect(std::vector<Entry>& out, std::int64_t first, std::int64_t last,
                           std::optional<std::uint64_t> count, bool reverse, IdRange bounds) {
  Query query = db_.query(reverse ? kBackward : kForward);
  query.bind(first).bind(last).bind_limit(count);
  std::optional<Id> before;
  while (query.next()) {
    const Id id = query.id(0);
    if (!follows(before, id, bounds, reverse)) {
      return;
    }
    out.push_back({id, Fields::from_json(std::string(query.bytes(2))), std::nullopt});
  }
}

Result<Xlen::Reply> SqliteEngine::run(const Xlen& request) {
  const auto stream = find_stream(request.stream);
  return checked(db_, Count{stream ? static_cast<std::uint64_t>(stream->length) : 0});
}

Result<Xrange::Reply> SqliteEngine::run(const Xrange& request) {
  const ReadTransaction transaction(*this);
  Entries reply{request.stream, {}, false};
  if (const auto stream = find_stream(request.stream)) {
    reply.nil = request.count == 0;
    if (request.first <= request.last && !reply.nil) {
      collect(reply.entries, lower_bound(*stream, request.first), upper_bound(*stream, request.last), request.count,
              request.reverse, {request.first, request.last});
    }
  }
  return checked(db_, std::move(reply));
}

StreamEntries SqliteEngine::read_after(const Xread& request, const std::vector<Id>& after) {
  const ReadTransaction transaction(*this);
  StreamEntries found;
  for (std::size_t i = 0; i < request.sources.size(); ++i) {
    const std::string& name = request.sources[i].stream;
    const auto stream = find_stream(name);
    if (!stream || stream->length == 0 || stream->last <= after[i]) {
      continue;
    }
    const bool last_only = request.sources[i].from.kind == Xread::From::Kind::last_entry && after[i] == kMinId;
    Entries entries{name, {}, false};
    if (last_only) {
      collect(entries.entries, stream->begin(), stream->tail, 1, true);
    } else {
      collect(entries.entries, upper_bound(*stream, after[i]), stream->tail, request.count, false,
              {next_id(after[i]).value_or(kMaxId), kMaxId});
    }
    if (!entries.entries.empty()) {
      found.push_back(std::move(entries));
    }
  }
  return found;
}

}  // namespace weir::sqlite
