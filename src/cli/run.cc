#include "cli/run.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

#include "cli/answer.h"
#include "cli/help.h"
#include "cli/hidden.h"
#include "cli/stop_signals.h"
#include "command/settle.h"
#include "io/terminal_text.h"
#include "redis/url.h"
#include "util/duration.h"
#include "util/words.h"

namespace weir::cli {

namespace {

// What the shell's own options add to a request.
Result<void> apply_options(const Options& options, Request& request) {
  if (auto* create = std::get_if<XgroupCreate>(&request)) {
    create->if_absent = options.has("--if-absent");
  } else if (auto* ack = std::get_if<Xack>(&request)) {
    ack->owner = options.get("--consumer");
  } else if (auto* nack = std::get_if<Xnack>(&request)) {
    if (const auto text = options.get("--in")) {
      const auto wait = parse_duration(*text);
      if (!wait || *wait < 0) {
        return fail(Failure::usage, "--in takes a time such as 30s or 5m, not '" + *text + "'");
      }
      nack->wait = Millis(*wait);
    }
  }
  return {};
}

bool is_exists_of_none(const Request& request, const Reply& reply) {
  return std::holds_alternative<Exists>(request) && std::get<Count>(reply).value == 0;
}

// Where the streams are, without a password.
Result<std::string> name_of_store(const Settings& settings) {
  if (!redis::is_server(settings.database)) {
    return settings.database;
  }
  WEIR_ASSIGN(const redis::Endpoint server, redis::parse_redis_url(settings.database));
  return server.name() + (server.database == 0 ? "" : ", database " + std::to_string(server.database));
}

// "2 streams with 7 entries", all that there are.
Result<std::string> all_streams(const Settings& settings) {
  WEIR_ASSIGN(const auto store, open_store(settings, Access::look));
  WEIR_ASSIGN(const Names names, store->run(Keys{}));
  std::uint64_t entries = 0;
  for (const std::string& name : names.names) {
    WEIR_ASSIGN(const Count length, store->run(Xlen{name}));
    entries += length.value;
  }
  const auto counted = [](std::uint64_t count, const char* one, const char* many) {
    return std::to_string(count) + (count == 1 ? one : many);
  };
  return counted(names.names.size(), " stream", " streams") + " with " + counted(entries, " entry", " entries");
}

// Whether it is to be done.
Result<bool> confirm_flush(const Session& session) {
  if (session.arguments.options.has("--force")) {
    return true;
  }
  WEIR_ASSIGN(const std::string where, name_of_store(session.settings));
  // A server may hold the keys of other programs: FLUSHALL takes them too.
  const bool server = redis::is_server(session.settings.database);
  if (::isatty(STDIN_FILENO) == 0) {
    return fail(Failure::usage, std::string(session.arguments.command->name) + " deletes every " +
                                    (server ? "key, streams and all others, of " : "stream of ") + where +
                                    "; off a terminal it needs --force");
  }
  WEIR_ASSIGN(std::string what, all_streams(session.settings));
  what += server ? ", and every other key," : "";
  std::fputs(io::visible("Delete " + what + " from " + where + "? [y/N] ").text.c_str(), stderr);
  // Another program may have set O_NONBLOCK on the terminal: no answer yet is not a no.
  pollfd typed{STDIN_FILENO, POLLIN, 0};
  while (::poll(&typed, 1, -1) < 0 && errno == EINTR) {
  }
  const int answer = std::getchar();
  const bool yes = answer == 'y' || answer == 'Y';
  if (!yes) {
    std::fputs("nothing was deleted\n", stderr);
  }
  return yes;
}

Result<int> run_parsed(const Session& session, Store& store, Request request) {
  const Options& options = session.arguments.options;
  if (auto* read = std::get_if<Xread>(&request)) {
    return run_read(session, store, std::move(*read));
  }
  if (auto* read = std::get_if<Xreadgroup>(&request)) {
    return run_group_read(session, store, std::move(*read));
  }
  if (auto* range = std::get_if<Xrange>(&request); range != nullptr && !errors_are_replies(session.settings.format)) {
    return run_pages(session, store, std::move(*range));
  }
  WEIR_TRY(apply_options(options, request));
  WEIR_ASSIGN(const Reply reply, store.execute(request));
  if (!options.has("--quiet")) {
    write_answer(session.out.text(), session.settings, reply);
  }
  return is_nothing(reply) || is_exists_of_none(request, reply) ? 1 : 0;
}

Result<int> run_form(const Session& session, const ShellLine& shell) {
  switch (shell.form) {
    case Form::append:
      return run_append(session, shell.line);
    case Form::identifiers:
      return run_identifiers(session, shell.line);
    case Form::walk:
      return run_walk(session, shell.line);
    case Form::list:
      return run_list(session, shell.line);
    case Form::batch:
      return run_batch(session);
    case Form::help:
    case Form::request:
      break;
  }
  return run_request(session, shell.line);
}

// What to do about a refusal in Redis's own words, which say only what is wrong.
const char* way_out(std::string_view message) {
  constexpr std::array<std::pair<std::string_view, const char*>, 5> kWays{{
      {"BUSYGROUP ", "with --if-absent that is no error"},
      {"ERR no such key", "weir ls shows the streams that there are"},
      {"ERR The XGROUP subcommand requires the key to exist", "--mkstream makes the stream"},
      {"ERR The ID specified in XADD is equal or smaller", "without an ID, or with *, the entry gets the next one"},
      {"NOGROUP ", "weir group create STREAM GROUP 0 makes it; weir xreadgroup does, with --create"},
  }};
  const auto* const way =
      std::find_if(kWays.begin(), kWays.end(), [&](const auto& w) { return message.starts_with(w.first); });
  return way == kWays.end() ? "" : way->second;
}

// Whether what the command took out of the store is still there for its consumer.
bool leaves_pending(const Arguments& arguments) {
  const std::string_view name = arguments.command->name;
  const bool acknowledged =
      arguments.options.has("--noack") || std::any_of(arguments.words.begin(), arguments.words.end(),
                                                      [](const std::string& word) { return same_word(word, "noack"); });
  return (name == "xreadgroup" && !acknowledged) || name == "claim" || name == "autoclaim";
}

// Redis's own words get the way to write it right, or on.
Error with_hint(Error error, const Arguments& arguments) {
  if (arguments.command == nullptr) {
    return error;
  }
  if (is_output_failure(error) && leaves_pending(arguments)) {
    error.hint =
        "messages that were taken and not printed stay pending: weir xreadgroup STREAM --group GROUP --after 0";
    return error;
  }
  if (error.failure == Failure::usage && error.message.starts_with("ERR ") && arguments.command->redis != nullptr) {
    error.hint += (error.hint.empty() ? "" : "; ") + usage_of(arguments);
  } else if (error.hint.empty() && error.failure == Failure::refused) {
    error.hint = way_out(error.message);
  }
  return error;
}

// A failure as the user is told of it: a reply, or lines on standard error.
int end_with(const Error& error, Format format, Output& out) {
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
    // What was done before the failure stays said.
    static_cast<void>(out.flush());
    report(error);
  }
  return static_cast<int>(error.failure);
}

// What Redis says to a command that it does not know, for the formats that speak like Redis.
Error unknown_to_redis(const Arguments& arguments, Error error) {
  if (!arguments.name.empty() && arguments.command == nullptr) {
    std::vector<std::string_view> line = words_of(arguments.name);
    line.insert(line.end(), arguments.words.begin(), arguments.words.end());
    const auto found = command::find_command(line);
    return found ? error : found.error();
  }
  return error;
}

// To a person an empty screen could mean anything.
void say_nothing_came(const Arguments& arguments) {
  constexpr std::array<std::pair<std::string_view, const char*>, 15> kWords{{
      {"xadd", "there is no such stream: nothing was added"},
      {"xrange", "no entries"},
      {"xrevrange", "no entries"},
      {"xread", "no entries"},
      {"xreadgroup", "no messages"},
      {"pending", "nothing is pending"},
      {"claim", "nothing could be claimed"},
      {"autoclaim", "nothing could be claimed"},
      {"info groups", "no groups"},
      {"info consumers", "no consumers"},
      {"ls", "no streams"},
      {"dead ls", "no dead letters"},
      {"dead show", "no such dead letter"},
      {"dead requeue", "no such dead letter"},
      {"dead purge", "no such dead letter"},
  }};
  const auto* const words =
      std::find_if(kWords.begin(), kWords.end(), [&](const auto& w) { return w.first == arguments.command->name; });
  if (words == kWords.end()) {
    return;
  }
  const bool faint = may_escape(arguments.options, STDERR_FILENO);
  std::fprintf(stderr, faint ? "\x1b[2m(%s)\x1b[0m\n" : "(%s)\n", words->second);
}

// Tables are made for terminals and may hold escape sequences of their own. All else is data, which a terminal must not
// obey; in a pipe or a file it stays as it is, byte for byte.
void guard_terminal(Output& out, Format format, const Command* command) {
  const bool json = command != nullptr && (command->name == "batch" || command->name == "copy");
  if ((format == Format::table && !json) || ::isatty(STDOUT_FILENO) == 0) {
    return;
  }
  out.rewrite_with(errors_are_replies(format) ? io::harmless_lines : io::harmless_json);
}

Result<int> run_command(const Session& session) {
  const Arguments& arguments = session.arguments;
  if (arguments.command->name == "work") {
    return run_worker(session);
  }
  if (first_name(*arguments.command) == "dead") {
    return run_dead_letters(session);
  }
  if (arguments.command->name == "copy") {
    return run_copy(session);
  }
  WEIR_ASSIGN(const ShellLine shell, translate(arguments));
  if (arguments.command->name == "flushall" || arguments.command->name == "flushdb") {
    WEIR_ASSIGN(const bool confirmed, confirm_flush(session));
    if (!confirmed) {
      return 1;
    }
  }
  return run_form(session, shell);
}

}  // namespace

