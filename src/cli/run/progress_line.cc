#include "cli/run/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/run/stop_signals.h"
#include "io/output.h"
#include "io/terminal_text.h"
#include "system/terminal.h"
#include "text/duration.h"

namespace weir::cli {
namespace {

constexpr std::chrono::seconds kFirst(1);  // work that takes only a moment needs no line
constexpr std::chrono::milliseconds kPause(200);

std::string rate_text(double rate) {
  return rate < 10 ? fmt::format("{:.1f}/s", rate) : fmt::format("{:.0f}/s", rate);
}

}  // namespace

std::string progress_text(const Progress& begin, const Progress& now, std::chrono::duration<double> passed) {
  if (now.count == 0 && now.whole == 0) {
    return "for " + short_time(std::chrono::duration_cast<std::chrono::milliseconds>(passed));
  }
  std::string text = fmt::format("{} message{}", now.count, now.count == 1 ? "" : "s");
  if (passed.count() > 0) {
    text += ", " + rate_text(static_cast<double>(now.count - begin.count) / passed.count());
  }
  if (now.whole == 0 || now.done > now.whole) {
    return text;  // the input may grow meanwhile
  }
  text +=
      fmt::format(", {} %", static_cast<int>(100.0 * static_cast<double>(now.done) / static_cast<double>(now.whole)));
  if (now.done > begin.done) {
    constexpr double kMost = 1e9;
    const double each = passed.count() / static_cast<double>(now.done - begin.done);
    const double left = std::min(each * static_cast<double>(now.whole - now.done), kMost);
    text += ", " + short_time(std::chrono::milliseconds(static_cast<std::int64_t>(left * 1000))) + " left";
  }
  return text;
}

ProgressLine::ProgressLine(const Session& session, const std::string& what, Progress begin, bool alone)
    : what_(io::visible(what).text),
      begin_(begin),
      on_(alone && !session.arguments.options.has("--quiet") && may_escape(session.arguments.options, STDERR_FILENO)),
      next_(begun_ + kFirst) {}

ProgressLine::~ProgressLine() {
  erase();
}

void ProgressLine::erase() {
  if (shown_) {
    static_cast<void>(io::write_all(STDERR_FILENO, kEraseLine));
    erase_line_at_end(false);
    shown_ = false;
  }
}

void ProgressLine::show_if_due(const Progress& now) {
  const auto time = Clock::now();
  if (time < next_) {
    return;
  }
  next_ = time + kPause;
  if (!is_in_foreground(STDERR_FILENO)) {
    return;
  }
  constexpr std::size_t kUsual = 80;
  // One column less than the terminal has: after the last column, some terminals begin a new line.
  const std::size_t columns = std::max<std::size_t>(terminal_columns(STDERR_FILENO).value_or(kUsual), 2) - 1;
  const std::string text = "weir: " + what_ + ": " + progress_text(begin_, now, time - begun_);
  shown_ = true;
  erase_line_at_end(true);
  static_cast<void>(io::write_all(STDERR_FILENO, "\r" + io::visible(text, columns).text + "\x1b[K"));
}

}  // namespace weir::cli
