// Replies as JSON: lines for the shell, and one value a reply for `batch`.
#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "io/terminal_text.h"
#include "io/write.h"
#include "text/text.h"

namespace weir::io {
namespace {

void append_id(std::string& out, Id id) {
  char digits[41];
  out.append(digits, format_id(id, digits));
}

/// Writes values; each `operator()` appends one JSON value without a newline.
class Json {
 public:
  explicit Json(std::string& out) : out_(out) {}

  void operator()(const Ok&) { out_.append("\"OK\""); }
  void operator()(const Status& status) { append_json_value(out_, status.text); }
  void operator()(const Count& count) { append_number(out_, count.value); }
  void operator()(const MaybeId& id) { id ? (*this)(*id) : null(); }
  void operator()(const StreamEntries& streams) {
    if (streams.empty()) {
      null();
      return;
    }
    out_.push_back('[');
    for (const Entries& entries : streams) {
      for (const Entry& entry : entries.entries) {
        next();
        this->entry(&entries.stream, entry);
      }
    }
    out_.push_back(']');
  }
  void operator()(const Entries& entries) {
    entries.nil ? null() : list(entries.entries, [&](const Entry& entry) { this->entry(&entries.stream, entry); });
  }
  void operator()(const Claimed& claimed) {
    list(claimed.entries,
         [&](const Entry& entry) { claimed.just_id ? (*this)(entry.id) : this->entry(&claimed.stream, entry); });
  }
  void operator()(const AutoClaimed& claimed) {
    object([&] {
      member("cursor", claimed.cursor);
      key("entries");
      (*this)(claimed.claimed);
      key("deleted");
      list(claimed.deleted, *this);
    });
  }
  void operator()(const PendingSummary& summary) {
    object([&] {
      member("pending", summary.count);
      member("first", summary.first);
      member("last", summary.last);
      member("consumers", summary.consumers);
      if (summary.released > 0) {
        member("released", summary.released);
      }
    });
  }
  void operator()(const PendingSummary::Consumer& consumer) {
    object([&] {
      member("name", consumer.name);
      member("pending", consumer.pending);
    });
  }
  void operator()(const PendingEntries& pending) { (*this)(pending.entries); }
  void operator()(const PendingEntry& entry) {
    object([&] {
      member("id", entry.id);
      if (entry.released) {
        waiting(*entry.released);
      } else {
        member("consumer", entry.consumer);
        member("idle", entry.idle);
      }
      member("deliveries", entry.deliveries);
    });
  }
  void operator()(const StreamInfo& info) {
    object([&] {
      stream_head(info);
      member("groups", info.groups);
      member("first-entry", info.first_entry);
      member("last-entry", info.last_entry);
      extra(info.extra);
    });
  }
  void operator()(const StreamDetails& details) {
    object([&] {
      stream_head(details.info);
      member("entries", details.entries);
      member("groups", details.groups);
      extra(details.info.extra);
    });
  }
  void operator()(const StreamDetails::Group& group) {
    object([&] {
      member("name", group.name);
      member("last-delivered-id", group.last_delivered_id);
      member("entries-read", group.entries_read);
      member("lag", group.lag);
      member("pel-count", group.pel_count);
      member("pending", group.pel);
      member("consumers", group.consumers);
      extra(group.extra);
    });
  }
  void operator()(const StreamDetails::Consumer& consumer) {
    object([&] {
      member("name", consumer.name);
      member("seen-time", consumer.seen_time);
      member("active-time", consumer.active_time);
      member("pel-count", consumer.pel_count);
      member("pending", consumer.pel);
      extra(consumer.extra);
    });
  }
  void operator()(const StreamDetails::Pending& pending) {
    object([&] {
      member("id", pending.id);
      if (pending.released) {
        waiting(*pending.released);
      } else {
        member("consumer", pending.consumer);
        member("delivery-time", pending.delivery_time);
      }
      member("deliveries", pending.deliveries);
    });
  }
  void operator()(const GroupInfos& groups) { (*this)(groups.groups); }
  void operator()(const GroupInfo& group) {
    object([&] {
      member("name", group.name);
      member("consumers", group.consumers);
      member("pending", group.pending);
      member("last-delivered-id", group.last_delivered_id);
      member("entries-read", group.entries_read);
      member("lag", group.lag);
      if (group.released > 0) {
        member("released", group.released);
        member("next-due-in", group.next_due);
      }
      extra(group.extra, {"released", "next-due-in"});
    });
  }
  void operator()(const ConsumerInfos& consumers) { (*this)(consumers.consumers); }
  void operator()(const ConsumerInfo& consumer) {
    object([&] {
      member("name", consumer.name);
      member("pending", consumer.pending);
      member("idle", consumer.idle);
      member("inactive", consumer.inactive);
      extra(consumer.extra);
    });
  }
  void operator()(const Names& names) { (*this)(names.names); }
  void operator()(const Text& text) { append_json_value(out_, text.bytes); }
  void operator()(const HelpText& help) { (*this)(help.lines); }

