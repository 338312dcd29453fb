#include "cli/run/append_input.h"

#include <fmt/format.h>

#include <cctype>

#include "cli/arguments/fill.h"
#include "text/shell_word.h"
#include "text/utf8.h"

namespace weir::cli {

namespace {

// A batch is one transaction, large enough to make the cost of its commit small, and small enough to need little
// memory.
constexpr std::size_t kMostLines = 8'192;
constexpr std::size_t kMostBytes = 2 * 1024 * 1024;

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// Whether `text` begins with a character with which a sentence, a number or a cell of a table may begin.
bool begins_as_text(std::string_view text) {
  const auto c = static_cast<unsigned char>(text[0]);
  const bool is_mark = text.starts_with("\xef\xbb\xbf");  // a mark at the beginning of files that may still be JSON
  return c < 0x80 ? std::isalnum(c) != 0 : utf8_length(text) > 0 && !is_mark;
}

// Advice about a line that is not JSON, if it looks like another common form.
std::string way_to_json_lines(std::string_view line, std::size_t column, bool first) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t begin = line.find_first_not_of(kSpace);
  const std::size_t end = line.find_last_not_of(kSpace) + 1;
  if (line[begin] == '[') {
    return "each line is an object: jq -c '.[]' makes lines of an array";
  }
  // JSON printed for people: the line ends where more has to follow.
  if (line[begin] == '{' && column > end && std::string_view("{[,").find(line[end - 1]) != std::string_view::npos) {
    return "each line is a whole object: jq -c writes it so";
  }
  return first && begins_as_text(line.substr(begin)) ? "for lines of text write: weir xadd STREAM --lines FIELD" : "";
}

// `xadd emails --once to=ann`, where the key was forgotten, would wait for lines, and take any that come for the
// message. A key that merely ends with =, as base64 does, is accepted.
Result<void> check_key_is_no_field(const Options& options) {
  for (const char* name : {"--once", "--unique", "--idmpauto"}) {
    const std::string value = options.text(name).value_or("");
    const std::size_t equals = value.find('=');
    if (options.stands_apart(name) && equals != std::string::npos &&
        value.find_first_not_of('=', equals) != std::string::npos) {
      const std::string_view called = find_option(options.command(), name)->value.called;
      return fail(Failure::usage, fmt::format("no message was given: {} took '{}' as its {}", name, value, called),
                  fmt::format("write: weir xadd STREAM {} {} FIELD=VALUE ...; for a message on standard input: {}",
                              name, called, shell_word(fmt::format("{}={}", name, value))));
    }
  }
  return {};
}

}  // namespace

Result<AppendModel> read_model(const Arguments& arguments) {
  const Options& options = arguments.options;
  WEIR_TRY(check_key_is_no_field(options));
  AppendModel model;
  WEIR_ASSIGN(model.entry, fill_append_model(arguments));
  model.keep_ids = options.has("--keep-ids");
  WEIR_ASSIGN(model.skip_errors, options.choice<bool>("--on-error"));
  WEIR_ASSIGN(model.nested, options.choice<io::Nested>("--nested"));
  if (model.skip_errors && options.has("--atomic")) {
    return fail(Failure::usage, "--atomic does not go with --on-error skip");
  }
  model.field = options.text("--lines");
  for (const char* other : {"--keep-ids", "--nested", "--on-error"}) {
    if (model.field && options.has(other)) {
      return fail(Failure::usage, std::string(other) + " does not go with --lines", "it is for JSON lines");
    }
  }
  if (model.field && model.entry.stream.empty()) {
    return fail(Failure::usage, "--lines needs a STREAM: a line of text names none");
  }
  return model;
}

const char* kind_of_lines(const AppendModel& model) {
  return model.field ? "lines of text" : "JSON lines";
}

Error no_message(std::string_view option) {
  const std::string name(option);
  return {Failure::usage, "no message was given: " + name + " KEY is for one, and standard input has none",
          "write: weir xadd STREAM " + name + " KEY FIELD=VALUE ..."};
}

void say_nothing_was_stored(Error& error) {
  error.hint = "nothing was stored" + (error.hint.empty() ? "" : "; " + error.hint);
}

