#include "cli/program.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>

#include "cli/arguments/help.h"
#include "cli/complete/hidden.h"
#include "cli/run/answer.h"
#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "cli/run/versions.h"
#include "io/frame.h"
#include "io/table/columns.h"
#include "io/terminal_text.h"
#include "report/check.h"
#include "text/words.h"

namespace weir::cli {

namespace {

// Advice about a refusal in Redis's own words, which say only what is wrong.
const char* way_out(std::string_view message, const Command& command) {
  if (message.starts_with("ERR The XGROUP subcommand requires the key to exist")) {
    // Redis advises MKSTREAM for all these commands, though some do not have it.
    return find_option(&command, "--mkstream") != nullptr ? "--mkstream makes the stream"
                                                          : "weir ls shows the streams that there are";
  }
  constexpr std::array<std::pair<std::string_view, const char*>, 4> kWays{{
      {"BUSYGROUP ", "with --if-absent that is no error"},
      {"ERR no such key", "weir ls shows the streams that there are"},
      {"ERR The ID specified in XADD is equal or smaller", "without an ID, or with *, the entry gets the next one"},
      {"NOGROUP ", "weir group create STREAM GROUP 0 makes it; weir xreadgroup does, with --create"},
  }};
  const auto* const way =
      std::find_if(kWays.begin(), kWays.end(), [&](const auto& w) { return message.starts_with(w.first); });
  return way == kWays.end() ? "" : way->second;
}

// Whether the messages that the command took from the store are still pending for its consumer.
bool leaves_pending(const Arguments& arguments) {
  const bool acknowledged =
      arguments.options.has("--noack") || std::any_of(arguments.words.begin(), arguments.words.end(),
                                                      [](std::string_view word) { return same_word(word, "noack"); });
  return arguments.command->leaves_pending && !acknowledged;
}

// Adds to Redis's own words a hint how to write the line correctly, or how to go on.
Error with_hint(Error error, const Arguments& arguments) {
  if (arguments.command == nullptr) {
    return error;
  }
  if (error.cause == Cause::output && leaves_pending(arguments)) {
    error.hint =
        "messages that were taken and not printed stay pending: weir xreadgroup STREAM --group GROUP --after 0";
    return error;
  }
  if (error.failure == Failure::usage && error.message.starts_with("ERR ") && arguments.command->redis != nullptr) {
    error.hint += (error.hint.empty() ? "" : "; ") + usage_of(arguments);
  } else if (error.hint.empty() && error.failure == Failure::refused) {
    error.hint = way_out(error.message, *arguments.command);
  }
  return error;
}

// Reports a failure to the user: as a reply, or as lines on standard error.
int end_with(const Error& error, Format format, io::Output& out) {
  const bool is_reply = (error.failure == Failure::usage || error.failure == Failure::refused) &&
                        !error.message.empty() && error.message.find(' ') != std::string::npos &&
                        error.message.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == error.message.find(' ') &&
                        error.message[0] != ' ';
  if (is_reply && errors_are_replies(format)) {
    write_error_reply(out.text(), format, error.message);
    if (const auto written = out.flush(); !written) {
      report(written.error());
      return static_cast<int>(written.error().failure);
    }
  } else {
    // Output from before the failure is still written.
    static_cast<void>(out.flush());
    report(error);
  }
  return static_cast<int>(error.failure);
}

// Redis's error for an unknown command, for the formats of Redis.
Error unknown_to_redis(const Arguments& arguments, Error error) {
  if (!arguments.name.empty() && arguments.command == nullptr) {
    std::vector<std::string_view> line = arguments.name;
    line.insert(line.end(), arguments.words.begin(), arguments.words.end());
    const auto found = command::find_command(line);
    return found ? error : found.error();
  }
  return error;
}

// Without this line, an empty screen could mean anything to a person.
void say_nothing_came(const Arguments& arguments) {
  const std::string words(arguments.command->nothing);
  if (words.empty()) {
    return;
  }
  const bool faint = may_escape(arguments.options, STDERR_FILENO);
  std::fprintf(stderr, faint ? "\x1b[2m(%s)\x1b[0m\n" : "(%s)\n", words.c_str());
}

// Tables are made for terminals and may have escape sequences of their own. All other output is data, which a terminal
// must not obey; in a pipe or a file it is written unchanged, byte for byte.
void guard_terminal(io::Output& out, Format format, const Command* command) {
  const bool json = command != nullptr && (command->prints_json || command->prints_text);
  if ((format == Format::table && !json) || ::isatty(STDOUT_FILENO) == 0) {
    return;
  }
  const bool text = errors_are_replies(format) || (command != nullptr && command->prints_text);
  out.rewrite_with(text ? io::harmless_lines : io::harmless_json);
}

}  // namespace

void report(const Error& error) {
  // The message has names and words of a server, which must be escaped before they reach a terminal or a log.
  std::string text = "weir: " + io::visible(error.message).text + "\n";
  if (!error.hint.empty()) {
    text += io::visible(error.hint).text + "\n";
  }
  static_cast<void>(io::write_all(STDERR_FILENO, text));
}

void say_what_is_awaited(const char* what) {
  if (::isatty(STDIN_FILENO) != 0) {
    std::fprintf(stderr, "weir: reading %s from the terminal; end with Ctrl-D\n", what);
  }
}

namespace {

std::vector<std::string> words_of(std::string_view list) {
  return list.empty() ? std::vector<std::string>() : io::parse_names(list).value_or(std::vector<std::string>());
}

bool is_quiet(const Arguments& arguments) {
  // Some commands have their own --quiet.
  return arguments.options.has("--quiet") &&
         find_option(arguments.command, "--quiet") == find_option(nullptr, "--quiet");
}

// Decides what JSON lines are turned into. The output of `work` is that of its commands, and stays as it is.
void frame_output(io::Output& out, const Settings& settings, const Command& command) {
  if (settings.framing == Framing::none || command.runs_program || command.prints_text) {
    return;
  }
  if (settings.framing == Framing::array) {
    out.frame_with(std::make_unique<io::JsonArray>());
  } else if (!command.prints_json) {
    const auto form = settings.framing == Framing::tsv ? io::ColumnStyle::Form::tsv : io::ColumnStyle::Form::csv;
    out.frame_with(std::make_unique<io::Columns>(io::ColumnStyle{form, settings.header, settings.utc}, settings.fields,
                                                 words_of(command.columns)));
    if (::isatty(STDOUT_FILENO) != 0) {
      // In tsv a tab stands between columns, and one in a value is written as \t.
      out.rewrite_with(form == io::ColumnStyle::Form::tsv ? io::harmless_columns : io::harmless_lines);
    }
  }
}

// A monitor reads the first line of standard output, and knows four exit statuses; 2 would mean an alarm.
constexpr int kUnknown = static_cast<int>(report::Level::unknown);

int tell_monitor(const Error& error, const Options& options, io::Output& out) {
  if (asks_for_json(options)) {
    report::write_failure(out.text(), error.message);
  } else {
    out.frame_with(nullptr);
    out.text() += report::failure_line(error.message) + "\n";
  }
  static_cast<void>(out.finish(true));
  return kUnknown;
}

int run_line(Argv argv, io::Output& out) {
  if (const auto status = run_hidden(argv, out.text())) {
    return out.flush() ? *status : 1;
  }
  Arguments arguments;
  const auto read = read_arguments(argv, arguments);
  const Format format = read_format(arguments.options);
  guard_terminal(out, format, arguments.command);
  const bool for_monitors = arguments.command != nullptr && arguments.command->for_monitors;
  if (!read && for_monitors) {
    return tell_monitor(read.error(), arguments.options, out);
  }
  if (!read) {
    Error error = read.error();
    if (errors_are_replies(format)) {
      error = unknown_to_redis(arguments, std::move(error));
    }
    return end_with(error, format, out);
  }
  Result<int> status = 0;
  if (const auto help = help_wanted(arguments)) {
    status = write_help(out.text(), *help);
    if (help->kind == HelpTopic::Kind::versions) {
      write_versions(out.text());
    }
  } else if (const auto settings = read_settings(arguments.options); !settings) {
    status = tl::unexpected<Error>(settings.error());
  } else {
    frame_output(out, *settings, *arguments.command);
    if (is_quiet(arguments)) {
      out.frame_with(std::make_unique<io::Silence>());
    }
    status = is_quiet(arguments) && leaves_pending(arguments)
                 ? fail(Failure::usage, "--quiet would take messages and show them to nobody")
                 : arguments.command->run({arguments, *settings, out});
  }
  if (!status && is_quiet(arguments)) {
    static_cast<void>(out.flush());
    out.frame_with(nullptr);
  }
  if (!status && for_monitors && status.error().cause != Cause::output) {
    return tell_monitor(status.error(), arguments.options, out);
  }
  if (!status) {
    static_cast<void>(out.finish(false));
    return end_with(with_hint(status.error(), arguments), format, out);
  }
  if (const auto written = out.finish(true); !written) {
    report(with_hint(written.error(), arguments));
    return for_monitors ? kUnknown : static_cast<int>(written.error().failure);
  }
  const bool nothing_came = *status == 1 && !for_monitors;
  if (nothing_came && arguments.options.has("--empty-ok") && stop_signal() == 0) {
    return 0;
  }
  const int told = *status == kTimeOver ? 1 : *status;
  if (told == 1 && format == Format::table && stop_signal() == 0 && !arguments.options.has("--quiet")) {
    say_nothing_came(arguments);
  }
  return told;
}

}  // namespace

int run(int argc, char** argv) {
  io::Output out(STDOUT_FILENO);
  try {
    const std::vector<std::string_view> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    return run_line(arguments, out);
  } catch (const std::bad_alloc&) {
    // Memory has run out: the text written here was allocated before.
    out.drop_unfinished_line();
    static_cast<void>(out.flush());
    static_cast<void>(io::write_all(STDERR_FILENO, "weir: out of memory\nwhat was reported as stored is stored\n"));
  } catch (const std::exception& error) {
    out.drop_unfinished_line();
    end_with(Error{Failure::store, error.what()}, Format::lines, out);
  }
  return static_cast<int>(Failure::store);
}

}  // namespace weir::cli
