// `weir top`.
#include <unistd.h>

#include <algorithm>

#include "cli/arguments/fill.h"
#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "cli/run/terminal_signals.h"
#include "redis/wire/url.h"
#include "top/loop.h"

namespace weir::cli {
namespace {

/// After so long, a server that does not answer is reported, before a user thinks that the view hangs.
constexpr Millis kPatience{3'000};
/// How long the program waits for the store when it ends.
constexpr Millis kEnd{1'000};

/// The name as it is shown: without the password of a URL.
std::string shown_name(const std::string& database) {
  const std::size_t scheme = database.find("://");
  const std::size_t at = redis::url_scheme(database).empty() ? std::string::npos : database.rfind('@');
  return at == std::string::npos ? database : database.substr(0, scheme + 3) + database.substr(at + 1);
}

}  // namespace

Result<int> run_top(const Session& session) {
  constexpr Millis kLong = std::chrono::minutes(10);
  const Arguments& arguments = session.arguments;
  WEIR_TRY(check_none_is_empty(arguments));
  top::LookoutOptions options;
  if (!arguments.words.empty()) {
    options.pattern = std::string(arguments.words[0]);
  }
  options.stuck_after = arguments.options.time("--stuck-after").value_or(kLong);
  options.open = [settings = session.settings](Access access) {
    Settings patient = settings;
    patient.lock_timeout = std::min(settings.lock_timeout, kPatience);
    return open_store(patient, access);
  };
  const StopSignals stops;
  const TerminalSignals of_terminal;
  WEIR_ASSIGN(auto store, options.open(Access::look));
  WEIR_ASSIGN(auto screen, top::Screen::open(may_escape(arguments.options, STDOUT_FILENO)));
  top::App app({shown_name(session.settings.database), arguments.options.text("--sort").value_or("")});
  top::Lookout lookout(std::move(options), std::move(store));
  top::run(*screen, app, lookout,
           {stop_descriptor(), TerminalSignals::descriptor(), TerminalSignals::take, TerminalSignals::stop});
  screen.reset();
  if (!lookout.end_within(kEnd)) {
    end_by_stop_signal();
    ::_exit(0);  // the thread waits for a server that does not answer; nothing that it does can be lost
  }
  return 0;
}

}  // namespace weir::cli
