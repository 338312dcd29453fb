// Writes replies as JSON: lines for the shell, or one value for each reply for `batch`.
#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "io/json_writer.h"
#include "io/terminal_text.h"
#include "io/write.h"
#include "text/utf8.h"

namespace weir::io {
namespace {

/// Writes the members after an entry's fields. `idle`: how long the entry had been held when CLAIM took it; null if
/// nobody held it.
void after_fields(JsonWriter& json, const Entry& entry) {
  if (entry.deliveries) {
    json.member("deliveries", *entry.deliveries);
  }
  if (entry.before) {
    json.key("idle");
    entry.before->idle == kNobodysIdle ? json.null() : json.value(entry.before->idle);
  }
}

/// Writes values; each `operator()` appends one JSON value without a newline.
class Json {
 public:
  explicit Json(std::string& out) : json_(out) {}

  void operator()(const Ok&) { json_.json("\"OK\""); }
  void operator()(const Status& status) { json_.value(status.text); }
  void operator()(const Count& count) { json_.value(count.value); }
  void operator()(const Outcomes& outcomes) {
    json_.list(outcomes.outcomes,
               [&](Outcomes::Outcome outcome) { json_.json(std::to_string(static_cast<int>(outcome))); });
  }
  void operator()(const StreamEntries& streams) {
    if (streams.empty()) {
      json_.null();
      return;
    }
    json_.json("[");
    for (const Entries& entries : streams) {
      for (const Entry& entry : entries.entries) {
        json_.next();
        this->entry(entries.stream, entry);
      }
    }
    json_.json("]");
  }
  void operator()(const Entries& entries) {
    entries.nil ? json_.null()
                : json_.list(entries.entries, [&](const Entry& entry) { this->entry(entries.stream, entry); });
  }
  void operator()(const Claimed& claimed) {
    json_.list(claimed.entries,
               [&](const Entry& entry) { claimed.just_id ? (*this)(entry.id) : this->entry(claimed.stream, entry); });
  }
  void operator()(const AutoClaimed& claimed) {
    json_.object([&] {
      member("cursor", claimed.cursor);
      json_.key("entries");
      (*this)(claimed.claimed);
      json_.key("deleted");
      json_.list(claimed.deleted, *this);
    });
  }
  void operator()(const PendingSummary& summary) {
    json_.object([&] {
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
    json_.object([&] {
      member("name", consumer.name);
      member("pending", consumer.pending);
    });
  }
  void operator()(const PendingEntries& pending) { (*this)(pending.entries); }
  void operator()(const PendingEntry& entry) {
    json_.object([&] {
      member("id", entry.id);
      if (entry.released) {
        waiting(*entry.released);
      } else {
        member("consumer", entry.consumer);
        member("idle", entry.idle);
      }
      member("deliveries", entry.deliveries);
      if (entry.laters > 0) {
        member("laters", entry.laters);
      }
    });
  }
  void operator()(const StreamInfo& info) {
    json_.object([&] {
      stream_head(info);
      member("groups", info.groups);
      member("first-entry", info.first_entry);
      member("last-entry", info.last_entry);
      extra(info.extra);
    });
  }
  void operator()(const StreamDetails& details) {
    json_.object([&] {
      stream_head(details.info);
      member("entries", details.entries);
      member("groups", details.groups);
      extra(details.info.extra);
    });
  }
  void operator()(const StreamDetails::Group& group) {
    json_.object([&] {
      member("name", group.name);
      member("last-delivered-id", group.last_delivered_id);
      member("entries-read", group.entries_read);
      member("lag", group.lag);
      member("pel-count", group.pel_count);
      if (group.nacked_count) {
        member("nacked-count", *group.nacked_count);
      }
      member("pending", group.pel);
      member("consumers", group.consumers);
      extra(group.extra);
    });
  }
  void operator()(const StreamDetails::Consumer& consumer) {
    json_.object([&] {
      member("name", consumer.name);
      member("seen-time", consumer.seen_time);
      member("active-time", consumer.active_time);
      member("pel-count", consumer.pel_count);
      member("pending", consumer.pel);
      extra(consumer.extra);
    });
  }
  void operator()(const StreamDetails::Pending& pending) {
    json_.object([&] {
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
    json_.object([&] {
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
      if (group.paused) {
        json_.key("paused");
        json_.json("true");
        member("resumes-in", group.paused->left);
      }
      extra(group.extra, {"released", "next-due-in"});
    });
  }
  void operator()(const ConsumerInfos& consumers) { (*this)(consumers.consumers); }
  void operator()(const ConsumerInfo& consumer) {
    json_.object([&] {
      member("name", consumer.name);
      member("pending", consumer.pending);
      member("idle", consumer.idle);
      member("inactive", consumer.inactive);
      extra(consumer.extra);
    });
  }
  void operator()(const Names& names) { (*this)(names.names); }
  void operator()(const Text& text) { json_.value(text.bytes); }
  void operator()(const HelpText& help) { (*this)(help.lines); }

  void operator()(const PlainValue& value) { std::visit(*this, value.value); }
  void operator()(std::monostate /*nothing*/) { json_.null(); }
  template <JsonScalar T>
  void operator()(const T& value) {
    json_.value(value);
  }
  void operator()(const Entry& entry) { this->entry(std::nullopt, entry); }
  template <typename T>
  void operator()(const std::vector<T>& items) {
    json_.list(items, *this);
  }
  template <typename T>
  void operator()(const std::optional<T>& value) {
    value ? (*this)(*value) : json_.null();
  }

  void error(std::string_view message) {
    json_.object([&] { json_.member("error", one_line(message)); });
  }

  /// Members of a pending entry that nobody holds, in place of those about its consumer.
  void waiting(const Released& released) {
    member("consumer", std::optional<std::string>());
    member("waited", released.waited);
    member("due-in", released.left == kWaitsForAnother ? std::nullopt : std::optional(released.left));
  }

  /// `stream`: the stream, if known.
  void entry(std::optional<std::string_view> stream, const Entry& entry) {
    json_.object([&] {
      json_.member("id", entry.id);
      if (stream) {
        json_.member("stream", *stream);
      }
      json_.key("fields");
      entry.fields ? json_.json(entry.fields->json()) : json_.null();
      after_fields(json_, entry);
    });
  }

 private:
  /// Leaves out fields whose names weir uses itself.
  void extra(const ExtraFields& fields, std::initializer_list<std::string_view> own = {}) {
    for (const ExtraField& field : fields) {
      if (std::ranges::find(own, field.name) == own.end()) {
        json_.key_named(is_utf8(field.name) ? field.name : visible(field.name).text);
        (*this)(field.value);
      }
    }
  }
  template <typename T>
  void member(const JsonKey& name, const T& value) {
    json_.key(name);
    (*this)(value);
  }
  void stream_head(const StreamInfo& info) {
    member("length", info.length);
    member("last-generated-id", info.last_generated_id);
    member("max-deleted-entry-id", info.max_deleted_id);
    member("entries-added", info.entries_added);
    member("recorded-first-entry-id", info.recorded_first_id);
    if (info.idempotence) {
      each_figure(*info.idempotence, [this](std::string_view name, std::uint64_t value) {
        json_.key_named(name);
        (*this)(value);
      });
    }
  }

  JsonWriter json_;
};

/// Writes entries of one stream as lines. Every long answer goes through here, so the common part of the lines is made
/// once, and a line is assembled from few large pieces.
class EntryLines {
 public:
  EntryLines(std::string& out, std::string_view stream) : out_(out) {
    JsonWriter middle(middle_);
    middle.member("stream", stream);
    middle.key("fields");
  }

  void operator()(const Entry& entry) {
    begin(entry.id);
    JsonWriter json(out_);
    entry.fields ? json.json(entry.fields->json()) : json.null();
    after_fields(json, entry);
    out_.append("}\n");
  }
  void operator()(Id id, std::string_view fields) {
    begin(id);
    out_.append(fields).append("}\n");
  }

 private:
  void begin(Id id) {
    constexpr std::string_view kHead = R"({"id":")";
    constexpr std::size_t kLongestId = 41;
    std::array<char, kHead.size() + kLongestId> head;
    out_.append(head.data(), format_id(id, std::copy(kHead.begin(), kHead.end(), head.data())));
    out_.append(middle_);
  }

  std::string& out_;
  std::string middle_ = "\"";  // the part after the ID: `","stream":"s","fields":`
};

/// Writes lines for the shell; each `operator()` appends any number of lines.
class Lines {
 public:
  /// `quoted`: bare values become JSON strings.
  explicit Lines(std::string& out, bool quoted = false) : out_(out), quoted_(quoted) {}

  void operator()(const Ok&) {}
  void operator()(const Status& status) { name(status.text); }
  void operator()(const Count& count) { json(count); }
  void operator()(const Outcomes& outcomes) {
    each(outcomes.outcomes,
         [&](Outcomes::Outcome outcome) { out_.append(std::to_string(static_cast<int>(outcome))).push_back('\n'); });
  }
  void operator()(const MaybeId& id) {
    if (id) {
      bare(*id);
    }
  }
  void operator()(const Entries& entries) { write_entry_lines(out_, entries); }
  void operator()(const StreamEntries& streams) { each(streams, *this); }
  void operator()(const Claimed& claimed) {
    EntryLines line(out_, claimed.stream);
    for (const Entry& entry : claimed.entries) {
      claimed.just_id ? bare(entry.id) : line(entry);
    }
  }
  void operator()(const AutoClaimed& claimed) {
    (*this)(claimed.claimed);
    EntryLines line(out_, claimed.claimed.stream);
    for (const Id& id : claimed.deleted) {
      line(Entry{id, std::nullopt, std::nullopt});
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
  void operator()(const Text& text) { quoted_ ? json(text) : void(out_.append(text.bytes).append("\n")); }
  void operator()(const HelpText& help) {
    each(help.lines, [this](const auto& line) { (*this)(Text{line}); });
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
    if (quoted_) {
      json(id);
      return;
    }
    char text[42];
    char* end = format_id(id, text);
    *end++ = '\n';
    out_.append(text, end);
  }

  /// Writes a name bare, unless a line cannot show it or it would look like a quoted one. `{tag}` of a cluster does
  /// not.
  void name(const std::string& text) {
    if (!quoted_ && is_printable(text) && !text.starts_with('"') && !text.starts_with("{\"")) {
      out_.append(text);
    } else {
      append_json_value(out_, text);
    }
    out_.push_back('\n');
  }

  std::string& out_;
  bool quoted_;
};

}  // namespace

void write_entry_line(std::string& out, std::string_view stream, const Entry& entry) {
  EntryLines(out, stream)(entry);
}

void write_entry_lines(std::string& out, const Entries& entries) {
  EntryLines line(out, entries.stream);
  for (const Entry& entry : entries.entries) {
    line(entry);
  }
}

void write_entry_lines(std::string& out, std::string_view stream, const PackedEntries& entries) {
  entries.each(EntryLines(out, stream));
}

void write_lines(std::string& out, const Reply& reply) {
  std::visit(Lines(out), reply);
}

void write_json_lines(std::string& out, const Reply& reply) {
  std::visit(Lines(out, true), reply);
}

void write_json(std::string& out, const Reply& reply) {
  std::visit(Json(out), reply);
  out.push_back('\n');
}

void write_json(std::string& out, Replies replies) {
  Json json(out);
  JsonWriter(out).list(replies, [&json](const Result<Reply>& reply) {
    reply ? std::visit(json, *reply) : json.error(reply.error().message);
  });
  out.push_back('\n');
}

void write_json_error(std::string& out, std::string_view message) {
  Json(out).error(message);
  out.push_back('\n');
}

}  // namespace weir::io
