#include "cli/dead_output.h"

#include "io/write.h"
#include "system/clock.h"

namespace weir::cli {

namespace {

std::string age_of(Id id) {
  const auto now = static_cast<std::uint64_t>(unix_now().count());
  const std::uint64_t seconds = id.ms < now ? (now - id.ms) / 1000 : 0;
  constexpr std::uint64_t kMinute = 60;
  constexpr std::uint64_t kHour = 60 * kMinute;
  constexpr std::uint64_t kDay = 24 * kHour;
  if (seconds >= 2 * kDay) {
    return std::to_string(seconds / kDay) + "d";
  }
  if (seconds >= 2 * kHour) {
    return std::to_string(seconds / kHour) + "h";
  }
  return seconds >= 2 * kMinute ? std::to_string(seconds / kMinute) + "m" : std::to_string(seconds) + "s";
}

void add_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.empty() ? "{" : ",";
  append_json_value(out, name);
  out += ':';
  append_json_value(out, value);
}

// A letter in short, the members of a JSON object that begins with `line`, if that has some.
std::string summary(std::string line, const worker::DeadSummary& dead, bool with_age) {
  const worker::DeadLetter& letter = dead.letter;
  add_member(line, "message", to_string(letter.id));
  add_member(line, "stream", letter.stream);
  add_member(line, "group", letter.death.group);
  add_member(line, "reason", letter.death.reason);
  line += ",\"deliveries\":" + std::to_string(letter.death.deliveries);
  if (with_age) {
    add_member(line, "age", age_of(dead.id));
  }
  return line + "}";
}

}  // namespace

void DeadOutput::tell(const worker::DeadAnswer& answer) {
  const Format format = session_.settings.format;
  std::string& out = session_.out.text();
  if (const auto* id = std::get_if<Id>(&answer)) {
    write_answer(out, session_.settings, MaybeId(*id));
  } else if (const auto* count = std::get_if<Count>(&answer)) {
    write_answer(out, session_.settings, *count);
  } else if (const auto* entry = std::get_if<Entry>(&answer)) {
    add(*entry);
  } else if (const auto* other = std::get_if<worker::NoDeadLetter>(&answer)) {
    const std::string place = to_string(other->id);
    report({Failure::refused, "entry " + place + " of " + page_.stream + " is not a dead letter: it is passed over",
            "weir xrange " + page_.stream + " " + place + " " + place + " shows it"});
  } else {
    const auto& dead = std::get<worker::DeadSummary>(answer);
    if (format == Format::lines) {
      std::string line;
      add_member(line, "id", to_string(dead.id));
      out += summary(std::move(line), dead, true) + "\n";
    } else {
      // A table of entries has their age already.
      add({dead.id, Fields::from_json(summary("", dead, format != Format::table)), std::nullopt});
    }
  }
  if (written_) {
    written_ = session_.out.flush_if_large();
  }
}

void DeadOutput::add(Entry entry) {
  constexpr std::size_t kPage = 100;
  page_.entries.push_back(std::move(entry));
  if (page_.entries.size() >= kPage && !errors_are_replies(session_.settings.format)) {
    write_page();
  }
}

void DeadOutput::write_page() {
  if (errors_are_replies(session_.settings.format)) {
    write_answer(session_.out.text(), session_.settings, page_);
  } else if (!page_.entries.empty()) {
    pages_.write(session_.out.text(), page_);
  }
  page_.entries.clear();
}

Result<void> DeadOutput::finish(bool letters) {
  if (letters) {
    write_page();
  }
  return written_;
}

}  // namespace weir::cli
