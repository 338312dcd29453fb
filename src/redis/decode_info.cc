// Replies to XINFO, by the names of their fields: what is not known is kept as it is, as servers add some.
#include <array>

#include "redis/decode.h"
#include "redis/retry_consumer.h"
#include "util/clock.h"

namespace weir::redis {
namespace {

using Name = std::string_view;

constexpr std::array kOfStream{Name("length"),
                               Name("radix-tree-keys"),
                               Name("radix-tree-nodes"),
                               Name("last-generated-id"),
                               Name("entries-added"),
                               Name("max-deleted-entry-id"),
                               Name("recorded-first-entry-id"),
                               Name("groups"),
                               Name("first-entry"),
                               Name("last-entry"),
                               Name("entries")};
/// The last two are weir's own, in JSON.
constexpr std::array kOfGroup{Name("name"),         Name("consumers"), Name("pending"),  Name("last-delivered-id"),
                              Name("entries-read"), Name("lag"),       Name("released"), Name("next-due-in")};
constexpr std::array kOfConsumer{Name("name"), Name("pending"), Name("idle"), Name("inactive")};
constexpr std::array kOfGroupInFull{Name("name"),    Name("last-delivered-id"), Name("entries-read"),
                                    Name("lag"),     Name("pel-count"),         Name("pel"),
                                    Name("pending"), Name("consumers")};
constexpr std::array kOfConsumerInFull{Name("name"),      Name("seen-time"), Name("active-time"),
                                       Name("pel-count"), Name("pel"),       Name("pending")};

/// Servers before 7.0 have no such field.
Id maybe_id(Value value) {
  return value.is_nil() ? kMinId : value.id();
}

StreamInfo stream_info(Value value) {
  StreamInfo info;
  info.length = value.named("length").number();
  info.last_generated_id = value.named("last-generated-id").id();
  info.max_deleted_id = maybe_id(value.named("max-deleted-entry-id"));
  info.entries_added = value.named("entries-added").maybe_number().value_or(0);
  info.recorded_first_id = maybe_id(value.named("recorded-first-entry-id"));
  info.extra = value.others(kOfStream);
  return info;
}

std::optional<Entry> maybe_entry(Value value) {
  return value.is_nil() ? std::nullopt : std::optional(value.entry());
}

Millis time_of(Value value) {
  return Millis(static_cast<Millis::rep>(value.number()));
}

/// Servers before 7.2 have no such field; -1 is "never".
std::optional<Millis> maybe_time(Value value) {
  if (value.is_nil()) {
    return std::nullopt;
  }
  const Millis time = time_of(value);
  return time.count() < 0 ? std::nullopt : std::optional(time);
}

/// The pending list is `pel` or, as servers of 7.0 have it, `pending`.
Value pending_list(Value value) {
  const Value pel = value.named("pel");
  return pel.is_nil() ? value.named("pending") : pel;
}

StreamDetails::Consumer consumer_details(Value value) {
  StreamDetails::Consumer consumer;
  consumer.name = value.named("name").text();
  consumer.seen_time = time_of(value.named("seen-time"));
  consumer.active_time = maybe_time(value.named("active-time"));
  consumer.pel_count = value.named("pel-count").number();
  const Value pel = pending_list(value);
  for (std::size_t i = 0; i < pel.size(); ++i) {
    consumer.pel.push_back({pel[i][0].id(), consumer.name, time_of(pel[i][1]), pel[i][2].number()});
  }
  consumer.extra = value.others(kOfConsumerInFull);
  return consumer;
}

StreamDetails::Group group_details(Value value) {
  StreamDetails::Group group;
  group.name = value.named("name").text();
  group.last_delivered_id = value.named("last-delivered-id").id();
  group.entries_read = value.named("entries-read").maybe_number();
  group.lag = value.named("lag").maybe_number();
  group.pel_count = value.named("pel-count").number();
  const Value pel = pending_list(value);
  for (std::size_t i = 0; i < pel.size(); ++i) {
    StreamDetails::Pending pending{
        pel[i][0].id(), std::string(pel[i][1].text()), time_of(pel[i][2]), pel[i][3].number(), {}};
    const Millis idle = std::max(unix_now() - pending.delivery_time, Millis(0));
    if ((pending.released = released_by(pending.consumer, idle))) {
      pending.consumer.clear();
      pending.delivery_time = UnixMs(0);
    }
    group.pel.push_back(std::move(pending));
  }
  const Value consumers = value.named("consumers");
  for (std::size_t i = 0; i < consumers.size(); ++i) {
    if (!is_retry_consumer(consumers[i].named("name").text())) {
      group.consumers.push_back(consumer_details(consumers[i]));
    }
  }
  group.extra = value.others(kOfGroupInFull);
  return group;
}

}  // namespace

Result<StreamInfo> decode(const XinfoStream& /*request*/, Values values) {
  WEIR_TRY(check(values));
  StreamInfo info = stream_info(values[0]);
  info.groups = values[0].named("groups").number();
  info.first_entry = maybe_entry(values[0].named("first-entry"));
  info.last_entry = maybe_entry(values[0].named("last-entry"));
  for (const auto& entry : {info.first_entry, info.last_entry}) {
    values[0].expect(entry ? entry->fields.has_value() : info.length == 0);
  }
  return info;
}

Result<StreamDetails> decode(const XinfoStreamFull& /*request*/, Values values) {
  WEIR_TRY(check(values));
  StreamDetails details;
  details.info = stream_info(values[0]);
  const Value entries = values[0].named("entries");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    details.entries.push_back(entries[i].entry());
  }
  const Value groups = values[0].named("groups");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    details.groups.push_back(group_details(groups[i]));
  }
  details.info.groups = details.groups.size();
  return details;
}

Result<GroupInfos> decode(const XinfoGroups& /*request*/, Values values) {
  WEIR_TRY(check(values));
  GroupInfos infos;
  for (std::size_t i = 0; i < values[0].size(); ++i) {
    const Value value = values[0][i];
    infos.groups.push_back({std::string(value.named("name").text()), value.named("consumers").number(),
                            value.named("pending").number(), value.named("last-delivered-id").id(),
                            value.named("entries-read").maybe_number(), value.named("lag").maybe_number()});
    infos.groups.back().extra = value.others(kOfGroup);
  }
  return infos;
}

Result<ConsumerInfos> decode(const XinfoConsumers& /*request*/, Values values) {
  WEIR_TRY(check(values));
  ConsumerInfos infos;
  for (std::size_t i = 0; i < values[0].size(); ++i) {
    const Value value = values[0][i];
    if (is_retry_consumer(value.named("name").text())) {
      continue;
    }
    infos.consumers.push_back({std::string(value.named("name").text()), value.named("pending").number(),
                               time_of(value.named("idle")), maybe_time(value.named("inactive"))});
    infos.consumers.back().extra = value.others(kOfConsumer);
  }
  return infos;
}

}  // namespace weir::redis
