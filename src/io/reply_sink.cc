#include "io/reply_sink.h"

#include <optional>
#include <variant>

namespace weir::io {
namespace {

class Walk {
 public:
  explicit Walk(ReplySink& sink) : sink_(sink) {}

  void operator()(const Ok&) { sink_.status("OK"); }
  void operator()(const Status& status) { sink_.status(status.text); }
  void operator()(const Count& count) { number(count.value); }
  void operator()(const Outcomes& outcomes) { list(outcomes.outcomes, &Walk::outcome); }
  void operator()(const MaybeId& id) { id ? this->id(*id) : sink_.nil(); }
  void operator()(const Entries& entries) { entries.nil ? sink_.nil_array() : list(entries.entries); }
  void operator()(const StreamEntries& streams) {
    if (streams.empty()) {
      sink_.nil_array();
      return;
    }
    sink_.pairs(streams.size());
    for (const Entries& entries : streams) {
      sink_.pair();
      sink_.bulk(entries.stream);
      list(entries.entries);
    }
  }
  void operator()(const PendingEntries& pending) { list(pending.entries); }
  void operator()(const GroupInfos& groups) { list(groups.groups); }
  void operator()(const ConsumerInfos& consumers) { list(consumers.consumers); }
  void operator()(const Names& names) { list(names.names, &Walk::text); }
  void operator()(const Text& text) { sink_.bulk(text.bytes); }
  void operator()(const HelpText& help) { list(help.lines, &Walk::status); }
  void operator()(const Claimed& claimed) {
    claimed.just_id ? list(claimed.entries, &Walk::id_of) : list(claimed.entries);
  }

  void operator()(const AutoClaimed& claimed) {
    sink_.array(3);
    id(claimed.cursor);
    (*this)(claimed.claimed);
    list(claimed.deleted, &Walk::id);
  }

  void operator()(const PendingSummary& summary) {
    sink_.array(4);
    number(summary.count);
    (*this)(summary.first);
    (*this)(summary.last);
    summary.count == 0 ? sink_.nil_array() : list(summary.consumers);
  }

  void operator()(const PendingSummary::Consumer& consumer) {
    sink_.array(2);
    sink_.bulk(consumer.name);
    sink_.bulk(std::to_string(consumer.pending));
  }

  void operator()(const Entry& entry) {
    sink_.array(entry.before ? 4 : 2);
    id(entry.id);
    fields(entry);
    if (entry.before) {
      sink_.integer(entry.before->idle.count());
      number(entry.before->deliveries);
    }
  }

  void fields(const Entry& entry) {
    if (!entry.fields) {
      sink_.nil_array();
      return;
    }
    const auto pairs = entry.fields->pairs();
    sink_.array(pairs.size() * 2);
    for (const Field& field : pairs) {
      sink_.bulk(field.name);
      sink_.bulk(field.value);
    }
  }

  void operator()(const PendingEntry& entry) {
    sink_.array(4);
    id(entry.id);
    sink_.bulk(entry.consumer);
    sink_.integer((entry.released ? kNobodysIdle : entry.idle).count());
    number(entry.deliveries);
  }

  void operator()(const StreamInfo& info) {
    sink_.map(10 + extra_size(info));
    stream_head(info);
    named("groups", info.groups);
    named("first-entry", info.first_entry);
    named("last-entry", info.last_entry);
    extra(info.extra);
  }

  void operator()(const StreamDetails& details) {
    sink_.map(9 + extra_size(details.info));
    stream_head(details.info);
    sink_.bulk("entries");
    list(details.entries);
    sink_.bulk("groups");
    list(details.groups);
    extra(details.info.extra);
  }

  void operator()(const StreamDetails::Group& group) {
    sink_.map(7 + (group.nacked_count ? 1U : 0U) + group.extra.size());
    named("name", group.name);
    named("last-delivered-id", group.last_delivered_id);
    named("entries-read", group.entries_read);
    named("lag", group.lag);
    named("pel-count", group.pel_count);
    if (group.nacked_count) {
      named("nacked-count", *group.nacked_count);
    }
    sink_.bulk("pending");
    list(group.pel, &Walk::group_pending);
    sink_.bulk("consumers");
    list(group.consumers);
    extra(group.extra);
  }

  void operator()(const StreamDetails::Consumer& consumer) {
    sink_.map((consumer.activity_told ? 5U : 4U) + consumer.extra.size());
    named("name", consumer.name);
    named("seen-time", consumer.seen_time);
    if (consumer.activity_told) {
      named("active-time", consumer.active_time);
    }
    named("pel-count", consumer.pel_count);
    sink_.bulk("pending");
    list(consumer.pel, &Walk::consumer_pending);
    extra(consumer.extra);
  }

