// `weir work` and `weir dead`: from the command line to what the worker is asked.
#include <algorithm>
#include <limits>

#include "cli/dead_output.h"
#include "cli/run.h"
#include "redis/retry_consumer.h"
#include "util/duration.h"
#include "util/words.h"
#include "worker/targets.h"
#include "worker/template.h"
#include "worker/work.h"

namespace weir::cli {

namespace {

tl::unexpected<Error> wrong_value(std::string_view option, const std::string& value, std::string hint) {
  return fail(Failure::usage, "'" + value + "' is not a value for " + std::string(option), std::move(hint));
}

Result<std::optional<Millis>> time_option(const Options& options, std::string_view name, std::int64_t least) {
  const auto text = options.get(name);
  if (!text) {
    return std::nullopt;
  }
  const auto time = parse_duration(*text);
  if (!time) {
    return wrong_value(name, *text, "a time is 250ms, 30s, 5m, 2h or 7d");
  }
  if (*time < least) {
    return wrong_value(name, *text, "it must be at least " + std::to_string(least) + "ms");
  }
  return Millis(*time);
}

Result<std::optional<std::uint64_t>> number_option(const Options& options, std::string_view name, std::int64_t least,
                                                   std::int64_t most) {
  const auto text = options.get(name);
  if (!text) {
    return std::nullopt;
  }
  const auto number = parse_integer(*text);
  if (!number || *number < least || *number > most) {
    return wrong_value(name, *text, "a number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return static_cast<std::uint64_t>(*number);
}

Result<worker::Backoff> read_backoff(const Options& options) {
  worker::Backoff backoff;
  const auto text = options.get("--backoff");
  if (!text) {
    return backoff;
  }
  const std::size_t dots = text->find("..");
  const auto first = parse_duration(text->substr(0, dots));
  const auto most = dots == std::string::npos ? first : parse_duration(text->substr(dots + 2));
  if (!first || !most || *first < 0 || *most < *first || *most > Millis(std::chrono::hours(24 * 365)).count()) {
    return wrong_value("--backoff", *text, "write the shortest and the longest wait: 1s..5m");
  }
  return worker::Backoff{Millis(*first), Millis(*most)};
}

Result<worker::CommandInput> read_input(const Options& options) {
  const std::string text = options.get("--stdin").value_or("entry");
  if (text == "entry") {
    return worker::CommandInput::entry;
  }
  if (text == "fields") {
    return worker::CommandInput::fields;
  }
  if (text == "none") {
    return worker::CommandInput::none;
  }
  return wrong_value("--stdin", text, "it is one of: entry, fields, none");
}

Result<void> read_numbers(const Options& options, worker::WorkOptions& work) {
  constexpr std::int64_t kMany = 1'000'000'000;
  WEIR_ASSIGN(const auto jobs, number_option(options, "--jobs", 1, 10'000));
  WEIR_ASSIGN(const auto batch, number_option(options, "--batch", 1, 100'000));
  WEIR_ASSIGN(const auto deliveries, number_option(options, "--max-deliveries", 0, kMany));
  WEIR_ASSIGN(work.max_messages, number_option(options, "--max-messages", 1, std::numeric_limits<std::int64_t>::max()));
  work.jobs = static_cast<std::size_t>(jobs.value_or(work.jobs));
  work.batch = static_cast<std::size_t>(batch.value_or(work.batch));
  work.max_deliveries = deliveries.value_or(work.max_deliveries);
  return {};
}

Result<void> read_times(const Options& options, worker::WorkOptions& work) {
  WEIR_ASSIGN(const auto timeout, time_option(options, "--timeout", 1));
  WEIR_ASSIGN(const auto kill_after, time_option(options, "--kill-after", 0));
  WEIR_ASSIGN(const auto grace, time_option(options, "--grace", 0));
  WEIR_ASSIGN(const auto min_idle, time_option(options, "--min-idle", 10));
  WEIR_ASSIGN(work.max_time, time_option(options, "--max-time", 0));
  work.timeout = timeout.value_or(work.timeout);
  work.kill_after = kill_after.value_or(work.kill_after);
  work.grace = grace.value_or(work.grace);
  // What waits for its next delivery is given a time in the past by so much, and the past begins in 1970.
  constexpr Millis kLongestIdle = std::chrono::hours(24 * 365 * 10);
  work.min_idle = std::min(min_idle.value_or(work.min_idle), kLongestIdle);
  WEIR_ASSIGN(work.backoff, read_backoff(options));
  return {};
}

/// What came from a stream and went back to it would come again, for ever.
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
  work.group = options.get("--group").value_or("");
  if (work.group.empty()) {
    return fail(Failure::usage, "work needs --group", "workers that are to share the messages name the same group");
  }
  work.consumer = options.get("--consumer").value_or("");
  if (redis::is_retry_consumer(work.consumer)) {
    return fail(Failure::usage,
                "the consumer's name " + work.consumer +
                    " is reserved: a server keeps under it what waits for its next delivery",
                "choose another name");
  }
  work.into = options.get("--into").value_or("");
  work.dead_letter = options.get("--dead-letter").value_or("");
  WEIR_TRY(check_not_read(work, "--into", work.into));
  WEIR_TRY(check_not_read(work, "--dead-letter", work.dead_letter));
  work.tag = options.has("--tag");
  work.pass_password = options.has("--pass-password");
  work.remove = options.has("--delete");
  work.until_empty = options.has("--until-empty");
  WEIR_ASSIGN(work.input, read_input(options));
  WEIR_TRY(read_numbers(options, work));
  WEIR_TRY(read_times(options, work));
  return work;
}

Result<worker::DeadOptions> read_dead(const Arguments& arguments) {
  using Action = worker::DeadOptions::Action;
  const std::string_view name = arguments.command->name;
  worker::DeadOptions dead;
  dead.action = name == "dead ls"        ? Action::ls
                : name == "dead show"    ? Action::show
                : name == "dead requeue" ? Action::requeue
                                         : Action::purge;
  if (arguments.words.empty() || arguments.words[0].empty()) {
    return fail(Failure::usage, std::string(name) + " needs the STREAM that the messages were on");
  }
  dead.stream = arguments.words[0];
  dead.dead_letter = arguments.options.get("--dead-letter").value_or("");
  dead.all = arguments.options.has("--all");
  for (auto word = arguments.words.begin() + 1; word != arguments.words.end(); ++word) {
    const auto id = parse_id(*word);
    if (!id) {
      return fail(Failure::usage, "ERR Invalid stream ID specified as stream command argument",
                  "'" + *word + "' is not the ID of a dead letter; weir dead ls " + dead.stream + " has them");
    }
    dead.ids.push_back(*id);
  }
  if (const auto where = arguments.options.get("--where")) {
    const std::size_t at = where->find('=');
    if (at == std::string::npos) {
      return wrong_value("--where", *where, "write FIELD=VALUE");
    }
    dead.where = Field{where->substr(0, at), where->substr(at + 1)};
  }
  const int ways = (dead.ids.empty() ? 0 : 1) + (dead.where ? 1 : 0) + (dead.all ? 1 : 0);
  const bool changes = dead.action == Action::requeue || dead.action == Action::purge;
  if (changes ? ways != 1 : ways > 1) {
    return fail(Failure::usage, "which dead letters?",
                "give their IDs, or --where FIELD=VALUE" + std::string(changes ? ", or --all" : ""));
  }
  return dead;
}

}  // namespace

Result<int> run_worker(const Session& session) {
  WEIR_ASSIGN(const worker::WorkOptions options, read_work(session.arguments));
  WEIR_ASSIGN(const auto store, open_store(session.settings, access_of(*session.arguments.command)));
  return worker::run_work(*store, options);
}

Result<int> run_dead_letters(const Session& session) {
  WEIR_ASSIGN(worker::DeadOptions options, read_dead(session.arguments));
  WEIR_ASSIGN(const auto store, open_store(session.settings, access_of(*session.arguments.command)));
  WEIR_ASSIGN(options.dead_letter, worker::dead_letter_stream(*store, options.stream, options.dead_letter));
  DeadOutput output(session, options.dead_letter);
  auto status = worker::run_dead(*store, options, [&](const worker::DeadAnswer& answer) { output.tell(answer); });
  const bool letters =
      options.action == worker::DeadOptions::Action::ls || options.action == worker::DeadOptions::Action::show;
  // What was found before a failure stays said.
  WEIR_TRY(output.finish(letters && (status || !errors_are_replies(session.settings.format))));
  return status;
}

}  // namespace weir::cli
