#include "cli/run/answer.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "io/table/table.h"
#include "io/write.h"
#include "stream/fields.h"
#include "system/clock.h"
#include "system/terminal.h"
#include "text/numbers.h"

namespace weir::cli {

namespace {

// The width from COLUMNS, else that of the terminal on standard output; `kAnyWidth` if there is none.
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
  return std::max(kLeast, terminal_columns(STDOUT_FILENO).value_or(kUsual));
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

/// `answer`: one reply, or the replies of a transaction. Requires: `errors_are_replies(format)`.
template <typename Answer>
void write_as_redis(std::string& out, Format format, const Answer& answer) {
  if (format == Format::resp3) {
    io::write_resp3(out, answer);
  } else if (format == Format::resp) {
    io::write_resp(out, answer);
  } else {
    io::write_redis_text(out, answer);
  }
}

template <typename Answer>
void write_in_batch(std::string& out, Format format, const Answer& answer) {
  errors_are_replies(format) ? write_as_redis(out, format, answer) : io::write_json(out, answer);
}

}  // namespace

io::TableStyle table_style(const Settings& settings) {
  return {terminal_width(), settings.color, settings.cursor, settings.utc, unix_now()};
}

void write_answer(std::string& out, const Settings& settings, const Reply& reply) {
  switch (settings.format) {
    case Format::lines:
      settings.framing == Framing::none ? io::write_lines(out, reply) : io::write_json_lines(out, reply);
      break;
    case Format::table:
      io::write_table(out, reply, table_style(settings));
      break;
    case Format::redis:
    case Format::resp:
    case Format::resp3:
      write_as_redis(out, settings.format, reply);
      break;
  }
}

void write_batch_answer(std::string& out, Format format, const Reply& reply) {
  write_in_batch(out, format, reply);
}

void write_batch_answers(std::string& out, Format format, io::Replies replies) {
  write_in_batch(out, format, replies);
}

void write_batch_error(std::string& out, Format format, std::string_view message) {
  if (errors_are_replies(format)) {
    write_error_reply(out, format, message);
    return;
  }
  io::write_json_error(out, message);
}

void write_error_reply(std::string& out, Format format, std::string_view message) {
  if (format == Format::resp || format == Format::resp3) {
    io::write_resp_error(out, message);
  } else {
    io::write_redis_text_error(out, message);
  }
}

EntryPages::EntryPages(const Settings& settings, bool streams) : settings_(settings), streams_(streams) {}

void EntryPages::write(std::string& out, const Entries& page) {
  if (settings_.format == Format::lines) {
    io::write_entry_lines(out, page);
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
