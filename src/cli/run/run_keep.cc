// `weir keep`.
#include <fmt/format.h>

#include <utility>

#include "cli/arguments/fill.h"
#include "cli/arguments/help.h"
#include "cli/run/answer.h"
#include "cli/run/session.h"
#include "cli/run/would_remove.h"
#include "io/json_writer.h"
#include "io/table/table_entries.h"
#include "io/table/table_time.h"
#include "stream/keeping.h"

namespace weir::cli {
namespace {

/// Requires: the store is Keeping, as both engines are.
Keeping& keeping(Store& store) {
  return dynamic_cast<Keeping&>(store);
}

KeepPolicy policy_of(const Options& options) {
  KeepPolicy policy;
  if (const auto maxlen = options.number("--maxlen")) {
    policy.maxlen = static_cast<std::uint64_t>(*maxlen);
  }
  policy.maxage = options.time("--maxage");
  policy.acked = options.has("--acked");
  return policy;
}

/// Warns users who may not know that a policy also deletes messages that wait.
void warn(const std::string& stream, std::uint64_t unfinished) {
  const std::string what =
      unfinished == 0 ? "what its groups have not been given or acknowledged goes too, when it is its turn"
                      : fmt::format(
                            "{} of the messages that will go now {} not been given to, or not acknowledged by, "
                            "some group",
                            unfinished, unfinished == 1 ? "has" : "have");
  report({Failure::usage, "'" + stream + "': " + what, "with --acked such messages stay"});
}

Result<int> set(const Session& session, const std::string& stream, const KeepPolicy& policy) {
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::make));
  Keeping& streams = keeping(*store);
  auto kept = streams.keep(stream, policy);
  if (!kept && policy.any() && kept.error().message.starts_with("ERR no such key")) {
    kept.error().hint = "what it keeps can be set once it has a message; a run log has one after the first run";
  }
  WEIR_ASSIGN(const auto unfinished, std::move(kept));
  if (policy.any() && !policy.acked && unfinished) {
    warn(stream, *unfinished);
  }
  write_answer(session.out.text(), session.settings, Ok());
  return 0;
}

Result<int> show(const Session& session, const std::string& stream) {
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::look));
  Keeping& streams = keeping(*store);
  WEIR_ASSIGN(const auto policy, streams.kept(stream));
  const Format format = session.settings.format;
  if (errors_are_replies(format)) {
    Names names;
    const auto add = [&](const char* name, std::string value) {
      names.names.insert(names.names.end(), {name, std::move(value)});
    };
    if (policy && policy->maxlen) {
      add("maxlen", std::to_string(*policy->maxlen));
    }
    if (policy && policy->maxage) {
      add("maxage", std::to_string(policy->maxage->count()));
    }
    if (policy) {
      add("acked", policy->acked ? "1" : "0");
    }
    write_answer(session.out.text(), session.settings, std::move(names));
  } else if (policy && format == Format::table) {
    const io::TableStyle style = table_style(session.settings);
    io::Grid grid(style);
    std::vector<io::Cell> cells{
        io::Cell(io::value_text(stream, style.width)), io::Cell(policy->maxlen ? std::to_string(*policy->maxlen) : "-"),
        io::Cell(policy->maxage ? io::age_text(*policy->maxage) : "-"), io::Cell(policy->acked ? "yes" : "no")};
    grid.column("STREAM", io::Grid::Align::left, io::Grid::Fit::flexible);
    grid.column("MAXLEN", io::Grid::Align::right);
    grid.column("MAXAGE", io::Grid::Align::right);
    grid.column("ACKED", io::Grid::Align::right);
    grid.row(std::move(cells));
    grid.write(session.out.text());
  } else if (policy) {
    io::JsonWriter json(session.out.text());
    json.object([&] {
      json.member("stream", stream);
      json.member("maxlen", policy->maxlen);
      json.member("maxage", policy->maxage);
      json.key("acked");
      json.json(policy->acked ? "true" : "false");
    });
    session.out.text() += '\n';
  }
  return policy ? 0 : 1;
}

/// Lists each stream that has a policy, with the number of entries removed.
Result<int> apply(const Session& session, const std::string& pattern, bool dry) {
  WEIR_ASSIGN(Trial trial, open_trial(session.settings));
  Keeping& streams = keeping(*trial.store);
  WEIR_ASSIGN(const Names names, trial.store->run(Keys{pattern}));
  std::vector<std::string> found;
  for (const std::string& name : names.names) {
    const auto policy = streams.kept(name);
    if (policy && *policy) {
      found.push_back(name);
    } else if (!policy && policy.error().failure != Failure::refused) {  // if refused, the stream has gone meanwhile
      return tl::unexpected<Error>(policy.error());
    }
  }
  if (found.empty()) {
    return 1;
  }
  Names replies;
  for (const std::string& name : found) {
    const auto gone = dry ? streams.would_apply_keep(name) : streams.apply_keep(name);
    if (!gone && gone.error().failure != Failure::refused) {
      return tl::unexpected<Error>(gone.error());
    }
    const std::uint64_t count = gone ? gone->value : 0;
    if (errors_are_replies(session.settings.format)) {
      replies.names.insert(replies.names.end(), {name, std::to_string(count)});
      continue;
    }
    io::JsonWriter json(session.out.text());
    json.object([&] {
      json.member("stream", name);
      json.member("deleted", count);
    });
    session.out.text() += '\n';
    WEIR_TRY(session.out.flush_if_large());
  }
  if (errors_are_replies(session.settings.format)) {
    write_answer(session.out.text(), session.settings, std::move(replies));
  }
  return 0;
}

}  // namespace

Result<int> run_keep(const Session& session) {
  const Arguments& arguments = session.arguments;
  const Options& options = arguments.options;
  WEIR_TRY(check_none_is_empty(arguments));
  const KeepPolicy policy = policy_of(options);
  const bool applies = options.has("--apply");
  const bool ends = options.has("--off");
  const bool dry = options.has("--dry-run");
  if (dry && !applies) {
    return fail(Failure::usage, "--dry-run goes with --apply: nothing else removes anything", usage_of(arguments));
  }
  if ((policy.any() ? 1 : 0) + (applies ? 1 : 0) + (ends ? 1 : 0) > 1) {
    return fail(Failure::usage, std::string(applies ? "--apply" : "--off") + " stands alone", usage_of(arguments));
  }
  if (arguments.words.size() > 1 || (arguments.words.empty() && !applies)) {
    return fail(Failure::usage, "keep takes one STREAM", usage_of(arguments));
  }
  const std::string stream = arguments.words.empty() ? "*" : std::string(arguments.words[0]);
  if (applies) {
    return apply(session, stream, dry);
  }
  return policy.any() || ends ? set(session, stream, policy) : show(session, stream);
}

}  // namespace weir::cli
