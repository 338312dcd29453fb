#include "report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/terminal_text.h"
#include "text/moment.h"

namespace weir::report {
namespace {

constexpr std::size_t kMostShown = 200;

// In units of the chart.
constexpr double kWidth = 720;
constexpr double kHeight = 200;
constexpr double kLeft = 56;
constexpr double kRight = 12;
constexpr double kTop = 12;
constexpr double kBottom = 28;

/// The next larger of 1, 2 and 5 times a power of ten.
double round_up(double value) {
  if (value <= 0) {
    return 1;
  }
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (value <= step * power * (1 + 1e-9)) {
      return step * power;
    }
  }
  return 10 * power;
}

std::string line_of(const std::vector<double>& values, double top) {
  std::string points;
  const double step = (kWidth - kLeft - kRight) / static_cast<double>(std::max<std::size_t>(values.size(), 1));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = kLeft + step * (static_cast<double>(i) + 0.5);
    const double y = kHeight - kBottom - values[i] / top * (kHeight - kTop - kBottom);
    points += fmt::format("{}{:.1f},{:.1f}", i == 0 ? "" : " ", x, y);
  }
  return points;
}

const char* class_of(const Head& head) {
  switch (head.of) {
    case Head::Of::figures:
      return " class=\"n\"";
    case Head::Of::times:
      return " class=\"t\"";
    case Head::Of::ids:
      return " class=\"i\"";
    case Head::Of::text:
      break;
  }
  return "";
}

}  // namespace

std::string html(std::string_view text) {
  std::string safe;
  for (const char c : io::visible(text, kMostShown).text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string utc_minute(UnixMs time) {
  constexpr std::size_t kDay = 10;
  constexpr std::size_t kMinute = 16;
  std::string text = utc_time(time);
  if (text.size() > kMinute && text[kDay] == 'T') {
    text.resize(kMinute);
    text[kDay] = ' ';
  }
  return text;
}

std::string duration_text(Millis time) {
  const auto ms = static_cast<double>(time.count());
  constexpr double kSecond = 1'000;
  constexpr double kMinute = 60 * kSecond;
  constexpr double kHour = 60 * kMinute;
  if (ms < kSecond) {
    return fmt::format("{} ms", time.count());
  }
  if (ms < 2 * kMinute) {
    return fmt::format("{:.1f} s", ms / kSecond);
  }
  if (ms < 2 * kHour) {
    return fmt::format("{:.0f} min", ms / kMinute);
  }
  return ms < 48 * kHour ? fmt::format("{:.1f} h", ms / kHour) : fmt::format("{:.0f} d", ms / (24 * kHour));
}

std::string rate_text(double rate) {
  constexpr double kWhole = 100;
  return rate < kWhole ? fmt::format("{:.3g}", rate) : fmt::format("{:.0f}", rate);
}

HtmlTable::HtmlTable(std::string& out, std::string_view caption, std::vector<Head> heads)
    : out_(out), heads_(std::move(heads)) {
  out_ += fmt::format("<div class=\"wide\" tabindex=\"0\"><table><caption>{}</caption>\n<thead><tr>", caption);
  for (const Head& head : heads_) {
    out_ += fmt::format("<th scope=\"col\"{}>{}</th>", class_of(head), head.title);
  }
  out_ += "</tr></thead>\n<tbody>\n";
}

HtmlTable::~HtmlTable() {
  out_ += "</tbody></table></div>\n";
}

void HtmlTable::row(const std::vector<std::string>& cells) {
  out_ += "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    out_ += fmt::format("<td{}>{}</td>", class_of(heads_[i]), cells[i]);
  }
  out_ += "</tr>\n";
}

void append_chart(std::string& out, const Chart& chart) {
  double most = 0;
  for (const auto* values : {&chart.in, &chart.out}) {
    for (const double value : *values) {
      most = std::max(most, value);
    }
  }
  const double top = round_up(most);
  out += fmt::format(
      "<figure><figcaption>{1}</figcaption><div class=\"wide\" tabindex=\"0\"><svg viewBox=\"0 0 {3} {4}\" "
      "role=\"img\" "
      "aria-labelledby=\"{0}-t {0}-d\"><title id=\"{0}-t\">{1}</title><desc id=\"{0}-d\">{2}</desc>\n",
      chart.id, chart.title, chart.description, kWidth, kHeight);
  for (const double part : {0.0, 0.5, 1.0}) {
    const double y = kHeight - kBottom - part * (kHeight - kTop - kBottom);
    out += fmt::format(
        "<line class=\"grid\" x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\"/><text x=\"{}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{}</text>",
        kLeft, y, kWidth - kRight, y, kLeft - 6, y + 4, rate_text(part * top));
  }
  constexpr int kTimes = 4;
  for (int i = 0; i <= kTimes; ++i) {
    const double x = kLeft + (kWidth - kLeft - kRight) * i / kTimes;
    const UnixMs time = chart.from + (chart.to - chart.from) * i / kTimes;
    const std::string text = utc_minute(time);
    const char* anchor = i == 0 ? "start" : i == kTimes ? "end" : "middle";
    out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"{}\">{}</text>", x, kHeight - 8, anchor,
                       text.size() > 5 ? text.substr(5) : text);
  }
  out += fmt::format("\n<polyline class=\"in\" points=\"{}\"/>\n", line_of(chart.in, top));
  if (!chart.out.empty()) {
    out += fmt::format("<polyline class=\"out\" points=\"{}\"/>\n", line_of(chart.out, top));
  }
  out += "</svg></div></figure>\n";
}

}  // namespace weir::report
