// `weir copy --follow`: opens the two sides, handles signals, and reports to the user.
#include <poll.h>

#include <filesystem>

#include "cli/run/progress_line.h"
#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "copy/follow.h"
#include "io/json_writer.h"
#include "redis/wire/url.h"

namespace weir::cli {

namespace {

constexpr const char* kGroup = "weir-copy";

// A server that is silent for longer than kAnswer counts as away: that is reported, and a signal ends the wait. Looking
// for a server that was away takes no longer than kConnect.
constexpr Millis kAnswer{5'000};
constexpr Millis kConnect{1'000};

bool is_missing(const std::string& file) {
  std::error_code unreadable;  // opening the file will tell the reason
  return std::filesystem::status(file, unreadable).type() == std::filesystem::file_type::not_found;
}

/// A file that existed is not made anew, as it may come back. The source is never made.
copy::FollowEnd end_of(const Session& session, const std::string& database, bool is_source) {
  const bool server = redis::is_server(database);
  const auto open = [&session, database, is_source, server](bool again) -> Result<std::unique_ptr<Store>> {
    Settings settings = session.settings;
    settings.database = database;
    if (!server && (is_source || again) && is_missing(database)) {
      return fail(Failure::store, database + ": there is no such database");
    }
    if (server && !session.arguments.options.has("--lock-timeout")) {
      settings.lock_timeout = kAnswer;
    }
    if (server && again) {
      Settings only_look = settings;
      only_look.lock_timeout = std::min(settings.lock_timeout, kConnect);
      WEIR_TRY(open_store(only_look, Access::make));
    }
    return open_store(settings, Access::make);
  };
  return {open, is_source ? "FROM" : "TO", server};
}

Result<copy::FollowOptions> read_options(const Session& session) {
  const Arguments& arguments = session.arguments;
  for (const char* option : {"--append", "--replace", "--dry-run"}) {
    if (arguments.options.has(option)) {
      return fail(Failure::usage, std::string("--follow does not go with ") + option);
    }
  }
  copy::FollowOptions options;
  options.streams.assign(arguments.words.begin() + 2, arguments.words.end());
  options.group = arguments.options.text("--group").value_or(kGroup);
  options.new_ids = arguments.options.has("--new-ids");
  return options;
}

/// Sleeps. False: a signal came.
bool rest(Millis time) {
  pollfd stop{stop_descriptor(), POLLIN, 0};
  ::poll(&stop, 1, static_cast<int>(time.count()));
  return stop_signal() == 0;
}

void write_followed(std::string& out, const copy::Followed& followed) {
  io::JsonWriter json(out);
  json.object([&] {
    json.member("stream", followed.stream);
    json.member("action", "follow");
    json.member("copied", followed.entries);
    json.member("last", std::optional(followed.last));
  });
  out += '\n';
}

}  // namespace

Result<int> run_follow(const Session& session) {
  const std::string from(session.arguments.words[0]);
  const std::string to(session.arguments.words[1]);
  WEIR_ASSIGN(copy::FollowOptions options, read_options(session));
  const StopSignals signals;
  options.interrupt = stop_descriptor();
  std::vector<copy::Followed> followed;
  Result<void> result;
  {
    ProgressLine line(session, "copied", {}, true);
    const auto say = [&line](const std::string& text) {
      line.erase();
      report({Failure::store, text});
    };
    const auto progress = [&line](std::uint64_t copied) { line.show({copied, 0, 0}); };
    const auto is_over = [] { return stop_signal() != 0; };
    result = copy::follow(end_of(session, from, true), end_of(session, to, false), options,
                          {say, rest, is_over, progress}, followed);
  }
  for (const copy::Followed& stream : followed) {
    write_followed(session.out.text(), stream);
  }
  WEIR_TRY(session.out.flush());
  WEIR_TRY(result);
  return 0;
}

}  // namespace weir::cli
