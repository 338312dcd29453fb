#include "worker/news.h"

#include <algorithm>

#include "io/terminal_text.h"
#include "text/duration.h"

namespace weir::worker {
namespace {

using std::chrono::steady_clock;

std::string many(std::uint64_t count, const char* one, const char* more) {
  return std::to_string(count) + " " + (count == 1 ? one : more);
}

/// How messages ended, one word for each way; a zero count is shown only for `done`.
std::string ended(const Tally& tally) {
  std::string text = std::to_string(tally.done) + " done";
  const auto add = [&](std::uint64_t count, const char* word) {
    if (count > 0) {
      text += ", " + std::to_string(count) + " " + word;
    }
  };
  add(tally.failed, "failed");
  add(tally.later, "for later");
  add(tally.dead, "dead");
  add(tally.killed, "killed and given back");
  return text;
}

std::string remark(const AtFirst& stream) {
  if (stream.pause) {
    return stream.pause->left ? " (paused for another " + short_time(*stream.pause->left) + ")" : " (paused)";
  }
  return stream.untouched ? " (new: nothing was added yet)" : "";
}

std::string waiting(const InStreams& in) {
  std::string text = ", " + std::to_string(in.waiting) + " waiting";
  if (in.paused && in.waiting > 0) {
    return text + " (paused)";
  }
  if (in.held > 0) {
    text += " (" + std::to_string(in.held) + " held by others" +
            (in.taken_over ? ", taken over in " + short_time(*in.taken_over) : "") + ")";
  }
  return text;
}

}  // namespace

std::string News::beginning(std::span<const AtFirst> at_first) const {
  std::string text = "weir: group '" + options_.group + "' works on ";
  for (std::size_t i = 0; i < options_.streams.size(); ++i) {
    text += (i == 0 ? "'" : ", '") + options_.streams[i] + "'" + (i < at_first.size() ? remark(at_first[i]) : "");
  }
  text += ", " + many(options_.jobs, "command at a time", "commands at a time");
  std::string until;
  const auto add = [&](const std::string& what) { until += (until.empty() ? " until " : ", or ") + what; };
  if (options_.until_empty) {
    add("nothing is left");
  }
  if (options_.max_messages) {
    add(many(*options_.max_messages, "message has been taken", "messages have been taken"));
  }
  if (options_.max_time) {
    add(short_time(*options_.max_time) + " are over");
  }
  return text + (until.empty() ? "; Ctrl-C ends it" : until);
}

std::string News::progress(const UnderWay& under_way, std::size_t columns) const {
  std::string text = ended(tally) + ", " + std::to_string(under_way.running) + " running";
  const auto passed = std::chrono::duration<double>(steady_clock::now() - begun_).count();
  const double rate = passed > 0 ? static_cast<double>(tally.done) / passed : 0;
  if (under_way.in_streams) {
    text += waiting(*under_way.in_streams);
  }
  if (rate > 0) {
    const auto tenths = static_cast<std::uint64_t>(rate * 10);
    text += rate < 10 ? "; " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "/s"
                      : "; " + std::to_string(static_cast<std::uint64_t>(rate)) + "/s";
    // If others hold the messages, we can tell no pace for them.
    const auto& in = under_way.in_streams;
    if (in && in->waiting > 0 && in->held == 0 && !in->paused) {
      constexpr double kMost = 1e9;
      const double seconds = std::min(static_cast<double>(in->waiting) / rate, kMost);
      text += ", " + short_time(Millis(static_cast<Millis::rep>(seconds * 1000))) + " left";
    }
  }
  return io::visible(text, columns).text;
}

std::string News::stopping(std::size_t running) const {
  if (running == 0) {
    return "weir: ending";
  }
  return "weir: ending: " + many(running, "command runs on", "commands run on") + ", for " +
         short_time(options_.grace) + " at most; Ctrl-C once more kills " + (running == 1 ? "it" : "them");
}

std::string News::summary() const {
  const auto passed = std::chrono::duration_cast<Millis>(steady_clock::now() - begun_);
  return "weir: " + ended(tally) + " in " + short_time(passed);
}

}  // namespace weir::worker
