#include "report/list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "io/json_writer.h"
#include "io/table/table_entries.h"
#include "io/table/table_time.h"

namespace weir::report {
namespace {

std::vector<std::string> paused_groups(const StreamQueue& stream) {
  std::vector<std::string> names;
  for (const GroupQueue& group : stream.groups) {
    if (group.paused) {
      names.push_back(group.name);
    }
  }
  return names;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<char, 5> kUnits{'K', 'M', 'G', 'T', 'P'};
  if (bytes < 1024) {
    return std::to_string(bytes);
  }
  auto size = static_cast<double>(bytes);
  size /= 1024;
  std::size_t unit = 0;
  while (size >= 999.5 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  return size < 9.95 ? fmt::format("{:.1f}{}", size, kUnits[unit]) : fmt::format("{:.0f}{}", size, kUnits[unit]);
}

io::Cell faint(std::string text) {
  return io::Cell(std::move(text), io::Ink::faint);
}

io::Cell waiting(const StreamQueue& stream) {
  if (const auto all = stream.waiting()) {
    return io::Cell(std::to_string(*all));
  }
  const std::uint64_t known = stream.known_waiting();
  return known > 0 ? io::Cell(std::to_string(known) + "+") : faint(stream.groups.empty() ? "-" : "?");
}

io::Cell last_age(const StreamQueue& stream, const io::TableStyle& style) {
  const auto at = io::time_of(stream.last_id);
  return at && *at <= style.now ? io::Cell(io::age_text(style.now - *at)) : faint("-");
}

}  // namespace

void write_queue_line(std::string& out, const StreamQueue& stream) {
  io::JsonWriter json(out);
  json.object([&] {
    json.member("stream", stream.name);
    json.member("length", stream.length);
    json.member("last-generated-id", stream.last_id);
    json.member("groups", stream.groups.size());
    json.member("lag", stream.waiting());
    json.member("pending", stream.pending());
    json.key("oldest-pending");
    if (const PendingEntry* oldest = stream.longest_held()) {
      json.object([&] {
        json.member("id", oldest->id);
        json.member("consumer", oldest->consumer);
        json.member("idle", oldest->idle);
        json.member("deliveries", oldest->deliveries);
      });
    } else {
      json.null();
    }
    if (stream.released() > 0) {
      json.member("released", stream.released());
      if (const auto due = stream.next_due()) {
        json.member("next-due-in", *due);
      }
    }
    if (const GroupQueue* last = stream.furthest_behind()) {
      json.key("behind");
      json.object([&] {
        json.member("group", last->name);
        json.member("id", last->oldest());
      });
    }
    if (const auto paused = paused_groups(stream); !paused.empty()) {
      json.key("paused");
      json.list(paused, [&](const std::string& group) { json.value(group); });
    }
    if (stream.stuck) {
      json.member("stuck", *stream.stuck);
    }
    if (stream.delayed.count > 0) {
      json.member("delayed", stream.delayed.count);
      json.member("next-delayed-in", stream.delayed.left);
    }
    json.member("size", stream.size);
  });
  out += '\n';
}

void write_queue_table(std::string& out, const std::vector<StreamQueue>& streams, const io::TableStyle& style) {
  constexpr auto kRight = io::Grid::Align::right;
  const bool retries =
      std::any_of(streams.begin(), streams.end(), [](const auto& stream) { return stream.released() > 0; });
  const bool delayed =
      std::any_of(streams.begin(), streams.end(), [](const auto& stream) { return stream.delayed.count > 0; });
  const bool paused =
      std::any_of(streams.begin(), streams.end(), [](const auto& stream) { return !paused_groups(stream).empty(); });
  const bool stuck = std::any_of(streams.begin(), streams.end(), [](const auto& stream) { return stream.stuck; });
  // The reason why a stream is stuck tells this, too.
  const bool behind = !stuck && std::any_of(streams.begin(), streams.end(),
                                            [](const auto& stream) { return stream.furthest_behind() != nullptr; });
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
  if (stuck) {
    grid.column("STUCK", io::Grid::Align::left, io::Grid::Fit::flexible);
  }
  if (behind) {
    grid.column("BEHIND", io::Grid::Align::left, io::Grid::Fit::flexible);
  }
  for (const StreamQueue& stream : streams) {
    std::vector<io::Cell> cells{io::Cell(io::value_text(stream.name, style.width)),
                                io::Cell(std::to_string(stream.length)), last_age(stream, style),
                                io::Cell(std::to_string(stream.groups.size()))};
    cells.push_back(waiting(stream));
    cells.emplace_back(std::to_string(stream.pending()));
    const PendingEntry* held = stream.longest_held();
    cells.push_back(held != nullptr ? io::Cell(io::age_text(held->idle)) : faint("-"));
    if (retries) {
      const auto due = stream.next_due();
      cells.emplace_back(std::to_string(stream.released()));
      cells.push_back(due ? io::Cell(io::due_text(*due)) : faint("-"));
    }
    if (paused) {
      const std::size_t count = paused_groups(stream).size();
      cells.push_back(count == 0 ? faint("-") : io::Cell(std::to_string(count)));
    }
    if (delayed) {
      cells.emplace_back(std::to_string(stream.delayed.count));
      cells.push_back(stream.delayed.count > 0 ? io::Cell(io::due_text(stream.delayed.left)) : faint("-"));
    }
    if (sizes) {
      cells.push_back(stream.size ? io::Cell(size_text(*stream.size)) : faint("?"));
    }
    if (stuck) {
      cells.push_back(stream.stuck ? io::Cell(io::value_text(*stream.stuck, style.width)) : faint("-"));
    }
    if (behind) {
      const GroupQueue* last = stream.furthest_behind();
      cells.push_back(last != nullptr ? io::Cell(io::value_text(last->name, style.width)) : faint("-"));
    }
    grid.row(std::move(cells));
  }
  grid.write(out);
}

}  // namespace weir::report