  void operator()(const PlainValue& value) { std::visit(*this, value.value); }
  void operator()(std::monostate /*nothing*/) { null(); }
  void operator()(std::int64_t value) { append_number(out_, value); }
  void operator()(const std::string& text) { append_json_value(out_, text); }
  void operator()(std::uint64_t value) { append_number(out_, value); }
  void operator()(std::chrono::milliseconds value) { append_number(out_, value.count()); }
  void operator()(const Id& id) {
    out_.push_back('"');
    append_id(out_, id);
    out_.push_back('"');
  }
  void operator()(const Entry& entry) { this->entry(nullptr, entry); }
  template <typename T>
  void operator()(const std::vector<T>& items) {
    list(items, *this);
  }
  template <typename T>
  void operator()(const std::optional<T>& value) {
    value ? (*this)(*value) : null();
  }

  void error(std::string_view message) {
    out_.append("{\"error\":");
    append_json_value(out_, one_line(message));
    out_.push_back('}');
  }

  /// Members of a pending entry that nobody holds, in the place of those of its consumer.
  void waiting(const Released& released) {
    member("consumer", std::optional<std::string>());
    member("waited", released.waited);
    member("due-in", released.left);
  }

  /// `stream`: where it is known.
  void entry(const std::string* stream, const Entry& entry) {
    out_.append("{\"id\":");
    (*this)(entry.id);
    if (stream != nullptr) {
      out_.append(",\"stream\":");
      append_json_value(out_, *stream);
    }
    rest_of_entry(entry);
  }
  void rest_of_entry(const Entry& entry) {
    using namespace std::string_view_literals;
    out_.append(",\"fields\":"sv).append(entry.fields ? std::string_view(entry.fields->json()) : "null"sv);
    if (entry.deliveries) {
      out_.append(",\"deliveries\":");
      append_number(out_, *entry.deliveries);
    }
    out_.push_back('}');
  }

  /// Puts a comma unless this is the first in an array or object.
  void next() {
    if (out_.back() != '[' && out_.back() != '{') {
      out_.push_back(',');
    }
  }

  template <typename Items, typename Each>
  void list(const Items& items, Each&& each) {
    out_.push_back('[');
    bool first = true;
    for (const auto& item : items) {
      if (!std::exchange(first, false)) {
        out_.push_back(',');
      }
      each(item);
    }
    out_.push_back(']');
  }

 private:
  void null() { out_.append("null"); }
  /// Without those whose names are weir's own here.
  void extra(const ExtraFields& fields, std::initializer_list<std::string_view> own = {}) {
    for (const ExtraField& field : fields) {
      if (std::ranges::find(own, field.name) == own.end()) {
        next();
        append_json_value(out_, is_utf8(field.name) ? field.name : visible(field.name).text);
        out_.push_back(':');
        (*this)(field.value);
      }
    }
  }
  template <typename Members>
  void object(Members&& members) {
    out_.push_back('{');
    members();
    out_.push_back('}');
  }
  void key(std::string_view name) {
    next();
    out_.push_back('"');
    out_.append(name).append("\":");
  }
  template <typename T>
  void member(std::string_view name, const T& value) {
    key(name);
    (*this)(value);
  }
  void stream_head(const StreamInfo& info) {
    member("length", info.length);
    member("last-generated-id", info.last_generated_id);
    member("max-deleted-entry-id", info.max_deleted_id);
    member("entries-added", info.entries_added);
    member("recorded-first-entry-id", info.recorded_first_id);
  }

