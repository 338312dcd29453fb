// What check, metrics and report print for figures and for foreign words.
#include "catch.h"
#include "report/activity.h"
#include "report/html.h"
#include "report/metrics.h"

namespace weir::report {

TEST_CASE("How durations are spread is known to about 6 %, in constant memory", "[report]") {
  Spread spread;
  for (int i = 1; i <= 1000; ++i) {
    spread.add(Millis(i * 7));
  }
  CHECK(spread.count() == 1000);
  CHECK(spread.most() == Millis(7000));
  CHECK(spread.up_to(1) == Millis(7000));
  for (const int percent : {1, 10, 50, 90, 95, 99}) {
    const auto exact = static_cast<double>(percent) * 70;
    const auto found = static_cast<double>(spread.up_to(percent / 100.0).count());
    CHECK(found >= exact * 0.99);
    CHECK(found <= exact * 1.07);
  }
  Spread longest;
  longest.add(Millis::max());
  longest.add(Millis(0));
  CHECK(longest.up_to(0.5) == Millis(0));
  CHECK(longest.up_to(1) == Millis::max());
}

TEST_CASE("A window has some hundred steps of whole minutes, and ends with the one that is now", "[report]") {
  const UnixMs now(1'795'878'000'123);
  for (const auto& [length, step, steps] :
       {std::tuple{Millis(std::chrono::hours(24)), Millis(std::chrono::minutes(15)), 96},
        std::tuple{Millis(std::chrono::hours(1)), Millis(std::chrono::minutes(1)), 60},
        std::tuple{Millis(0), Millis(std::chrono::minutes(1)), 1},
        std::tuple{Millis(std::chrono::hours(24 * 7)), Millis(std::chrono::hours(2)), 84}}) {
    const Window window = window_up_to(now, length);
    CHECK(window.step == step);
    CHECK(window.steps == static_cast<std::size_t>(steps));
    CHECK(window.at(now) == window.steps - 1);
    CHECK(window.at(window.from) == 0U);
    CHECK_FALSE(window.at(window.from - Millis(1)));
    CHECK_FALSE(window.at(window.to()));
  }
  // A span that is longer than there has been time begins when time does.
  const Window all = window_up_to(now, now);
  CHECK(all.from >= UnixMs(0));
  CHECK(all.at(now) == all.steps - 1);
}

TEST_CASE("No two names are the same label", "[report]") {
  CHECK(label_value("emails") == "emails");
  CHECK(label_value("a\"b\\c\nd") == "a\\\"b\\\\c\\nd");
  CHECK(label_value("\xff") == "base64:/w==");
  CHECK(label_value("base64:/w==") == "base64:YmFzZTY0Oi93PT0=");
  CHECK(label_value(std::string_view("\0", 1)) == "base64:AA==");
}

TEST_CASE("Words of others are text on a page", "[report]") {
  CHECK(html("<b> & \"'") == "&lt;b&gt; &amp; &quot;&#39;");
  CHECK(html("a\nb\x1b\u202e") == "a\\nb\\x1b\\u202e");
  CHECK(html(std::string(1000, 'x')).size() < 210);
}

}  // namespace weir::report
