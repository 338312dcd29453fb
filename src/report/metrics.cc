#include "report/metrics.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/table/table_time.h"
#include "report/queued.h"
#include "stream/logged.h"
#include "stream/upkeep.h"
#include "system/clock.h"
#include "text/base64.h"
#include "text/utf8.h"

namespace weir::report {
namespace {

std::string seconds(Millis time) {
  return fmt::format("{}.{:03}", time.count() / 1000, time.count() % 1000);
}

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

using Sample = std::optional<std::string>;

struct StreamMetric {
  const char* name;
  const char* type;
  const char* help;
  Sample (*sample)(const StreamQueue& stream);
};

constexpr StreamMetric kStreamMetrics[] = {
    {"weir_stream_length", "gauge", "Entries in the stream.",
     [](const StreamQueue& stream) -> Sample { return number(stream.length); }},
    {"weir_stream_added_total", "counter", "Entries ever added to the stream.",
     [](const StreamQueue& stream) -> Sample { return number(stream.added); }},
    {"weir_stream_last_added_timestamp_seconds", "gauge", "When the last entry was added, by the time in its ID.",
     [](const StreamQueue& stream) -> Sample {
       const auto at = io::time_of(stream.last_id);
       return at ? Sample(seconds(*at)) : std::nullopt;
     }},
    {"weir_stream_delayed", "gauge", "Messages that are still to be added, at their time.",
     [](const StreamQueue& stream) -> Sample { return number(stream.delayed.count); }},
    {"weir_stream_dead_letters", "gauge", "Dead letters of the stream.",
     [](const StreamQueue& stream) -> Sample { return number(stream.dead); }},
};

struct GroupMetric {
  const char* name;
  const char* help;
  Sample (*sample)(const GroupQueue& group, UnixMs now);
};

/// If there is no oldest message, the age is 0, so that a rule that compares the age keeps working.
Sample age(const std::optional<Id>& oldest, UnixMs now) {
  if (!oldest) {
    return seconds(Millis(0));
  }
  const auto found = age_of(*oldest, now);
  return found ? Sample(seconds(*found)) : std::nullopt;
}

constexpr GroupMetric kGroupMetrics[] = {
    {"weir_group_waiting", "Entries that the group has not been given; no sample where that is not known.",
     [](const GroupQueue& group, UnixMs) -> Sample {
       return group.waiting ? Sample(number(*group.waiting)) : std::nullopt;
     }},
    {"weir_group_waiting_known", "Whether it is known how many entries the group has not been given.",
     [](const GroupQueue& group, UnixMs) -> Sample { return number(group.waiting ? 1 : 0); }},
    {"weir_group_oldest_waiting_seconds", "Age of the oldest entry that the group has not been given.",
     [](const GroupQueue& group, UnixMs now) -> Sample { return age(group.oldest_waiting, now); }},
    {"weir_group_pending", "Entries that the group has been given and has not acknowledged.",
     [](const GroupQueue& group, UnixMs) -> Sample { return number(group.pending); }},
    {"weir_group_oldest_pending_seconds", "Age of the oldest entry that the group has not acknowledged.",
     [](const GroupQueue& group, UnixMs now) -> Sample { return age(group.oldest_pending, now); }},
    {"weir_group_retrying", "Pending entries that nobody holds: they wait for their next delivery.",
     [](const GroupQueue& group, UnixMs) -> Sample { return number(group.released); }},
    {"weir_group_consumers", "Consumers of the group.",
     [](const GroupQueue& group, UnixMs) -> Sample { return number(group.consumers); }},
    {"weir_group_idle_seconds", "Since a consumer of the group last asked for something; no sample without one.",
     [](const GroupQueue& group, UnixMs) -> Sample {
       return group.asked ? Sample(seconds(std::max(Millis(0), *group.asked))) : std::nullopt;
     }},
    {"weir_group_paused", "Whether the group is paused.",
     [](const GroupQueue& group, UnixMs) -> Sample { return number(group.paused ? 1 : 0); }},
};

void head(std::string& out, const char* name, const char* type, const char* help) {
  out += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

}  // namespace

std::string label_value(std::string_view name) {
  constexpr std::string_view kEncoded = "base64:";
  const bool plain = is_utf8(name) && name.find('\0') == std::string_view::npos && !name.starts_with(kEncoded);
  if (!plain) {
    std::string encoded(kEncoded);
    append_base64(encoded, name);
    return encoded;
  }
  std::string text;
  for (const char c : name) {
    switch (c) {
      case '\\':
        text += "\\\\";
        break;
      case '"':
        text += "\\\"";
        break;
      case '\n':
        text += "\\n";
        break;
      default:
        text += c;
    }
  }
  return text;
}

Result<void> write_metrics(std::string& out, Store& store) {
  WEIR_ASSIGN(const Names names, store.run(Keys{}));
  constexpr Depth kDepth{.oldest = true, .activity = true, .dead = true};
  WEIR_ASSIGN(const std::vector<StreamQueue> streams, queues_of(store, names.names, kDepth));
  const UnixMs now = unix_now();
  for (const StreamMetric& metric : kStreamMetrics) {
    head(out, metric.name, metric.type, metric.help);
    for (const StreamQueue& stream : streams) {
      if (const Sample sample = metric.sample(stream)) {
        out += fmt::format("{}{{stream=\"{}\"}} {}\n", metric.name, label_value(stream.name), *sample);
      }
    }
  }
  for (const GroupMetric& metric : kGroupMetrics) {
    head(out, metric.name, "gauge", metric.help);
    for (const StreamQueue& stream : streams) {
      for (const GroupQueue& group : stream.groups) {
        if (const Sample sample = metric.sample(group, now)) {
          out += fmt::format("{}{{stream=\"{}\",group=\"{}\"}} {}\n", metric.name, label_value(stream.name),
                             label_value(group.name), *sample);
        }
      }
    }
  }
  if (auto* logged = dynamic_cast<Logged*>(&store)) {
    WEIR_ASSIGN(const std::uint64_t size, logged->log_size());
    head(out, "weir_log_bytes", "gauge", "Bytes of the log beside the database.");
    out += fmt::format("weir_log_bytes {}\n", size);
  }
  if (auto* file = dynamic_cast<Upkeep*>(&store)) {
    WEIR_ASSIGN(const auto last, file->last_backup());
    if (last) {
      head(out, "weir_last_backup_timestamp_seconds", "gauge", "When the last backup was begun.");
      out += fmt::format("weir_last_backup_timestamp_seconds {:.3f}\n", static_cast<double>(last->count()) / 1000);
    }
  }
  return {};
}

}  // namespace weir::report
