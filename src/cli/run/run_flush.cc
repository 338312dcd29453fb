// FLUSHALL, which asks for confirmation.
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "cli/run/answer.h"
#include "cli/run/session.h"
#include "io/terminal_text.h"
#include "redis/wire/url.h"

namespace weir::cli {

namespace {

// The name of the store, without a password.
Result<std::string> name_of_store(const Settings& settings) {
  if (!redis::is_server(settings.database)) {
    return settings.database;
  }
  WEIR_ASSIGN(const redis::Endpoint server, redis::parse_redis_url(settings.database));
  return server.name() + (server.database == 0 ? "" : ", database " + std::to_string(server.database));
}

// "2 streams with 7 entries": everything in the store.
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

// Whether the user confirms.
Result<bool> confirm_flush(const Session& session) {
  if (session.arguments.options.has("--force")) {
    return true;
  }
  WEIR_ASSIGN(const std::string where, name_of_store(session.settings));
  // A server may also hold the keys of other programs, which FLUSHALL deletes, too.
  const bool server = redis::is_server(session.settings.database);
  if (::isatty(STDIN_FILENO) == 0) {
    return fail(Failure::usage, std::string(session.arguments.command->name) + " deletes every " +
                                    (server ? "key, streams and all others, of " : "stream of ") + where +
                                    "; off a terminal it needs --force");
  }
  WEIR_ASSIGN(std::string what, all_streams(session.settings));
  what += server ? ", and every other key," : "";
  std::fputs(io::visible("Delete " + what + " from " + where + "? [y/N] ").text.c_str(), stderr);
  // Another program may have set O_NONBLOCK on the terminal, so an empty read does not mean no.
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

// Lists what would be deleted.
Result<int> list_all(const Session& session) {
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::look));
  WEIR_ASSIGN(Names names, store->run(Keys{}));
  const bool none = names.names.empty();
  write_answer(session.out.text(), session.settings, std::move(names));
  WEIR_TRY(session.out.flush());
  if (redis::is_server(session.settings.database)) {
    std::fputs("weir: and every other key of the server's database\n", stderr);
  }
  return none ? 1 : 0;
}

}  // namespace

Result<int> run_flush(const Session& session) {
  // A wrong command line is reported before anything is asked.
  WEIR_ASSIGN(const auto request, requested(session));
  if (!request) {
    return 0;
  }
  if (session.arguments.options.has("--dry-run")) {
    return list_all(session);
  }
  WEIR_ASSIGN(const bool confirmed, confirm_flush(session));
  if (!confirmed) {
    return 1;
  }
  WEIR_ASSIGN(const auto store, open_for(session));
  return run_one(session, *store, *request);
}

}  // namespace weir::cli
