#include "cli/run/dead_output.h"

#include "io/json_writer.h"
#include "io/write.h"
#include "report/queued.h"
#include "system/clock.h"
#include "text/shell_word.h"

namespace weir::cli {

namespace {

/// What a line shows besides the letter's own facts.
struct Shown {
  bool id = false;
  bool age = false;
};

std::string summary(const worker::DeadSummary& dead, Shown shown) {
  const worker::DeadLetter& letter = dead.letter;
  std::string line;
  io::JsonWriter json(line);
  json.object([&] {
    if (shown.id) {
      json.member("id", dead.id);
    }
    json.member("message", letter.id);
    json.member("stream", letter.stream);
    json.member("group", letter.death.group);
    json.member("reason", letter.death.reason);
    json.member("deliveries", letter.death.deliveries);
    if (shown.age) {
      json.member("age", report::age_of(dead.id, unix_now()));
    }
  });
  return line;
}

}  // namespace

void DeadOutput::tell(const worker::DeadAnswer& answer) {
  const Format format = session_.settings.format;
  std::string& out = session_.out.text();
  if (const auto* back = std::get_if<worker::Requeued>(&answer)) {
    write_answer(out, session_.settings, MaybeId(back->id));
    anew_ += back->anew ? 1 : 0;
  } else if (const auto* count = std::get_if<Count>(&answer)) {
    write_answer(out, session_.settings, *count);
  } else if (const auto* entry = std::get_if<Entry>(&answer)) {
    add(*entry);
  } else if (const auto* other = std::get_if<worker::NoDeadLetter>(&answer)) {
    const std::string place = to_string(other->id);
    report({Failure::refused, "entry " + place + " of " + page_.stream + " is not a dead letter: it is passed over",
            "weir xrange " + shell_word(page_.stream) + " " + place + " " + place + " shows it"});
  } else if (const auto* advice = std::get_if<worker::Advice>(&answer)) {
    report({Failure::refused, advice->what, advice->instead});
  } else {
    const auto& dead = std::get<worker::DeadSummary>(answer);
    if (format == Format::lines) {
      out += summary(dead, {.id = true, .age = true}) + "\n";
    } else {
      // The table of entries has a column for the age already.
      add({dead.id, Fields::from_json(summary(dead, {.age = format != Format::table})), std::nullopt});
    }
  }
  if (written_) {
    const bool at_once = std::holds_alternative<worker::Requeued>(answer);
    written_ = at_once ? session_.out.flush() : session_.out.flush_if_large();
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
  if (anew_ > 0) {
    const std::string many = anew_ == 1 ? "1 message was" : std::to_string(anew_) + " messages were";
    report({Failure::refused, many + " no longer there to be given back, and " + (anew_ == 1 ? "is" : "are") +
                                  " appended anew: all groups of the stream are given what is new"});
  }
  return written_;
}

}  // namespace weir::cli
