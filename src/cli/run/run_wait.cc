// `weir wait`, and `weir xadd --wait`.
#include <poll.h>

#include "cli/arguments/fill.h"
#include "cli/arguments/help.h"
#include "cli/run/answer.h"
#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "redis/wire/url.h"
#include "worker/outcome.h"

namespace weir::cli {
namespace {

/// Sleeps between two looks at a server. False: a signal came. At any other time a signal ends the process at once, as
/// an answer of a server may be long in coming.
bool rest(Millis time) {
  const StopSignals stop;
  pollfd signal{stop_descriptor(), POLLIN, 0};
  ::poll(&signal, 1, static_cast<int>(time.count()));
  return stop_signal() == 0;
}

/// Waits; a signal ends the wait, so that a file is closed in order.
Result<int> await(const Session& session, Store& store, const worker::OutcomeOptions& options) {
  std::optional<StopSignals> stop;
  if (!redis::is_server(session.settings.database)) {
    stop.emplace();
  }
  WEIR_ASSIGN(const worker::Outcome outcome, worker::await_outcome(store, options));
  return outcome == worker::Outcome::acknowledged ? 0 : kTimeOver;
}

worker::OutcomeOptions outcome_options(const Arguments& arguments, std::string group) {
  worker::OutcomeOptions options;
  options.stream = arguments.words[0];
  options.group = std::move(group);
  options.dead_letter = arguments.options.text("--dead-letter").value_or("");
  options.rest = rest;
  options.most = arguments.options.time("--timeout");
  if (!options.most && !arguments.options.has("--quiet")) {
    options.missing_group = [stream = options.stream, name = options.group] {
      report({Failure::refused, "there is no group '" + name + "' in '" + stream + "' yet: it is waited for",
              "its first worker makes it; --timeout TIME waits no longer than that"});
    };
  }
  return options;
}

}  // namespace

Result<int> run_wait(const Session& session) {
  const Arguments& arguments = session.arguments;
  WEIR_TRY(check_none_is_empty(arguments));
  const auto group = arguments.options.text("--group");
  if (arguments.words.empty() || !group) {
    return fail(Failure::usage, "wait needs a STREAM and --group GROUP", usage_of(arguments));
  }
  worker::OutcomeOptions options = outcome_options(arguments, *group);
  for (auto word = arguments.words.begin() + 1; word != arguments.words.end(); ++word) {
    const auto id = parse_id(*word);
    if (!id) {
      return fail(Failure::usage, "'" + std::string(*word) + "' is not the ID of a message");
    }
    options.ids.push_back(*id);
  }
  WEIR_ASSIGN(const auto store, open_for(session));
  return await(session, *store, options);
}

Result<int> run_add_and_wait(const Session& session) {
  const Arguments& arguments = session.arguments;
  if (arguments.words.size() < 2) {
    return fail(Failure::usage, "--wait is for one message, given as field=value",
                "for many: weir xadd STREAM < lines > ids; weir wait STREAM --group GROUP $(cat ids)");
  }
  WEIR_ASSIGN(const auto request, requested(session));
  if (!request) {
    return 0;
  }
  WEIR_ASSIGN(const auto store, open_for(session));
  WEIR_ASSIGN(const Reply reply, store->execute(*request));
  if (!arguments.options.has("--quiet")) {
    write_answer(session.out.text(), session.settings, reply);
  }
  const auto* id = std::get_if<MaybeId>(&reply);
  if (id == nullptr || !*id) {
    return 1;
  }
  WEIR_TRY(session.out.flush());
  worker::OutcomeOptions options = outcome_options(arguments, *arguments.options.text("--wait"));
  options.ids.push_back(**id);
  return await(session, *store, options);
}

}  // namespace weir::cli