  void operator()(const GroupInfo& group) {
    sink_.map(6 + group.extra.size());
    named("name", group.name);
    named("consumers", group.consumers);
    named("pending", group.pending);
    named("last-delivered-id", group.last_delivered_id);
    named("entries-read", group.entries_read);
    named("lag", group.lag);
    extra(group.extra);
  }

  void operator()(const ConsumerInfo& consumer) {
    sink_.map((consumer.activity_told ? 4U : 3U) + consumer.extra.size());
    named("name", consumer.name);
    named("pending", consumer.pending);
    named("idle", consumer.idle);
    if (consumer.activity_told) {
      named("inactive", consumer.inactive);
    }
    extra(consumer.extra);
  }

  void operator()(const PlainValue& value) {
    if (!value.is_map) {
      std::visit(*this, value.value);
      return;
    }
    const auto& list = std::get<std::vector<PlainValue>>(value.value);
    sink_.map(list.size() / 2);
    for (const PlainValue& each : list) {
      (*this)(each);
    }
  }
  void operator()(std::monostate /*nothing*/) { sink_.nil(); }
  void operator()(std::int64_t value) { sink_.integer(value); }
  void operator()(const std::string& bytes) { sink_.bulk(bytes); }
  void operator()(const std::vector<PlainValue>& values) { list(values); }

 private:
  template <typename T>
  void list(const std::vector<T>& items) {
    sink_.array(items.size());
    for (const T& item : items) {
      (*this)(item);
    }
  }
  template <typename T>
  void list(const std::vector<T>& items, void (Walk::*each)(const T&)) {
    sink_.array(items.size());
    for (const T& item : items) {
      (this->*each)(item);
    }
  }

  void text(const std::string& bytes) { sink_.bulk(bytes); }
  void status(const std::string& line) { sink_.status(line); }
  void number(std::uint64_t value) { sink_.integer(static_cast<std::int64_t>(value)); }
  void outcome(const Outcomes::Outcome& outcome) { sink_.integer(static_cast<std::int64_t>(outcome)); }
  void id_of(const Entry& entry) { id(entry.id); }
  void id(const Id& id) {
    char digits[41];
    sink_.bulk({digits, format_id(id, digits)});
  }

  void group_pending(const StreamDetails::Pending& pending) {
    sink_.array(4);
    id(pending.id);
    sink_.bulk(pending.consumer);
    sink_.integer(pending.delivery_time.count());
    number(pending.deliveries);
  }

  void consumer_pending(const StreamDetails::Pending& pending) {
    sink_.array(3);
    id(pending.id);
    sink_.integer(pending.delivery_time.count());
    number(pending.deliveries);
  }

  void stream_head(const StreamInfo& info) {
    const bool empty = info.length == 0;
    named("length", info.length);
    named("radix-tree-keys", std::uint64_t{empty ? 0U : 1U});
    named("radix-tree-nodes", std::uint64_t{empty ? 1U : 2U});
    named("last-generated-id", info.last_generated_id);
    named("max-deleted-entry-id", info.max_deleted_id);
    named("entries-added", info.entries_added);
    named("recorded-first-entry-id", info.recorded_first_id);
    if (info.idempotence) {
      each_figure(*info.idempotence, [this](std::string_view name, std::uint64_t value) { named(name, value); });
    }
  }

  static std::size_t extra_size(const StreamInfo& info) {
    constexpr std::size_t kOfIdempotence = 6;
    return info.extra.size() + (info.idempotence ? kOfIdempotence : 0);
  }

  void extra(const ExtraFields& fields) {
    for (const ExtraField& field : fields) {
      sink_.bulk(field.name);
      (*this)(field.value);
    }
  }

  void named(std::string_view name, const std::string& value) {
    sink_.bulk(name);
    sink_.bulk(value);
  }
  void named(std::string_view name, std::uint64_t value) {
    sink_.bulk(name);
    number(value);
  }
  void named(std::string_view name, const Id& value) {
    sink_.bulk(name);
    id(value);
  }
  void named(std::string_view name, std::chrono::milliseconds value) {
    sink_.bulk(name);
    sink_.integer(value.count());
  }
  void named(std::string_view name, const std::optional<std::chrono::milliseconds>& value) {
    constexpr std::chrono::milliseconds kNever{-1};
    named(name, value.value_or(kNever));
  }
  void named(std::string_view name, const std::optional<std::uint64_t>& value) {
    sink_.bulk(name);
    value ? number(*value) : sink_.nil();
  }
  void named(std::string_view name, const std::optional<Entry>& value) {
    sink_.bulk(name);
    value ? (*this)(*value) : sink_.nil();
  }

  ReplySink& sink_;
};

}  // namespace

void walk(const Reply& reply, ReplySink& sink) {
  std::visit(Walk(sink), reply);
}

}  // namespace weir::io
