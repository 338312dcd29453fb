// Replies to XINFO, read by the names of their fields. Unknown fields are kept as they are, since newer servers add
// some.
#include "redis/translate/decode.h"
#include "redis/translate/named_values.h"
#include "redis/translate/retry_consumer.h"
#include "system/clock.h"

namespace weir::redis {
namespace {

/// Servers before 7.0 lack the field.
Id maybe_id(Value value) {
  return value.is_nil() ? kMinId : value.id();
}

StreamInfo stream_info(NamedValues& values) {
  StreamInfo info;
  info.length = values.named("length").number();
  info.last_generated_id = values.named("last-generated-id").id();
  info.max_deleted_id = maybe_id(values.named("max-deleted-entry-id"));
  info.entries_added = values.named("entries-added").maybe_number().value_or(0);
  info.recorded_first_id = maybe_id(values.named("recorded-first-entry-id"));
  IdempotenceInfo told;
  bool any_told = false;
  each_figure(told, [&](const char* name, std::uint64_t& figure) {
    const auto value = values.named(name).maybe_number();
    figure = value.value_or(figure);
    any_told = any_told || value;
  });
  if (any_told) {
    info.idempotence = told;
  }
  for (const char* without_meaning : {"radix-tree-keys", "radix-tree-nodes"}) {
    values.named(without_meaning);
  }
  return info;
}

std::optional<Entry> maybe_entry(Value value) {
  return value.is_nil() ? std::nullopt : std::optional(value.entry());
}

Millis time_of(Value value) {
  return Millis(static_cast<Millis::rep>(value.number()));
}

/// Servers before 7.2 lack the field; -1 means "never".
std::optional<Millis> maybe_time(Value value) {
  if (value.is_nil()) {
    return std::nullopt;
  }
  const Millis time = time_of(value);
  return time.count() < 0 ? std::nullopt : std::optional(time);
}

/// The pending list is called `pel`, or `pending` by servers of version 7.0.
Value pending_list(NamedValues& values) {
  const Value pel = values.named("pel");
  const Value pending = values.named("pending");
  return pel.is_nil() ? pending : pel;
}

StreamDetails::Consumer consumer_details(NamedValues values) {
  StreamDetails::Consumer consumer;
  consumer.name = values.named("name").text();
  consumer.seen_time = time_of(values.named("seen-time"));
  const Value active = values.named("active-time");
  consumer.active_time = maybe_time(active);
  consumer.activity_told = !active.is_nil();
  consumer.pel_count = values.named("pel-count").number();
  const Value pel = pending_list(values);
  for (std::size_t i = 0; i < pel.size(); ++i) {
    consumer.pel.push_back({pel[i][0].id(), consumer.name, time_of(pel[i][1]), pel[i][2].number()});
  }
  consumer.extra = values.others();
  return consumer;
}

StreamDetails::Group group_details(NamedValues values) {
  StreamDetails::Group group;
  group.name = values.named("name").text();
  group.last_delivered_id = values.named("last-delivered-id").id();
  group.entries_read = values.named("entries-read").maybe_number();
  group.lag = values.named("lag").maybe_number();
  group.pel_count = values.named("pel-count").number();
  group.nacked_count = values.named("nacked-count").maybe_number();
  const Value pel = pending_list(values);
  for (std::size_t i = 0; i < pel.size(); ++i) {
    StreamDetails::Pending pending{pel[i][0].id(),
                                   std::string(pel[i][1].text()),
                                   time_of(pel[i][2]),
                                   pel[i][3].number(),
                                   {},
                                   laters_of(pel[i][1].text())};
    const Millis idle = std::max(unix_now() - pending.delivery_time, Millis(0));
    pending.released = released_by(pending.consumer, idle);
    if (pending.released) {
      pending.consumer.clear();
      pending.delivery_time = UnixMs(0);
    }
    group.pel.push_back(std::move(pending));
  }
  const Value consumers = values.named("consumers");
  for (std::size_t i = 0; i < consumers.size(); ++i) {
    if (!is_retry_consumer(consumers[i].named("name").text())) {
      group.consumers.push_back(consumer_details(NamedValues(consumers[i])));
    }
  }
  group.extra = values.others();
  return group;
}

}  // namespace

Result<StreamInfo> decode(const XinfoStream& /*request*/, Values values) {
  WEIR_TRY(check(values));
  NamedValues pairs(values[0]);
  StreamInfo info = stream_info(pairs);
  info.groups = pairs.named("groups").number();
  info.first_entry = maybe_entry(pairs.named("first-entry"));
  info.last_entry = maybe_entry(pairs.named("last-entry"));
  info.extra = pairs.others();
  for (const auto& entry : {info.first_entry, info.last_entry}) {
    values[0].expect(entry ? entry->fields.has_value() : info.length == 0);
  }
  return info;
}

Result<StreamDetails> decode(const XinfoStreamFull& /*request*/, Values values) {
  WEIR_TRY(check(values));
  NamedValues pairs(values[0]);
  StreamDetails details;
  details.info = stream_info(pairs);
  const Value entries = pairs.named("entries");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    details.entries.push_back(entries[i].entry());
  }
  const Value groups = pairs.named("groups");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    details.groups.push_back(group_details(NamedValues(groups[i])));
  }
  details.info.groups = details.groups.size();
  details.info.extra = pairs.others();
  return details;
}

Result<GroupInfos> decode(const XinfoGroups& /*request*/, Values values) {
  WEIR_TRY(check(values));
  GroupInfos infos;
  for (std::size_t i = 0; i < values[0].size(); ++i) {
    NamedValues pairs(values[0][i]);
    infos.groups.push_back({std::string(pairs.named("name").text()), pairs.named("consumers").number(),
                            pairs.named("pending").number(), pairs.named("last-delivered-id").id(),
                            pairs.named("entries-read").maybe_number(), pairs.named("lag").maybe_number()});
    infos.groups.back().extra = pairs.others();
  }
  return infos;
}

Result<ConsumerInfos> decode(const XinfoConsumers& /*request*/, Values values) {
  WEIR_TRY(check(values));
  ConsumerInfos infos;
  for (std::size_t i = 0; i < values[0].size(); ++i) {
    NamedValues pairs(values[0][i]);
    if (is_retry_consumer(pairs.named("name").text())) {
      continue;
    }
    const Value inactive = pairs.named("inactive");
    infos.consumers.push_back({std::string(pairs.named("name").text()), pairs.named("pending").number(),
                               time_of(pairs.named("idle")), maybe_time(inactive)});
    infos.consumers.back().activity_told = !inactive.is_nil();
    infos.consumers.back().extra = pairs.others();
  }
  return infos;
}

}  // namespace weir::redis
