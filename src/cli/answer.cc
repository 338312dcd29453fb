#include "cli/answer.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "io/table.h"
#include "io/write.h"
#include "stream/fields.h"
#include "util/clock.h"
#include "util/words.h"

namespace weir::cli {

namespace {

// An array of answers as redis-cli shows it: numbered, and nested ones indented.
void write_numbered(std::string& out, std::span<const std::string> answers) {
  if (answers.empty()) {
    out += "(empty array)\n";
    return;
  }
  const std::size_t width = std::to_string(answers.size()).size();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    out.append(width - number.size(), ' ').append(number).append(") ");
    for (std::size_t j = 0; j < answers[i].size(); ++j) {
      out += answers[i][j];
      if (answers[i][j] == '\n' && j + 1 < answers[i].size()) {
        out.append(width + 2, ' ');
      }
    }
  }
}

void write_json_array(std::string& out, std::span<const std::string> values) {
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    out += i == 0 ? "" : ",";
    out += std::string_view(values[i]).substr(0, values[i].find_last_not_of('\n') + 1);
  }
  out += "]\n";
}

void write_resp_text(std::string& out, std::string_view text) {
  out.append("$").append(std::to_string(text.size())).append("\r\n").append(text).append("\r\n");
}

// A byte string as redis-cli quotes it.
void write_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kNamed = "\n\r\t\a\b\\\"";
  constexpr std::string_view kNames = "nrtab\\\"";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (const std::size_t at = kNamed.find(c); at != std::string_view::npos) {
      out.append("\\").push_back(kNames[at]);
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out.append("\\x").append({kHex[byte >> 4U], kHex[byte & 15U]});
    }
  }
  out += "\"\n";
}

void write_text(std::string& out, Format format, std::string_view text) {
  if (format == Format::resp) {
    write_resp_text(out, text);
  } else {
    write_quoted(out, text);
  }
}

void write_local_reply(std::string& out, Format format, const Local& local) {
  if (local.kind == Local::Kind::text) {
    write_text(out, format, local.lines[0]);
    return;
  }
  std::vector<std::string> lines;
  for (const std::string& line : local.lines) {
    write_batch_answer(lines.emplace_back(), format, Status{line});
  }
  if (local.kind == Local::Kind::status) {
    out += lines[0];
  } else {
    write_batch_array(out, format, lines);
  }
}

// What COLUMNS says, else the columns of the terminal that standard output is; `kAnyWidth` if it is none.
std::size_t terminal_width() {
  constexpr std::size_t kUsual = 80;
  constexpr std::size_t kLeast = 20;
  if (const char* given = std::getenv("COLUMNS")) {
    if (const auto columns = parse_integer(given); columns && *columns > 0) {
      return std::max(kLeast, static_cast<std::size_t>(*columns));
    }
  }
  if (::isatty(STDOUT_FILENO) == 0) {
    return io::kAnyWidth;
  }
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return kUsual;
  }
  return std::max<std::size_t>(kLeast, size.ws_col);
}

struct IsNothing {
  bool operator()(const MaybeId& id) const { return !id; }
  bool operator()(const Entries& entries) const { return entries.entries.empty(); }
  bool operator()(const StreamEntries& streams) const {
    return std::all_of(streams.begin(), streams.end(), [](const Entries& e) { return e.entries.empty(); });
  }
  bool operator()(const PendingEntries& pending) const { return pending.entries.empty(); }
  bool operator()(const Claimed& claimed) const { return claimed.entries.empty(); }
  bool operator()(const AutoClaimed& claimed) const { return claimed.claimed.entries.empty(); }
  bool operator()(const GroupInfos& infos) const { return infos.groups.empty(); }
  bool operator()(const ConsumerInfos& infos) const { return infos.consumers.empty(); }
  bool operator()(const Names& names) const { return names.names.empty(); }
  template <typename T>
  bool operator()(const T&) const {
    return false;
  }
};

}  // namespace

io::TableStyle table_style(const Settings& settings) {
  return {terminal_width(), settings.color, settings.cursor, settings.utc, unix_now()};
}

void write_answer(std::string& out, const Settings& settings, const Reply& reply) {
  switch (settings.format) {
    case Format::lines:
      io::write_lines(out, reply);
      break;
    case Format::table:
      io::write_table(out, reply, table_style(settings));
      break;
    case Format::redis:
      io::write_redis_text(out, reply);
      break;
    case Format::resp:
      io::write_resp(out, reply);
      break;
  }
}

void write_batch_answer(std::string& out, Format format, const Reply& reply) {
  switch (format) {
    case Format::redis:
      io::write_redis_text(out, reply);
      break;
    case Format::resp:
      io::write_resp(out, reply);
      break;
    case Format::lines:
    case Format::table:
      io::write_json(out, reply);
      break;
  }
}

void write_batch_error(std::string& out, Format format, std::string_view message) {
  if (errors_are_replies(format)) {
    write_error_reply(out, format, message);
    return;
  }
  io::write_json_error(out, message);
}

void write_batch_local(std::string& out, Format format, const Local& local) {
  if (errors_are_replies(format)) {
    write_local_reply(out, format, local);
    return;
  }
  std::vector<std::string> lines;
  for (const std::string& line : local.lines) {
    append_json_value(lines.emplace_back(), line);
  }
  if (local.kind == Local::Kind::help) {
    write_json_array(out, lines);
  } else {
    out.append(lines[0]).push_back('\n');
  }
}

void write_batch_array(std::string& out, Format format, std::span<const std::string> answers) {
  if (format == Format::resp) {
    out.append("*").append(std::to_string(answers.size())).append("\r\n");
    for (const std::string& answer : answers) {
      out += answer;
    }
  } else if (format == Format::redis) {
    write_numbered(out, answers);
  } else {
    write_json_array(out, answers);
  }
}

void write_error_reply(std::string& out, Format format, std::string_view message) {
  if (format == Format::resp) {
    io::write_resp_error(out, message);
  } else {
    io::write_redis_text_error(out, message);
  }
}

void write_local(std::string& out, Format format, const Local& local) {
  if (errors_are_replies(format)) {
    write_local_reply(out, format, local);
    return;
  }
  for (const std::string& line : local.lines) {
    out.append(line).push_back('\n');
  }
}

EntryPages::EntryPages(const Settings& settings, bool streams) : settings_(settings), streams_(streams) {}

void EntryPages::write(std::string& out, const Entries& page) {
  if (settings_.format == Format::lines) {
    for (const Entry& entry : page.entries) {
      io::write_entry_line(out, page.stream, entry);
    }
    return;
  }
  if (!table_) {
    table_.emplace(table_style(settings_), streams_);
  }
  table_->add(out, page, unix_now());
}

void EntryPages::write(std::string& out, const StreamEntries& page) {
  if (settings_.format != Format::table) {
    write_answer(out, settings_, page);
    return;
  }
  if (!table_) {
    table_.emplace(table_style(settings_), streams_);
  }
  table_->add(out, page, unix_now());
}

bool is_nothing(const Reply& reply) {
  return std::visit(IsNothing{}, reply);
}

}  // namespace weir::cli
