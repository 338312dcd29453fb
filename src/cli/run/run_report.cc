// `weir check`, `weir metrics` and `weir report`.
#include "cli/arguments/fill.h"
#include "cli/run/session.h"
#include "cli/run/stop_signals.h"
#include "io/whole_file.h"
#include "report/check.h"
#include "report/metrics.h"
#include "report/page.h"
#include "system/clock.h"

namespace weir::cli {
namespace {

report::Limit limit_of(const Options& options, const std::string& name) {
  const auto value = [&](const std::string& option) -> std::optional<std::uint64_t> {
    const auto number = options.number(option);
    return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
  };
  return {value("--warn-" + name), value("--" + name)};
}

report::Limits limits_of(const Options& options) {
  report::Limits limits{.oldest = limit_of(options, "oldest"),
                        .waiting = limit_of(options, "waiting"),
                        .pending = limit_of(options, "pending"),
                        .held = limit_of(options, "held"),
                        .dead = limit_of(options, "dead"),
                        .idle_group = limit_of(options, "idle-group"),
                        .log = limit_of(options, "log"),
                        .backup = limit_of(options, "backup")};
  if (!limits.any()) {
    constexpr std::uint64_t kMinute = 60'000;
    limits.oldest.critical = 10 * kMinute;
    limits.waiting.critical = 1'000;
    limits.pending.critical = 100;
    limits.held.critical = 60 * kMinute;
    limits.dead.critical = 0;
    limits.idle_group.critical = 24 * 60 * kMinute;
  }
  return limits;
}

}  // namespace

Result<int> run_check(const Session& session) {
  const Arguments& arguments = session.arguments;
  WEIR_TRY(check_none_is_empty(arguments));
  const auto word = [&](std::size_t at) {
    return at < arguments.words.size() ? std::string(arguments.words[at]) : std::string();
  };
  const report::Limits limits = limits_of(arguments.options);
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::look));
  WEIR_ASSIGN(const report::Checked checked, report::check(*store, word(0), word(1), limits));
  if (asks_for_json(arguments.options)) {
    report::write_checked(session.out.text(), checked, limits);
  } else {
    session.out.text() += report::status_line(checked, limits) + "\n";
  }
  return static_cast<int>(checked.level());
}

Result<int> run_metrics(const Session& session) {
  const Arguments& arguments = session.arguments;
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::look));
  const auto file = arguments.options.text("--file");
  if (!file) {
    WEIR_TRY(report::write_metrics(session.out.text(), *store));
    return 0;
  }
  std::string text;
  WEIR_TRY(report::write_metrics(text, *store));
  const StopSignals noted;  // notes signals, so that the partial file is removed
  WEIR_TRY(io::write_whole_file(*file, text));
  return 0;
}

Result<int> run_report(const Session& session) {
  constexpr Millis kDay = std::chrono::hours(24);
  const Arguments& arguments = session.arguments;
  WEIR_TRY(check_none_is_empty(arguments));
  const UnixMs now = unix_now();
  report::ActivityOptions options;
  options.streams.assign(arguments.words.begin(), arguments.words.end());
  for (const std::string_view log : arguments.options.texts("--log")) {
    options.logs.emplace_back(log);
  }
  const auto since = arguments.options.time("--since");
  options.window = report::window_up_to(now, since ? std::max(Millis(0), now - *since) : kDay);
  WEIR_ASSIGN(const auto store, open_store(session.settings, Access::look));
  WEIR_ASSIGN(const report::Activity activity, report::activity_of(*store, options));
  report::write_page(session.out.text(), activity, now);
  return 0;
}

}  // namespace weir::cli