Error at_line(std::uint64_t line_number, Error error) {
  error.message = "line " + std::to_string(line_number) + ": " + error.message;
  return error;
}

AppendReader::AppendReader(int fd, AppendModel model, io::LineReader::Wait wait)
    : model_(std::move(model)), lines_(fd, wait), parser_(model_.nested) {
  static_assert(io::LineReader::kPadding >= io::LineParser::kPadding);
}

Result<Xadd> AppendReader::entry_of(io::ParsedLine&& parsed) {
  Xadd entry = model_.entry;
  if (entry.stream.empty()) {
    if (!parsed.stream || parsed.stream->empty()) {
      return fail(Failure::bad_input, "the line names no \"stream\", and no STREAM was given");
    }
    entry.stream = std::move(*parsed.stream);
  }
  if (model_.keep_ids && parsed.id) {
    entry.id = {NewId::Kind::exact, *parsed.id};
  }
  entry.fields = std::move(parsed.fields);
  if (entry.idempotence && entry.id.kind != NewId::Kind::automatic) {
    return fail(Failure::bad_input, "an entry that is added once gets an ID of its own: leave --keep-ids out");
  }
  if (entry.idempotence && entry.idempotence->key && std::exchange(used_key_, true)) {
    return fail(Failure::bad_input, "--once KEY is for one message, and this is another one",
                "--idmpauto PRODUCER adds each line once, by its fields, as long as the stream remembers it: weir "
                "xcfgset STREAM");
  }
  return entry;
}

Result<io::ParsedLine> AppendReader::parse(std::string_view line, bool first) {
  if (model_.field) {
    const FieldView text{*model_.field, line};
    io::ParsedLine parsed;
    parsed.fields = Fields::from_views({&text, 1});
    return parsed;
  }
  auto parsed = parser_.parse(line);
  if (!parsed) {
    const io::LineError& error = parsed.error();
    return fail(
        Failure::bad_input,
        "line " + std::to_string(line_number_) + ", column " + std::to_string(error.column) + ": " + error.reason,
        // With `--on-error skip` every bad line has an error, so the hint is left out.
        model_.skip_errors ? "" : way_to_json_lines(line, error.column, first));
  }
  return std::move(*parsed);
}

void AppendReader::add_line(std::string_view line, AppendBatch& batch) {
  auto parsed = parse(line, !std::exchange(any_line_, true));
  if (!parsed) {
    batch.errors.push_back(std::move(parsed.error()));
  } else if (auto entry = entry_of(std::move(*parsed)); !entry) {
    batch.errors.push_back(at_line(line_number_, std::move(entry.error())));
  } else {
    batch.entries.push_back(std::move(*entry));
    batch.line_numbers.push_back(line_number_);
    return;
  }
  batch.stopped = !model_.skip_errors;
}

void AppendBatch::clear() {
  entries.clear();
  line_numbers.clear();
  errors.clear();
  bytes = 0;
  stopped = ended = paused = false;
}

Result<AppendBatch> AppendReader::next(AppendBatch used) {
  AppendBatch batch = std::move(used);
  batch.clear();
  if (!more_in_buffer_) {
    WEIR_ASSIGN(const bool more, lines_.fill(kMostBytes));
    if (!more) {
      const auto& once = model_.entry.idempotence;
      if (once && once->key && !any_line_) {
        return tl::unexpected<Error>(no_message("--once"));
      }
      batch.ended = true;
      return batch;
    }
  }
  more_in_buffer_ = false;
  while (auto line = lines_.next()) {
    ++line_number_;
    batch.bytes += line->size() + 1;
    if (line->ends_with('\r')) {
      line->remove_suffix(1);
    }
    if (model_.field || !is_blank(*line)) {
      add_line(*line, batch);
    }
    if (batch.stopped) {
      return batch;
    }
    if (batch.entries.size() + batch.errors.size() >= kMostLines) {
      more_in_buffer_ = true;
      return batch;
    }
  }
  batch.paused = lines_.paused();
  return batch;
}

}  // namespace weir::cli
