#include "cli/run/overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "io/json_writer.h"
#include "io/table/table_entries.h"
#include "io/table/table_time.h"

namespace weir::cli {
namespace {

/// How many entries that nobody holds are passed over to find one that somebody does.
constexpr std::uint64_t kMostPassedOver = 1'000;

// A refusal (the stream has gone meanwhile) is nothing; any other failure is one.
template <typename T>
Result<std::optional<T>> unless_refused(Result<T> result) {
  if (result) {
    return std::optional<T>(std::move(*result));
  }
  if (result.error().failure == Failure::refused) {
    return std::optional<T>();
  }
  return tl::unexpected<Error>(std::move(result).error());
}

Result<void> add_group(Store& store, const GroupInfo& group, StreamOverview& stream) {
  stream.lag = stream.lag && group.lag ? std::optional(*stream.lag + *group.lag) : std::nullopt;
  stream.known_lag += group.lag.value_or(0);
  stream.pending += group.pending;
  stream.released += group.released;
  if (group.paused) {
    stream.paused.push_back(group.name);
  }
  if (group.next_due && (!stream.next_due || *group.next_due < *stream.next_due)) {
    stream.next_due = group.next_due;
  }
  if (group.pending == group.released) {
    return {};
  }
  Xpending lowest;
  lowest.stream = stream.name;
  lowest.group = group.name;
  lowest.count = std::min<std::uint64_t>(group.released, kMostPassedOver) + 1;
  WEIR_ASSIGN(const auto pending, unless_refused(store.run(lowest)));
  if (!pending) {
    return {};
  }
  const auto entry =
      std::ranges::find_if(pending->entries, [](const PendingEntry& pending_entry) { return !pending_entry.released; });
  if (entry != pending->entries.end() && (!stream.oldest_pending || entry->idle > stream.oldest_pending->idle)) {
    stream.oldest_pending = *entry;
  }
  return {};
}

/// See StreamOverview::behind.
Result<void> find_behind(Store& store, const GroupInfo& group, StreamOverview& stream) {
  std::optional<Id> oldest;
  if (group.pending > 0) {
    WEIR_ASSIGN(const auto summary, unless_refused(store.run(XpendingSummary{stream.name, group.name})));
    oldest = summary ? summary->first : std::nullopt;
  }
  if (const auto next = next_id(group.last_delivered_id); next && !oldest) {
    WEIR_ASSIGN(const auto undelivered, unless_refused(store.run(Xrange{stream.name, *next, kMaxId, false, 1})));
    oldest = undelivered && !undelivered->entries.empty() ? std::optional(undelivered->entries[0].id) : std::nullopt;
  }
  if (oldest && (!stream.behind || *oldest < stream.behind->id)) {
    stream.behind = StreamOverview::Behind{group.name, *oldest};
  }
  return {};
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<char, 5> kUnits{'K', 'M', 'G', 'T', 'P'};
  if (bytes < 1024) {
    return std::to_string(bytes);
  }
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (size /= 1024; size >= 999.5 && unit + 1 < kUnits.size(); size /= 1024) {
    ++unit;
  }
  return size < 9.95 ? fmt::format("{:.1f}{}", size, kUnits[unit]) : fmt::format("{:.0f}{}", size, kUnits[unit]);
}

io::Cell faint(std::string text) {
  return io::Cell(std::move(text), io::Ink::faint);
}

io::Cell waiting(const StreamOverview& stream) {
  if (stream.lag) {
    return io::Cell(std::to_string(*stream.lag));
  }
  return stream.known_lag > 0 ? io::Cell(std::to_string(stream.known_lag) + "+")
                              : faint(stream.groups == 0 ? "-" : "?");
}

io::Cell last_age(const StreamOverview& stream, const io::TableStyle& style) {
  const auto at = io::time_of(stream.last_id);
  return at && *at <= style.now ? io::Cell(io::age_text(style.now - *at)) : faint("-");
}

}  // namespace

Result<std::optional<StreamOverview>> overview_of(Store& store, const std::string& stream, bool with_size) {
  WEIR_ASSIGN(const auto info, unless_refused(store.run(XinfoStream{stream})));
  WEIR_ASSIGN(const auto groups, unless_refused(store.run(XinfoGroups{stream})));
  if (!info || !groups) {
    return std::optional<StreamOverview>();
  }
  StreamOverview overview;
  overview.name = stream;
  overview.length = info->length;
  overview.last_id = info->last_generated_id;
  overview.groups = groups->groups.size();
  overview.lag = 0;
  for (const GroupInfo& group : groups->groups) {
    WEIR_TRY(add_group(store, group, overview));
    if (with_size) {
      WEIR_TRY(find_behind(store, group, overview));
    }
  }
  if (groups->groups.empty()) {
    overview.lag.reset();
  }
  WEIR_ASSIGN(overview.delayed, dynamic_cast<Delaying&>(store).count_delayed(stream));
  if (with_size) {
    WEIR_ASSIGN(overview.size, unless_refused(store.size(stream)));
  }
  return std::optional(std::move(overview));
}

void write_overview_line(std::string& out, const StreamOverview& stream) {
  io::JsonWriter json(out);
  json.object([&] {
    json.member("stream", stream.name);
    json.member("length", stream.length);
    json.member("last-generated-id", stream.last_id);
    json.member("groups", stream.groups);
    json.member("lag", stream.lag);
    json.member("pending", stream.pending);
    json.key("oldest-pending");
    if (const auto& oldest = stream.oldest_pending) {
      json.object([&] {
        json.member("id", oldest->id);
        json.member("consumer", oldest->consumer);
        json.member("idle", oldest->idle);
        json.member("deliveries", oldest->deliveries);
      });
    } else {
      json.null();
    }
    if (stream.released > 0) {
      json.member("released", stream.released);
      if (stream.next_due) {
        json.member("next-due-in", *stream.next_due);
      }
    }
    if (stream.behind) {
      json.key("behind");
      json.object([&] {
        json.member("group", stream.behind->group);
        json.member("id", stream.behind->id);
      });
    }
    if (!stream.paused.empty()) {
      json.key("paused");
      json.list(stream.paused, [&](const std::string& group) { json.value(group); });
    }
    if (stream.delayed.count > 0) {
      json.member("delayed", stream.delayed.count);
      json.member("next-delayed-in", stream.delayed.left);
    }
    json.member("size", stream.size);
  });
  out += '\n';
}

void write_overview_table(std::string& out, const std::vector<StreamOverview>& streams, const io::TableStyle& style) {
  constexpr auto kRight = io::Grid::Align::right;
  const bool retries = std::any_of(streams.begin(), streams.end(), [](const auto& stream) { return stream.released; });
  const bool delayed =
      std::any_of(streams.begin(), streams.end(), [](const auto& stream) { return stream.delayed.count > 0; });
  const bool paused =
      std::any_of(streams.begin(), streams.end(), [](const auto& stream) { return !stream.paused.empty(); });
  const bool behind =
      std::any_of(streams.begin(), streams.end(), [](const auto& stream) { return stream.behind.has_value(); });
  const bool sizes = std::any_of(streams.begin(), streams.end(), [](const auto& stream) { return stream.size; });
  io::Grid grid(style);
  grid.column("STREAM", io::Grid::Align::left, io::Grid::Fit::flexible);
  for (const char* title : {"LENGTH", "LAST", "GROUPS", "WAITING", "PENDING", "HELD"}) {
    grid.column(title, kRight);
  }
  if (retries) {
    grid.column("RETRY", kRight);
    grid.column("DUE", kRight);
  }
  if (paused) {
    grid.column("PAUSED", kRight);
  }
  if (delayed) {
    grid.column("DELAYED", kRight);
    grid.column("NEXT", kRight);
  }
  if (sizes) {
    grid.column("SIZE", kRight);
  }
  if (behind) {
    grid.column("BEHIND", io::Grid::Align::left, io::Grid::Fit::flexible);
  }
  for (const StreamOverview& stream : streams) {
    std::vector<io::Cell> cells{io::Cell(io::value_text(stream.name, style.width)),
                                io::Cell(std::to_string(stream.length)), last_age(stream, style),
                                io::Cell(std::to_string(stream.groups))};
    cells.push_back(waiting(stream));
    cells.emplace_back(std::to_string(stream.pending));
    cells.push_back(stream.oldest_pending ? io::Cell(io::age_text(stream.oldest_pending->idle)) : faint("-"));
    if (retries) {
      cells.emplace_back(std::to_string(stream.released));
      cells.push_back(stream.next_due ? io::Cell(io::due_text(*stream.next_due)) : faint("-"));
    }
    if (paused) {
      cells.push_back(stream.paused.empty() ? faint("-") : io::Cell(std::to_string(stream.paused.size())));
    }
    if (delayed) {
      cells.emplace_back(std::to_string(stream.delayed.count));
      cells.push_back(stream.delayed.count > 0 ? io::Cell(io::due_text(stream.delayed.left)) : faint("-"));
    }
    if (sizes) {
      cells.push_back(stream.size ? io::Cell(size_text(*stream.size)) : faint("?"));
    }
    if (behind) {
      cells.push_back(stream.behind ? io::Cell(io::value_text(stream.behind->group, style.width)) : faint("-"));
    }
    grid.row(std::move(cells));
  }
  grid.write(out);
}

}  // namespace weir::cli