  std::string& out_;
};

/// Lines for the shell; each `operator()` appends any number of them.
class Lines {
 public:
  explicit Lines(std::string& out) : out_(out) {}

  void operator()(const Ok&) {}
  void operator()(const Status& status) { name(status.text); }
  void operator()(const Count& count) { json(count); }
  void operator()(const MaybeId& id) {
    if (id) {
      bare(*id);
    }
  }
  void operator()(const Entries& entries) {
    for (const Entry& entry : entries.entries) {
      write_entry_line(out_, entries.stream, entry);
    }
  }
  void operator()(const StreamEntries& streams) { each(streams, *this); }
  void operator()(const Claimed& claimed) {
    for (const Entry& entry : claimed.entries) {
      claimed.just_id ? bare(entry.id) : write_entry_line(out_, claimed.stream, entry);
    }
  }
  void operator()(const AutoClaimed& claimed) {
    (*this)(claimed.claimed);
    for (const Id& id : claimed.deleted) {
      write_entry_line(out_, claimed.claimed.stream, Entry{id, std::nullopt, std::nullopt});
    }
  }
  void operator()(const PendingSummary& summary) { json(summary); }
  void operator()(const StreamInfo& info) { json(info); }
  void operator()(const StreamDetails& details) { json(details); }
  void operator()(const PendingEntries& pending) {
    each(pending.entries, [this](const auto& entry) { json(entry); });
  }
  void operator()(const GroupInfos& groups) {
    each(groups.groups, [this](const auto& group) { json(group); });
  }
  void operator()(const ConsumerInfos& consumers) {
    each(consumers.consumers, [this](const auto& consumer) { json(consumer); });
  }
  void operator()(const Names& names) {
    each(names.names, [this](const auto& text) { name(text); });
  }
  void operator()(const Text& text) { out_.append(text.bytes).push_back('\n'); }
  void operator()(const HelpText& help) {
    each(help.lines, [this](const auto& line) { out_.append(line).push_back('\n'); });
  }

 private:
  template <typename T>
  void json(const T& value) {
    Json{out_}(value);
    out_.push_back('\n');
  }
  template <typename Items, typename Each>
  static void each(const Items& items, Each&& one) {
    std::for_each(items.begin(), items.end(), one);
  }
  void bare(Id id) {
    append_id(out_, id);
    out_.push_back('\n');
  }

  /// Bare, unless a line could not show it.
  void name(const std::string& text) {
    if (is_printable(text)) {
      out_.append(text);
    } else {
      append_json_value(out_, text);
    }
    out_.push_back('\n');
  }

  std::string& out_;
};

}  // namespace

void write_entry_line(std::string& out, std::string_view stream, const Entry& entry) {
  // The hot path of every long answer: few and large appends.
  using namespace std::string_view_literals;
  constexpr std::string_view kHead = "{\"id\":\""sv;
  constexpr std::string_view kMiddle = "\",\"stream\":"sv;
  constexpr std::size_t kLongestId = 41;
  std::array<char, kHead.size() + kLongestId + kMiddle.size()> head;
  char* end = format_id(entry.id, std::copy(kHead.begin(), kHead.end(), head.data()));
  end = std::copy(kMiddle.begin(), kMiddle.end(), end);
  out.append(head.data(), end);
  append_json_value(out, stream);
  Json(out).rest_of_entry(entry);
  out.push_back('\n');
}

void write_lines(std::string& out, const Reply& reply) {
  std::visit(Lines(out), reply);
}

void write_json(std::string& out, const Reply& reply) {
  std::visit(Json(out), reply);
  out.push_back('\n');
}

void write_json(std::string& out, Replies replies) {
  Json json(out);
  json.list(replies, [&json](const Result<Reply>& reply) {
    reply ? std::visit(json, *reply) : json.error(reply.error().message);
  });
  out.push_back('\n');
}

void write_json_error(std::string& out, std::string_view message) {
  Json(out).error(message);
  out.push_back('\n');
}

}  // namespace weir::io
