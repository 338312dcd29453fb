// `weir copy`: opens the two stores, and tells the user the result.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/run/progress_line.h"
#include "cli/run/session.h"
#include "copy/copy.h"
#include "io/json_writer.h"
#include "redis/wire/url.h"
#include "stream/remote.h"
#include "text/shell_word.h"
#include "worker/dead/targets.h"

namespace weir::cli {

namespace {

struct CopyLine {
  std::string from;
  std::string to;
  std::vector<std::string> streams;  ///< none: all streams
  copy::CopyOptions options;
  bool dry_run = false;
};

tl::unexpected<Error> same_place() {
  return fail(Failure::usage, "FROM and TO are the same");
}

/// Whether the names are, as far as can be told from them, of the same place.
bool is_same_place(const std::string& a, const std::string& b) {
  if (!redis::is_server(a) || !redis::is_server(b)) {
    return a == b;
  }
  const auto from = redis::parse_redis_url(a);
  const auto to = redis::parse_redis_url(b);
  return from && to && from->is_same_place(*to);
}

Result<CopyLine> read_line(const Arguments& arguments) {
  const auto& words = arguments.words;
  if (words.size() < 2 || words[0].empty() || words[1].empty()) {
    return fail(Failure::usage, "copy needs FROM and TO: each is a file, or the URL of a server",
                "weir copy weir.db redis://host");
  }
  CopyLine line{std::string(words[0]), std::string(words[1]), {words.begin() + 2, words.end()}, {}, false};
  WEIR_TRY(check_is_expanded(line.from));
  WEIR_TRY(check_is_expanded(line.to));
  if (is_same_place(line.from, line.to)) {
    return same_place();
  }
  const bool append = arguments.options.has("--append");
  const bool replace = arguments.options.has("--replace");
  if (append && replace) {
    return fail(Failure::usage, "--append does not go with --replace");
  }
  line.options.meet = append    ? copy::CopyOptions::Meet::append
                      : replace ? copy::CopyOptions::Meet::replace
                                : copy::CopyOptions::Meet::refuse;
  line.dry_run = arguments.options.has("--dry-run");
  return line;
}

Result<std::unique_ptr<Store>> open_end(Settings settings, const std::string& database, Access access) {
  settings.database = database;
  return open_store(settings, access);
}

const char* name_of(copy::CopyPlan::Action action) {
  switch (action) {
    case copy::CopyPlan::Action::make:
      return "copy";
    case copy::CopyPlan::Action::go_on:
      return "go on";
    case copy::CopyPlan::Action::append:
      return "append";
    case copy::CopyPlan::Action::replace:
      break;
  }
  return "replace";
}

std::optional<Id> id_of(const std::optional<Entry>& entry) {
  return entry ? std::optional(entry->id) : std::nullopt;
}

void write_plan(std::string& out, const std::string& stream, const copy::CopyPlan& plan) {
  io::JsonWriter json(out);
  json.object([&] {
    json.member("stream", stream);
    json.member("action", name_of(plan.action));
    json.member("entries", plan.source.length);
    json.member("there", plan.there);
    json.member("groups", plan.source.groups);
  });
  out += '\n';
}

void write_copied(std::string& out, const std::string& stream, const copy::CopyPlan& plan, const copy::Copied& copied) {
  io::JsonWriter json(out);
  json.object([&] {
    json.member("stream", stream);
    json.member("action", name_of(plan.action));
    json.member("copied", copied.entries);
    json.member("length", copied.target.length);
    json.member("first", id_of(copied.target.first_entry));
    json.member("last", id_of(copied.target.last_entry));
    json.member("groups", copied.groups);
    json.member("pending", copied.pending);
    json.member("pending-lost", copied.pending_lost);
  });
  out += '\n';
}

/// Tells on standard error what could not be copied, and whether both sides are alike.
int tell(const std::string& stream, const copy::Copied& copied) {
  if (copied.untyped) {
    report({Failure::refused, fmt::format("'{}': a server has strings only: numbers, true, false and null became such, "
                                          "first in {}",
                                          stream, to_string(*copied.untyped))});
  }
  if (copied.keys_left > 0) {
    report({Failure::refused,
            fmt::format("'{}': keys of --once that were not carried: {}; a message that comes again with "
                        "such a key is added again",
                        stream, copied.keys_left)});
  }
  if (copied.pending_lost > 0) {
    report({Failure::refused, fmt::format("'{}': {} pending entries were not carried: their message is gone", stream,
                                          copied.pending_lost)});
  }
  for (const std::string& group : copied.groups_left) {
    report({Failure::refused,
            fmt::format("'{}': the group '{}' was there: it stays where it stands, and gets no pending entries", stream,
                        group)});
  }
  if (copied.difference) {
    report({Failure::refused, fmt::format("'{}': the two sides differ: {}", stream, *copied.difference),
            "was it in use meanwhile? stop who uses it, and run copy again"});
    return static_cast<int>(Failure::refused);
  }
  return 0;
}

/// In a cluster, the stream of dead letters has another default name than elsewhere, and nobody would look for letters
/// there.
Result<void> tell_of_letters(Store& source, Store& target, const std::string& stream) {
  WEIR_ASSIGN(const auto letter, worker::last_letter(target, stream));
  if (!letter) {
    return {};
  }
  WEIR_ASSIGN(const std::string before, worker::dead_letter_stream(source, letter->stream, ""));
  WEIR_ASSIGN(const std::string after, worker::dead_letter_stream(target, letter->stream, ""));
  if (before == stream && after != stream) {
    report({Failure::refused,
            fmt::format("'{}': there, dead letters of '{}' are looked for in '{}'", stream, letter->stream, after),
            "name this one to dead, wait and work: --dead-letter " + shell_word(stream)});
  }
  return {};
}

Result<int> copy_one(const Session& session, const copy::CopyEnd& from, const copy::CopyEnd& to,
                     const std::string& stream, const copy::CopyOptions& options) {
  WEIR_ASSIGN(const copy::CopyPlan plan, copy::plan_copy(from, &to, stream, options));
  Result<copy::Copied> copied;
  {
    const auto progress = [&](std::uint64_t stored) { return Progress{stored, stored, plan.source.length}; };
    ProgressLine line(session, stream, progress(plan.there), true);
    copied = copy::copy_stream(from, to, stream, plan, [&](std::uint64_t stored) { line.show(progress(stored)); });
  }
  if (!copied) {
    return tl::unexpected<Error>(copied.error());
  }
  write_copied(session.out.text(), stream, plan, *copied);
  WEIR_TRY(session.out.flush());
  WEIR_TRY(tell_of_letters(from.store, to.store, stream));
  return tell(stream, *copied);
}

Result<int> plan_one(const Session& session, const copy::CopyEnd& from, const copy::CopyEnd* to,
                     const std::string& stream, const copy::CopyOptions& options) {
  WEIR_ASSIGN(const copy::CopyPlan plan, copy::plan_copy(from, to, stream, options));
  write_plan(session.out.text(), stream, plan);
  return 0;
}

/// The streams to be copied: all streams of the source, or those named ones that it has. Missing ones are reported.
Result<std::vector<std::string>> find_streams(const copy::CopyEnd& from, const CopyLine& line) {
  if (line.streams.empty()) {
    WEIR_ASSIGN(Names names, from.store.run(Keys{}));
    if (names.names.empty()) {
      report({Failure::refused, "there is no stream to copy", ""});
    }
    return std::move(names.names);
  }
  std::vector<std::string> found;
  for (const std::string& stream : line.streams) {
    const auto plan = copy::plan_copy(from, nullptr, stream, line.options);
    if (plan) {
      found.push_back(stream);
    } else if (plan.error().failure == Failure::refused) {
      report(plan.error());
    } else {
      return tl::unexpected<Error>(plan.error());
    }
  }
  return found;
}

/// If the file does not exist, the usual advice to make one would be wrong.
Result<void> check_source(const std::string& from) {
  std::error_code unreadable;
  if (redis::url_scheme(from).empty() &&
      std::filesystem::status(from, unreadable).type() == std::filesystem::file_type::not_found) {
    return fail(Failure::store, from + ": there is no such database to copy from",
                "write: weir copy FROM TO [STREAM ...]; each of FROM and TO is a file, or the URL of a server");
  }
  return {};
}

/// Refuses a store with two names, as --replace would delete a stream before it is read.
Result<void> check_two(const CopyLine& line, Store& source, Store& target) {
  WEIR_ASSIGN(const std::string here, source.identity());
  WEIR_ASSIGN(const std::string there, target.identity());
  if (!here.empty() && here == there) {
    return same_place();
  }
  const bool unknown = here.empty() && there.empty() && redis::is_server(line.from) && redis::is_server(line.to);
  if (unknown && line.options.meet == copy::CopyOptions::Meet::replace) {
    return fail(Failure::refused, "FROM and TO may be one server, of which --replace would delete what is to be copied",
                "let this user run INFO, so that they can be told apart; or delete the streams in TO, and do without "
                "--replace");
  }
  return {};
}

/// A dry run makes no file, so a missing file means that there is no target.
Result<std::unique_ptr<Store>> open_target(const Session& session, const CopyLine& line) {
  std::error_code unreadable;  // opening the file will tell the reason
  if (line.dry_run && redis::url_scheme(line.to).empty() &&
      std::filesystem::status(line.to, unreadable).type() == std::filesystem::file_type::not_found) {
    return nullptr;
  }
  return open_end(session.settings, line.to, line.dry_run ? Access::look : Access::make);
}

}  // namespace

Result<int> run_copy(const Session& session) {
  WEIR_ASSIGN(const CopyLine line, read_line(session.arguments));
  if (session.arguments.options.has("--follow")) {
    return run_follow(session);
  }
  for (const char* option : {"--group", "--new-ids"}) {
    if (session.arguments.options.has(option)) {
      return fail(Failure::usage, std::string(option) + " is for --follow");
    }
  }
  WEIR_TRY(check_source(line.from));
  WEIR_ASSIGN(const auto source, open_end(session.settings, line.from, Access::look));
  WEIR_TRY(check_scripts(*source));
  const copy::CopyEnd from{*source, redis::is_server(line.from)};
  WEIR_ASSIGN(const auto streams, find_streams(from, line));
  if (streams.empty()) {
    return 1;  // the target is not made either
  }
  WEIR_ASSIGN(const auto target, open_target(session, line));
  if (target) {
    // Most of a copy needs no scripts. But a server without any scripts, such as `weir serve`, does not accept the
    // rest.
    if (auto scripts = check_scripts(*target); !scripts && scripts.error().failure == Failure::usage) {
      return tl::unexpected<Error>(std::move(scripts).error());
    }
    WEIR_TRY(check_two(line, *source, *target));
  }
  const auto to = target ? std::optional<copy::CopyEnd>({*target, redis::is_server(line.to)}) : std::nullopt;
  int status = streams.size() < line.streams.size() ? static_cast<int>(Failure::refused) : 0;
  // If one stream is refused, the others are still copied.
  for (const std::string& stream : streams) {
    auto one = line.dry_run ? plan_one(session, from, to ? &*to : nullptr, stream, line.options)
                            : copy_one(session, from, *to, stream, line.options);
    if (!one && one.error().failure != Failure::refused) {
      return one;
    }
    if (!one) {
      WEIR_TRY(session.out.flush());
      report(one.error());
    }
    status = std::max(status, one ? *one : static_cast<int>(Failure::refused));
  }
  return status;
}

}  // namespace weir::cli
