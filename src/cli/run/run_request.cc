// Commands that consist of one request.
#include "cli/arguments/fill.h"
#include "cli/run/answer.h"
#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "command/doubtful.h"
#include "redis/wire/url.h"

namespace weir::cli {

namespace {

Access access_of(const Command& command) {
  return effect_of(command) == command::Effect::looks ? Access::look : Access::make;
}

bool is_zero(const Reply& reply) {
  const auto* count = std::get_if<Count>(&reply);
  return count != nullptr && count->value == 0;
}

}  // namespace

io::LineReader::Wait wait_of(const Session& session) {
  return redis::is_server(session.settings.database) ? nullptr : wait_readable_or_stop;
}

Result<std::unique_ptr<Store>> open_for(const Session& session) {
  return open_store(session.settings, access_of(*session.arguments.command));
}

Result<std::optional<Request>> requested(const Session& session) {
  const Command& command = *session.arguments.command;
  WEIR_ASSIGN(auto parsed, parse_arguments(session.arguments));
  if (auto* request = std::get_if<Request>(&parsed)) {
    return std::move(*request);
  }
  if (std::holds_alternative<command::Control>(parsed)) {
    return fail(Failure::usage, std::string(command.name) + " works in batch only", "see: weir help batch");
  }
  if (const auto* known = std::get_if<Reply>(&parsed)) {
    write_answer(session.out.text(), session.settings, *known);
    return std::nullopt;
  }
  const auto& doubtful = std::get<command::Doubtful>(parsed);
  if (!errors_are_replies(session.settings.format)) {
    return tl::unexpected<Error>(doubtful.error);
  }
  WEIR_ASSIGN(const auto looked, open_for(session));
  WEIR_ASSIGN(const Reply reply, command::settle(*looked, doubtful));
  write_answer(session.out.text(), session.settings, reply);
  return std::nullopt;
}

Result<int> run_one(const Session& session, Store& store, const Request& request) {
  WEIR_ASSIGN(const Reply reply, store.execute(request));
  if (!session.arguments.options.has("--quiet")) {
    write_answer(session.out.text(), session.settings, reply);
  }
  return is_nothing(reply) || (session.arguments.command->zero_is_nothing && is_zero(reply)) ? 1 : 0;
}

Result<int> run_request(const Session& session) {
  WEIR_ASSIGN(const auto request, requested(session));
  if (!request) {
    return 0;
  }
  WEIR_ASSIGN(const auto store, open_for(session));
  return run_one(session, *store, *request);
}

}  // namespace weir::cli
