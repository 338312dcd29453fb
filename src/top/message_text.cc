#include "top/message_text.h"

#include <algorithm>

#include "top/cells.h"
#include "top/pretty.h"

namespace weir::top {
namespace {

constexpr std::size_t kMostOfAValue = 256UL * 1024;
constexpr std::size_t kMostLines = 20'000;
constexpr std::size_t kIndent = 2;

void add_fact(std::vector<Line>& lines, const char* name, std::string_view value, std::size_t width,
              io::Ink ink = io::Ink::plain) {
  constexpr std::size_t kNames = 11;
  io::Cell title(std::string(name), io::Ink::faint);
  const std::size_t blank = kNames > title.text.width ? kNames - title.text.width : 1;
  Line line = line_of(std::move(title));
  line.cells.push_back(blanks(blank));
  line.cells.emplace_back(io::visible(value, width > kNames ? width - kNames : 1), ink);
  lines.push_back(std::move(line));
}

/// Adds the lines of a text, breaking long ones.
void add_text(std::vector<Line>& lines, std::string_view text, std::size_t width) {
  const std::size_t room = width > 4 * kIndent ? width - kIndent : std::max<std::size_t>(width, 1);
  while (lines.size() < kMostLines) {
    const std::size_t end = text.find('\n');
    std::string_view one = text.substr(0, end);
    if (one.ends_with('\r')) {
      one.remove_suffix(1);
    }
    for (io::TerminalText& piece : io::wrapped(one, room)) {
      Line line;
      if (room < width) {
        line.cells.push_back(blanks(kIndent));
      }
      line.cells.emplace_back(std::move(piece));
      lines.push_back(std::move(line));
    }
    if (end == std::string_view::npos) {
      return;
    }
    text.remove_prefix(end + 1);
  }
}

void add_field(std::vector<Line>& lines, std::string_view name, std::string_view value, std::size_t width) {
  if (lines.size() >= kMostLines) {
    return;
  }
  lines.push_back(line_of(words(name, io::Ink::strong)));
  const auto pretty = value.size() <= kMostOfAValue ? pretty_json(value) : std::nullopt;
  add_text(lines, pretty ? std::string_view(*pretty) : value.substr(0, kMostOfAValue), width);
  if (value.size() > kMostOfAValue) {
    lines.push_back(line_of(faint("  … and " + std::to_string(value.size() - kMostOfAValue) + " bytes more")));
  }
}

std::string times(std::uint64_t count) {
  return count == 1 ? "once" : std::to_string(count) + " times";
}

std::string pending_text(const PendingEntry& entry, Millis since) {
  const std::string runs = times(entry.deliveries);
  if (entry.released) {
    const Millis left = entry.released->left;
    return "nobody holds it; next delivery " +
           (left == kWaitsForAnother ? std::string("in its turn") : io::due_text(left - since)) + "; delivered " + runs;
  }
  return entry.consumer + " has held it for " + io::age_text(entry.idle + since) + "; delivered " + runs;
}

}  // namespace

std::vector<Line> message_head(const FoundPlace& place, const Now& now, std::size_t width) {
  std::vector<Line> lines;
  const Id id = place.place.id;
  std::string when = to_string(id);
  if (const auto at = io::time_of(id)) {
    when += ", " + io::time_text(*at, now.wall, false, width < 60) + ", " + io::age_text(passed(*at, now)) + " ago";
  }
  add_fact(lines, "message", when, width);
  add_fact(lines, "stream", place.place.stream, width);
  if (!place.place.group.empty()) {
    add_fact(lines, "group", place.place.group, width);
    add_fact(lines, "pending",
             place.pending.empty() ? "no more: it has been acknowledged"
                                   : pending_text(place.pending.front(), passed(place.at, now)),
             width);
  }
  const auto* letter =
      place.entries.empty() || !place.entries.front().letter ? nullptr : &*place.entries.front().letter;
  if (letter != nullptr) {
    add_fact(lines, "dead", letter->death.reason, width, io::Ink::alarm);
    add_fact(lines, "was", to_string(letter->id) + " on " + letter->stream, width);
    add_fact(lines, "group",
             letter->death.group + ", delivered " + times(letter->death.deliveries) +
                 (letter->death.deliveries == 1 ? " to " : ", at last to ") + letter->death.consumer,
             width);
  }
  lines.emplace_back();
  return lines;
}

std::vector<Line> message_body(const FoundPlace& place, std::size_t width) {
  std::vector<Line> lines;
  if (place.entries.empty() || !place.entries.front().entry.fields) {
    lines.push_back(line_of(faint("It has been deleted from its stream.")));
    return lines;
  }
  const SeenEntry& seen = place.entries.front();
  const auto see = [&](std::string_view name, std::string_view value) { add_field(lines, name, value, width); };
  if (!seen.letter) {
    seen.entry.fields->each(see);
    return lines;
  }
  if (!seen.letter->death.last_lines.empty()) {
    lines.push_back(line_of(io::Cell("what its command said last", io::Ink::faint)));
    add_text(lines, seen.letter->death.last_lines, width);
    lines.emplace_back();
  }
  seen.letter->original.each(see);
  return lines;
}

}  // namespace weir::top