LineReader::Wait wait_of(const Session& session) {
  return redis::is_server(session.settings.database) ? nullptr : wait_readable_or_stop;
}

Access access_of(const Command& command) {
  return effect_of(command) == command::Effect::looks ? Access::look : Access::make;
}

Result<int> run_request(const Session& session, const std::vector<std::string>& line) {
  const Command& command = *session.arguments.command;
  auto parsed = command::parse(words_of(line));
  if (!parsed) {
    return tl::unexpected<Error>(parsed.error());
  }
  if (std::holds_alternative<command::Control>(*parsed)) {
    return fail(Failure::usage, std::string(command.name) + " works in batch only", "see: weir help batch");
  }
  if (const auto* known = std::get_if<Reply>(&*parsed)) {
    write_answer(session.out.text(), session.settings, *known);
    return 0;
  }
  if (const auto* doubtful = std::get_if<command::Doubtful>(&*parsed)) {
    if (!errors_are_replies(session.settings.format)) {
      return tl::unexpected<Error>(doubtful->error);
    }
    WEIR_ASSIGN(const auto looked, open_store(session.settings, access_of(command)));
    WEIR_ASSIGN(const Reply reply, command::settle(*looked, *doubtful));
    write_answer(session.out.text(), session.settings, reply);
    return 0;
  }
  // XREAD makes a database only to wait in it.
  const auto* read = std::get_if<Xread>(&std::get<Request>(*parsed));
  const bool looks = read != nullptr && !read->block && !session.arguments.options.has("--follow");
  WEIR_ASSIGN(const auto store, open_store(session.settings, looks ? Access::look : access_of(command)));
  return run_parsed(session, *store, std::move(std::get<Request>(*parsed)));
}

