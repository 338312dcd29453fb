// Replies about groups and their pending entries.
#include <algorithm>
#include <map>

#include "redis/translate/decode.h"
#include "redis/translate/retry_consumer.h"

namespace weir::redis {
namespace {

PendingEntries pending_entries(Value list) {
  PendingEntries pending;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Value item = list[i];
    PendingEntry entry{
        item[0].id(), std::string(item[1].text()), Millis(static_cast<Millis::rep>(item[2].number())), item[3].number(),
        {},           laters_of(item[1].text())};
    entry.released = released_by(entry.consumer, entry.idle);
    if (entry.released) {
      entry.consumer.clear();
      entry.idle = Millis(0);
    }
    pending.entries.push_back(std::move(entry));
  }
  return pending;
}

std::vector<Entry> claimed_entries(Value list, bool just_id) {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (just_id) {
      entries.push_back({list[i].id(), std::nullopt, std::nullopt});
    } else if (!list[i].is_nil()) {  // servers before 7.0 answer nil for a deleted entry
      entries.push_back(list[i].entry());
    }
  }
  return entries;
}

/// Fills in how often each entry was delivered, from lists of pending entries.
void set_deliveries(std::vector<Entry>& entries, Values lists) {
  std::map<Id, std::uint64_t> deliveries;
  for (const Value& list : lists) {
    for (const PendingEntry& pending : pending_entries(list).entries) {
      deliveries.emplace(pending.id, pending.deliveries);
    }
  }
  for (Entry& entry : entries) {
    if (const auto found = deliveries.find(entry.id); found != deliveries.end()) {
      entry.deliveries = found->second;
    }
  }
}

}  // namespace

Result<StreamEntries> decode(const Xreadgroup& request, Values values) {
  WEIR_TRY(check(values));
  StreamEntries streams = stream_entries(values[0]);
  std::size_t list = 1;
  auto stream = streams.begin();
  for (auto place = request.sources.begin(); place != request.sources.end(); ++place) {
    const auto& source = *place;
    const std::size_t own_list = list;
    list += source.history_after && *source.history_after != kMaxId ? 1 : 0;
    // Streams without anything new were left out. If a source is named again, the entries may belong to its history.
    const auto is_history = [&](const auto& other) { return other.stream == source.stream && other.history_after; };
    const auto histories = std::count_if(place, request.sources.end(), is_history);
    const auto of_stream = [&](const Entries& other) { return other.stream == source.stream; };
    if (stream == streams.end() || !of_stream(*stream) ||
        (!source.history_after && std::count_if(stream, streams.end(), of_stream) <= histories)) {
      continue;
    }
    if (!source.history_after) {
      for (Entry& entry : stream->entries) {
        entry.deliveries = 1 + (entry.before ? entry.before->deliveries : 0);
      }
    } else if (*source.history_after == kMaxId) {
      stream->entries.clear();
    } else {
      set_deliveries(stream->entries, values.subspan(own_list, 1));
    }
    ++stream;
  }
  return streams;
}

Result<Ok> decode(const XgroupCreate& request, Values values) {
  if (request.if_absent && values[0].is_error() && values[0].text().starts_with("BUSYGROUP")) {
    return Ok();
  }
  return decode_ok(values);
}

Result<PendingSummary> decode(const XpendingSummary& /*request*/, Values values) {
  WEIR_TRY(check(values));
  const Value value = values[0];
  PendingSummary summary;
  summary.count = value[0].number();
  if (!value[1].is_nil()) {
    summary.first = value[1].id();
    summary.last = value[2].id();
  }
  for (std::size_t i = 0; i < value[3].size(); ++i) {
    const Value consumer = value[3][i];
    if (const auto released = released_by(consumer[0].text(), Millis(0))) {
      summary.released += consumer[1].number();
      summary.in_turn += released->left == kWaitsForAnother ? consumer[1].number() : 0;
    } else {
      summary.consumers.push_back({std::string(consumer[0].text()), consumer[1].number()});
    }
  }
  return summary;
}

Result<PendingEntries> decode(const Xpending& request, Values values) {
  WEIR_TRY(check(values));
  PendingEntries pending = pending_entries(values[0]);
  // Each page has to begin after the page before, or a walk would never end.
  std::optional<Id> before;
  for (const PendingEntry& entry : pending.entries) {
    values[0].expect(entry.id >= request.first && entry.id <= request.last &&
                     (request.released || !before || *before < entry.id));
    before = entry.id;
  }
  return pending;
}

Result<Claimed> decode(const Xclaim& request, Values values) {
  WEIR_TRY(check(values));
  Claimed claimed{request.stream, claimed_entries(values[0], request.just_id), request.just_id};
  if (request.deliveries && !request.just_id) {
    for (Entry& entry : claimed.entries) {
      entry.deliveries = request.deliveries;
    }
  } else {
    set_deliveries(claimed.entries, values.subspan(1));
  }
  return claimed;
}

Result<AutoClaimed> decode(const Xautoclaim& request, Values values) {
  WEIR_TRY(check(values));
  const Value value = values[0];
  AutoClaimed reply;
  reply.cursor = value[0].id();
  value[0].expect(reply.cursor == kMinId || reply.cursor > request.start);
  reply.claimed = {request.stream, claimed_entries(value[1], request.just_id), request.just_id};
  for (std::size_t i = 0; value.size() > 2 && i < value[2].size(); ++i) {
    reply.deleted.push_back(value[2][i].id());
  }
  set_deliveries(reply.claimed.entries, values.subspan(1));
  return reply;
}

}  // namespace weir::redis
