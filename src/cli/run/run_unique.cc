// `weir xadd --unique`.
#include <unistd.h>

#include "cli/run/answer.h"
#include "cli/run/append_input.h"
#include "cli/run/session.h"
#include "stream/unique.h"

namespace weir::cli {
namespace {

Result<void> check_options(const Options& options) {
  if (!options.has("--unique")) {
    return fail(Failure::usage, "--new-only needs --unique KEY");
  }
  for (const char* other : {"--once", "--idmpauto", "--wait"}) {
    if (options.has(other)) {
      return fail(Failure::usage, std::string(other) + " does not go with --unique");
    }
  }
  return {};
}

/// The one message in the arguments. Nothing: the answer has been written.
Result<std::optional<Xadd>> read_words(const Session& session) {
  WEIR_ASSIGN(auto request, requested(session));
  auto* entry = request ? std::get_if<Xadd>(&*request) : nullptr;
  if (entry == nullptr) {
    return std::optional<Xadd>();
  }
  if (entry->idempotence) {
    return fail(Failure::usage, "IDMP does not go with --unique");
  }
  return std::optional<Xadd>(std::move(*entry));
}

/// The one message on standard input; there always is one, or an error.
Result<std::optional<Xadd>> read_line(const Session& session) {
  WEIR_ASSIGN(AppendModel model, read_model(session.arguments));
  model.skip_errors = false;
  say_what_is_awaited("one JSON line");
  AppendReader reader(STDIN_FILENO, std::move(model), wait_of(session));
  std::optional<Xadd> entry;
  for (bool more = true; more;) {
    WEIR_ASSIGN(AppendBatch batch, reader.next());
    more = !batch.ended;
    if (batch.entries.size() + (entry ? 1 : 0) > 1) {
      return fail(Failure::bad_input, "--unique KEY is for one message, and there are more lines",
                  "nothing was stored; run weir xadd --unique for each, with its own key");
    }
    if (!batch.errors.empty()) {
      return tl::unexpected<Error>(std::move(batch.errors.front()));
    }
    if (!batch.entries.empty()) {
      entry = std::move(batch.entries.front());
    }
  }
  if (!entry) {
    return tl::unexpected<Error>(no_message("--unique"));
  }
  return entry;
}

Reply reply_of(const Placed& placed) {
  if (const auto* handle = std::get_if<Handle>(&placed.place)) {
    return Text{to_string(*handle)};
  }
  return MaybeId(std::get<Id>(placed.place));
}

}  // namespace

bool is_unique(const Arguments& arguments) {
  return arguments.options.has("--unique") || arguments.options.has("--new-only");
}

Result<int> run_unique_add(const Session& session) {
  const Options& options = session.arguments.options;
  WEIR_TRY(check_options(options));
  std::optional<Due> due;
  if (is_delayed(session.arguments)) {
    WEIR_ASSIGN(due, read_due(options));
  }
  WEIR_ASSIGN(const auto entry, session.arguments.words.size() < 2 ? read_line(session) : read_words(session));
  if (!entry) {
    return 0;
  }
  if (due) {
    WEIR_TRY(check_is_plain(*entry));
  }
  WEIR_ASSIGN(const auto store, open_for(session));
  auto& unique = dynamic_cast<Unique&>(*store);  // both engines are a Unique
  WEIR_ASSIGN(const auto placed, unique.add_unique(*entry, *options.text("--unique"), due));
  const bool silent = options.has("--quiet") || (placed && !placed->added && options.has("--new-only"));
  if (!silent) {
    write_answer(session.out.text(), session.settings, placed ? reply_of(*placed) : Reply(MaybeId()));
  }
  return placed && (placed->added || !options.has("--new-only")) ? 0 : 1;
}

}  // namespace weir::cli
