// `weir work` and `weir dead`: make the options of the worker from the command line.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "cli/run/dead_output.h"
#include "cli/run/selection.h"
#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "cli/run/waiting_read.h"
#include "redis/translate/retry_consumer.h"
#include "system/output_reader.h"
#include "system/standard_descriptors.h"
#include "text/duration.h"
#include "text/shell_word.h"
#include "worker/dead/targets.h"
#include "worker/dry_run.h"
#include "worker/process/template.h"
#include "worker/work.h"

namespace weir::cli {

namespace {

Result<worker::Backoff> read_backoff(const Options& options) {
  worker::Backoff backoff;
  const auto text = options.text("--backoff");
  if (!text) {
    return backoff;
  }
  const std::size_t dots = text->find("..");
  const auto first = parse_duration(text->substr(0, dots));
  const auto most = dots == std::string::npos ? first : parse_duration(text->substr(dots + 2));
  if (*first < 0 || *most < *first || *most > Millis(std::chrono::hours(24 * 365)).count()) {
    return tl::unexpected<Error>(wrong_value("--backoff", *text, "write the shortest and the longest wait: 1s..5m"));
  }
  return worker::Backoff{Millis(*first), Millis(*most)};
}

void read_numbers(const Options& options, worker::WorkOptions& work) {
  const auto count = [&](std::string_view name) {
    const auto given = options.number(name);
    return given ? std::optional(static_cast<std::uint64_t>(*given)) : std::nullopt;
  };
  work.jobs = count("--jobs").value_or(work.jobs);
  work.batch = count("--batch").value_or(work.batch);
  work.max_deliveries = count("--max-deliveries").value_or(work.max_deliveries);
  work.max_messages = count("--max-messages");
  work.max_laters = count("--max-laters").value_or(work.max_laters);
}

void read_later(const Options& options, worker::WorkOptions& work) {
  if (const auto status = options.number("--later-status")) {
    work.later_status = static_cast<int>(*status);
    const std::string text = options.text("--later-status").value_or("");
    if (const std::size_t equals = text.find('='); equals != std::string::npos) {
      work.later_wait = Millis(*parse_duration(text.substr(equals + 1)));
    }
  }
}

Result<void> read_times(const Options& options, worker::WorkOptions& work) {
  work.max_time = options.time("--max-time");
  work.timeout = options.time("--timeout").value_or(work.timeout);
  work.kill_after = options.time("--kill-after").value_or(work.kill_after);
  work.grace = options.time("--grace").value_or(work.grace);
  // A message that waits gets a time in the past, earlier by its wait, and the past begins in 1970.
  constexpr Millis kLongestIdle = std::chrono::hours(24 * 365 * 10);
  work.min_idle = std::min(options.time("--min-idle").value_or(work.min_idle), kLongestIdle);
  WEIR_ASSIGN(work.backoff, read_backoff(options));
  return {};
}

/// An entry that a worker puts into a stream that it reads would come back for ever.
Result<void> check_not_read(const worker::WorkOptions& work, std::string_view option, const std::string& target) {
  if (std::find(work.streams.begin(), work.streams.end(), target) != work.streams.end()) {
    return fail(Failure::usage, std::string(option) + " " + target + ": this worker reads that stream itself",
                "what goes there would come back without end; name another stream");
  }
  return {};
}

Result<worker::WorkOptions> read_work(const Arguments& arguments) {
  const Options& options = arguments.options;
  worker::WorkOptions work;
  if (!arguments.dashes) {
    return fail(Failure::usage, "no command was given",
                "write it after --: weir work STREAM --group GROUP -- COMMAND {field}");
  }
  const auto begin = arguments.words.begin();
  const auto middle = begin + static_cast<std::ptrdiff_t>(*arguments.dashes);
  work.streams.assign(begin, middle);
  work.command.assign(middle, arguments.words.end());
  std::vector<std::string> sorted = work.streams;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  if (sorted.empty() || sorted.front().empty()) {
    return fail(Failure::usage, work.streams.empty() ? "work needs a STREAM" : "the name of the stream is empty");
  }
  if (sorted.size() < work.streams.size()) {
    return fail(Failure::usage, "a stream is named twice");
  }
  work.group = options.text("--group").value_or("");
  if (work.group.empty()) {
    return fail(Failure::usage, "work needs --group", "workers that are to share the messages name the same group");
  }
  work.consumer = options.text("--consumer").value_or("");
  if (redis::is_retry_consumer(work.consumer)) {
    return fail(Failure::usage,
                "the consumer's name " + work.consumer +
                    " is reserved: a server keeps under it what waits for its next delivery",
                "choose another name");
  }
  work.into = options.text("--into").value_or("");
  work.dead_letter = options.text("--dead-letter").value_or("");
  WEIR_TRY(check_not_read(work, "--into", work.into));
  work.on_dead = options.text("--on-dead").value_or("");
  work.log = options.text("--log").value_or("");
  WEIR_TRY(check_not_read(work, "--dead-letter", work.dead_letter));
  WEIR_TRY(check_not_read(work, "--log", work.log));
  work.tag = options.has("--tag");
  work.pass_password = options.has("--pass-password");
  work.remove = options.has("--delete");
  work.until_empty = options.has("--until-empty");
  work.strict = options.has("--strict");
  if (options.has("--quiet") && options.has("--verbose")) {
    return fail(Failure::usage, "--quiet and --verbose exclude each other");
  }
  if (options.has("--quiet")) {
    work.telling = worker::Telling::quiet;
  } else if (options.has("--verbose") || ::isatty(STDERR_FILENO) != 0) {
    work.telling = worker::Telling::lines;
    work.progress = may_escape(options, STDERR_FILENO);
  }
  if (const auto interval = options.number("--rate")) {
    work.terms.interval = std::chrono::microseconds(*interval);
  }
  if (const auto jobs = options.number("--group-jobs")) {
    work.terms.held = static_cast<std::uint64_t>(*jobs);
  }
  work.terms.serial = options.text("--serial");
  WEIR_ASSIGN(work.input, options.choice<worker::CommandInput>("--stdin"));
  WEIR_ASSIGN(work.missing, options.choice<worker::Missing>("--missing"));
  read_numbers(options, work);
  read_later(options, work);
  WEIR_TRY(read_times(options, work));
  return work;
}

using Action = worker::DeadOptions::Action;

Result<void> select_letters(const Options& options, worker::DeadOptions& dead) {
  WEIR_ASSIGN(Selection selection, read_selection(options));
  dead.where = std::move(selection.where);
  dead.first = selection.first;
  dead.last = selection.last;
  dead.newest = selection.newest;
  return {};
}

Result<worker::DeadOptions> read_dead(const Arguments& arguments, Action action) {
  worker::DeadOptions dead;
  dead.action = action;
  if (arguments.words.empty() || arguments.words[0].empty()) {
    return fail(Failure::usage, std::string(arguments.command->name) + " needs the STREAM that the messages were on");
  }
  dead.stream = arguments.words[0];
  dead.dead_letter = arguments.options.text("--dead-letter").value_or("");
  dead.all = arguments.options.has("--all");
  if (const auto limit = arguments.options.number("--limit")) {
    dead.limit = static_cast<std::uint64_t>(*limit);
  }
  dead.pause = std::chrono::microseconds(arguments.options.number("--rate").value_or(0));
  dead.dry_run = arguments.options.has("--dry-run");
  for (auto word = arguments.words.begin() + 1; word != arguments.words.end(); ++word) {
    const auto id = parse_id(*word);
    if (!id) {
      return fail(Failure::usage, "ERR Invalid stream ID specified as stream command argument",
                  "'" + std::string(*word) + "' is not the ID of a dead letter; weir dead ls " +
                      shell_word(dead.stream) +
                      (dead.dead_letter.empty() ? "" : " --dead-letter " + shell_word(dead.dead_letter)) + " has them");
    }
    dead.ids.push_back(*id);
  }
  WEIR_TRY(select_letters(arguments.options, dead));
  const bool selects =
      !dead.where.empty() || dead.newest || arguments.options.has("--since") || arguments.options.has("--until");
  const int ways = (dead.ids.empty() ? 0 : 1) + (selects ? 1 : 0) + (dead.all ? 1 : 0);
  const bool changes = dead.action == Action::requeue || dead.action == Action::purge;
  if (changes ? ways != 1 : ways > 1) {
    return fail(
        Failure::usage, "which dead letters?",
        "give their IDs, or --where FIELD=VALUE, --since or --until" + std::string(changes ? ", or --all" : ""));
  }
  return dead;
}

/// The time between two letters that are put back. `output_gone`: see `watch_reader`; none with --quiet. False: a
/// signal came first, or nobody reads the IDs any more.
Result<bool> rest(const Session& session, const Fd& output_gone, std::chrono::microseconds time) {
  pollfd stop{output_gone ? output_gone.get() : stop_descriptor(), POLLIN, 0};
  const auto whole = std::chrono::floor<Millis>(time);
  if (::poll(&stop, 1, static_cast<int>(whole.count())) == 0) {
    std::this_thread::sleep_for(time - whole);
  }
  return stop_signal() == 0 ? has_reader(session) : false;
}

Result<int> run_dead(const Session& session, Action action) {
  WEIR_ASSIGN(worker::DeadOptions options, read_dead(session.arguments, action));
  std::optional<StopSignals> stop;
  Fd output_gone;
  const bool puts_back = action == Action::requeue && !options.dry_run;
  if (puts_back) {
    stop.emplace();  // so that no group stays
    if (!session.arguments.options.has("--quiet")) {
      output_gone = watch_reader(STDOUT_FILENO, stop_descriptor());
    }
  }
  WEIR_ASSIGN(const auto store, options.dry_run ? open_store(session.settings, Access::look) : open_for(session));
  WEIR_ASSIGN(options.dead_letter, worker::dead_letter_stream(*store, options.stream, options.dead_letter));
  DeadOutput output(session, options.dead_letter);
  if (puts_back) {
    options.rest = [&](std::chrono::microseconds time) -> Result<bool> {
      WEIR_TRY(output.written());
      return rest(session, output_gone, time);
    };
  }
  auto status = worker::run_dead(*store, options, [&](const worker::DeadAnswer& answer) { output.tell(answer); });
  const bool letters = action == Action::ls || action == Action::show || options.dry_run;
  // Output from before a failure is still written.
  WEIR_TRY(output.finish(letters && (status || !errors_are_replies(session.settings.format))));
  return status;
}

}  // namespace

Result<int> run_worker(const Session& session) {
  WEIR_ASSIGN(worker::WorkOptions options, read_work(session.arguments));
  options.database = database_elsewhere(session.settings, options.pass_password);
  if (session.arguments.options.has("--dry-run")) {
    WEIR_ASSIGN(const auto looked_at, open_store(session.settings, Access::look));
    const auto show = [&](const std::string& line) -> Result<void> {
      session.out.text() += line + "\n";
      return session.out.flush_if_large();
    };
    WEIR_ASSIGN(const int status, worker::dry_run(*looked_at, options, show, [](const std::string& line) {
                  report({Failure::bad_input, line});
                }));
    WEIR_TRY(session.out.flush());
    return status;
  }
  WEIR_ASSIGN(const auto store, open_for(session));
  drop_what_cannot_be_printed();  // without an output of its own, a service need not end because of what commands print
  return worker::run_work(*store, options);
}

namespace {

/// Lists the letters of all streams whose names say that they are for dead letters.
Result<int> list_all_dead(const Session& session) {
  constexpr std::string_view kEnding = ".dead";
  WEIR_ASSIGN(const auto store, open_for(session));
  WEIR_ASSIGN(const Names streams, store->run(Keys{"*" + std::string(kEnding)}));
  DeadOutput output(session, "");
  bool any = false;
  std::optional<worker::Advice> advice;
  for (const std::string& letters : streams.names) {
    worker::DeadOptions options;
    options.stream = letters.substr(0, letters.size() - kEnding.size());
    options.dead_letter = letters;
    WEIR_TRY(select_letters(session.arguments.options, options));
    WEIR_ASSIGN(const int status, worker::run_dead(*store, options, [&](const worker::DeadAnswer& answer) {
                  // Another stream may have such a name by chance.
                  if (std::holds_alternative<worker::NoDeadLetter>(answer)) {
                    return;
                  }
                  if (const auto* of_stream = std::get_if<worker::Advice>(&answer)) {
                    advice = *of_stream;
                  } else {
                    output.tell(answer);
                  }
                }));
    any = any || status == 0;
  }
  if (advice && !any) {
    output.tell(*advice);
  }
  WEIR_TRY(output.finish(true));
  return any ? 0 : 1;
}

}  // namespace

Result<int> run_dead_ls(const Session& session) {
  const bool of_all = session.arguments.words.empty() && !session.arguments.options.has("--dead-letter");
  return of_all ? list_all_dead(session) : run_dead(session, Action::ls);
}
Result<int> run_dead_show(const Session& session) {
  return run_dead(session, Action::show);
}
Result<int> run_dead_requeue(const Session& session) {
  return run_dead(session, Action::requeue);
}
Result<int> run_dead_purge(const Session& session) {
  return run_dead(session, Action::purge);
}

}  // namespace weir::cli