void report(const Error& error) {
  // Names and the words of a server are in it: they must not reach a terminal, or a log, as they are.
  std::string text = "weir: " + io::visible(error.message).text + "\n";
  if (!error.hint.empty()) {
    text += io::visible(error.hint).text + "\n";
  }
  static_cast<void>(write_all(STDERR_FILENO, text));
}

void say_what_is_awaited(const char* what) {
  if (::isatty(STDIN_FILENO) != 0) {
    std::fprintf(stderr, "weir: reading %s from the terminal; end with Ctrl-D\n", what);
  }
}

namespace {

int run_line(Argv argv, Output& out) {
  if (const auto status = run_hidden(argv, out.text())) {
    return out.flush() ? *status : 1;
  }
  Arguments arguments;
  const auto read = read_arguments(argv, arguments);
  const Format format = read_format(arguments.options);
  guard_terminal(out, format, arguments.command);
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
  } else if (const auto settings = read_settings(arguments.options); !settings) {
    status = tl::unexpected<Error>(settings.error());
  } else {
    status = run_command({arguments, *settings, out});
  }
  if (!status) {
    return end_with(with_hint(status.error(), arguments), format, out);
  }
  if (const auto written = out.flush(); !written) {
    report(with_hint(written.error(), arguments));
    return static_cast<int>(written.error().failure);
  }
  if (*status == 1 && format == Format::table && stop_signal() == 0) {
    say_nothing_came(arguments);
  }
  return *status;
}

}  // namespace

int run(int argc, char** argv) {
  Output out(STDOUT_FILENO);
  try {
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    return run_line(arguments, out);
  } catch (const std::bad_alloc&) {
    // Without memory: what is written here is there already.
    out.drop_unfinished_line();
    static_cast<void>(out.flush());
    static_cast<void>(write_all(STDERR_FILENO, "weir: out of memory\nwhat was reported as stored is stored\n"));
  } catch (const std::exception& error) {
    out.drop_unfinished_line();
    end_with(Error{Failure::store, error.what()}, Format::lines, out);
  }
  return static_cast<int>(Failure::store);
}

}  // namespace weir::cli
