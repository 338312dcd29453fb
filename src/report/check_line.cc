// What `weir check` prints.
#include <fmt/format.h>

#include "io/json_writer.h"
#include "io/table/table_time.h"
#include "io/terminal_text.h"
#include "report/check.h"
#include "text/duration.h"

namespace weir::report {
namespace {

/// Further findings are only counted, so that the line stays readable.
constexpr std::size_t kMostTold = 5;
constexpr std::size_t kMostOfName = 60;

bool is_time(Figure figure) {
  return figure == Figure::oldest || figure == Figure::held || figure == Figure::idle_group ||
         figure == Figure::backup || figure == Figure::pause;
}

std::string value_text(Figure figure, std::uint64_t value) {
  return is_time(figure) ? io::age_text(Millis(static_cast<Millis::rep>(value))) : std::to_string(value);
}

/// The limit as it was given: after rounding, the line would not show what was exceeded.
std::string limit_text(Figure figure, std::uint64_t limit) {
  return is_time(figure) ? duration_word(static_cast<std::int64_t>(limit)) : std::to_string(limit);
}

std::string begin_line(Level level) {
  return fmt::format("WEIR {} - ", name_of(level));
}

/// A monitor takes text after a | for numbers.
std::string without_bars(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at)) {
    text.replace(at, 1, "\\x7c");
  }
  return text;
}

std::string safe(const std::string& name) {
  return without_bars(io::visible(name, kMostOfName).text);
}

std::string told(const Finding& finding) {
  const auto value = [&] { return value_text(finding.figure, *finding.value); };
  switch (finding.figure) {
    case Figure::oldest:
      return finding.value ? "the oldest has waited " + value() : "how long the oldest waits is not known";
    case Figure::waiting:
      return finding.value ? value() + " waiting" : "how many wait is not known";
    case Figure::pending:
      return value() + " pending";
    case Figure::held:
      return safe(finding.consumer) + " has held a message for " + value();
    case Figure::dead:
      return value() + (finding.value == std::optional<std::uint64_t>(1) ? " dead letter" : " dead letters");
    case Figure::idle_group:
      if (!finding.value) {
        return "how long it is idle is not known";
      }
      return finding.has_consumers ? "nobody has asked for what it has for " + value()
                                   : "it has had something for " + value() + ", and has no consumer now";
    case Figure::log:
      return "the log has " + value() + " bytes";
    case Figure::backup:
      return finding.value ? "the last backup was made " + value() + " ago" : "no backup has been made";
    case Figure::pause:
      return finding.value ? "paused, " + value() + " left" : "paused until it is resumed";
  }
  return {};
}

std::string text_of(const Finding& finding) {
  std::string text;
  if (!finding.stream.empty()) {
    text += safe(finding.stream) + (finding.group.empty() ? "" : " " + safe(finding.group)) + ": ";
  }
  text += told(finding);
  if (finding.limit) {
    text += " (limit " + limit_text(finding.figure, *finding.limit) + ")";
  }
  return text + (finding.holds_up ? ", holds up the stream" : "");
}

std::string counted(std::uint64_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// `label=value[unit];warning;critical;0`, according to the guidelines for monitoring plugins.
void append_figure(std::string& line, Figure figure, const Largest& largest, const Limit& limit) {
  const bool time = is_time(figure);
  const auto number = [&](std::uint64_t value) {
    return time ? fmt::format("{}.{:03}", value / 1000, value % 1000) : std::to_string(value);
  };
  const char* unit = time ? "s" : figure == Figure::log ? "B" : "";
  line +=
      fmt::format(" {}={};{};{};0", name_of(figure), largest.known ? number(largest.value) + unit : std::string("U"),
                  limit.warning ? number(*limit.warning) : "", limit.critical ? number(*limit.critical) : "");
}

}  // namespace

const char* name_of(Level level) {
  switch (level) {
    case Level::ok:
      return "OK";
    case Level::warning:
      return "WARNING";
    case Level::critical:
      return "CRITICAL";
    case Level::unknown:
      break;
  }
  return "UNKNOWN";
}

const char* name_of(Figure figure) {
  switch (figure) {
    case Figure::oldest:
      return "oldest";
    case Figure::waiting:
      return "waiting";
    case Figure::pending:
      return "pending";
    case Figure::held:
      return "held";
    case Figure::dead:
      return "dead";
    case Figure::idle_group:
      return "idle-group";
    case Figure::log:
      return "log";
    case Figure::backup:
      return "backup";
    case Figure::pause:
      break;
  }
  return "pause";
}

std::string failure_line(std::string_view message) {
  return begin_line(Level::unknown) + without_bars(io::visible(message).text);
}

std::string status_line(const Checked& checked, const Limits& limits) {
  std::string line = begin_line(checked.level());
  const std::size_t told = std::min(checked.findings.size(), kMostTold);
  for (std::size_t i = 0; i < told; ++i) {
    line += (i > 0 ? "; " : "") + text_of(checked.findings[i]);
  }
  if (told < checked.findings.size()) {
    line += fmt::format("; and {} more", checked.findings.size() - told);
  }
  line += (told > 0 ? "; " : "") + counted(checked.streams, "stream") + ", " + counted(checked.groups, "group") + " |";
  append_figure(line, Figure::oldest, checked.oldest, limits.oldest);
  append_figure(line, Figure::waiting, checked.waiting, limits.waiting);
  append_figure(line, Figure::pending, checked.pending, limits.pending);
  if (limits.held.any()) {
    append_figure(line, Figure::held, checked.held, limits.held);
  }
  append_figure(line, Figure::dead, checked.dead, limits.dead);
  if (limits.idle_group.any()) {
    append_figure(line, Figure::idle_group, checked.idle_group, limits.idle_group);
  }
  if (checked.log) {
    append_figure(line, Figure::log, {*checked.log, true}, limits.log);
  }
  if (checked.backup) {
    append_figure(line, Figure::backup, {*checked.backup, true}, limits.backup);
  }
  return line;
}

void write_checked(std::string& out, const Checked& checked, const Limits& limits) {
  const auto largest = [](const Largest& figure) { return figure.known ? std::optional(figure.value) : std::nullopt; };
  io::JsonWriter json(out);
  json.object([&] {
    json.member("state", std::string_view(name_of(checked.level())));
    json.member("streams", checked.streams);
    json.member("groups", checked.groups);
    json.member("oldest", largest(checked.oldest));
    json.member("waiting", largest(checked.waiting));
    json.member("pending", checked.pending.value);
    if (limits.held.any()) {
      json.member("held", checked.held.value);
    }
    json.member("dead", checked.dead.value);
    if (limits.idle_group.any()) {
      json.member("idle-group", largest(checked.idle_group));
    }
    json.member("log", checked.log);
    if (checked.backup || limits.backup.any()) {
      json.member("backup", checked.backup);
    }
    json.key("findings");
    json.list(checked.findings, [&](const Finding& finding) {
      json.object([&] {
        json.member("state", std::string_view(name_of(finding.level)));
        json.member("what", std::string_view(name_of(finding.figure)));
        if (!finding.stream.empty()) {
          json.member("stream", finding.stream);
        }
        if (!finding.group.empty()) {
          json.member("group", finding.group);
        }
        if (!finding.consumer.empty()) {
          json.member("consumer", finding.consumer);
        }
        json.member("value", finding.value);
        json.member("limit", finding.limit);
        if (finding.holds_up) {
          json.key("holds-up");
          json.json("true");
        }
      });
    });
  });
  out += '\n';
}

void write_failure(std::string& out, std::string_view message) {
  io::JsonWriter json(out);
  json.object([&] {
    json.member("state", std::string_view(name_of(Level::unknown)));
    json.member("error", message);
  });
  out += '\n';
}

}  // namespace weir::report
