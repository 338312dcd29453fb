// `weir top` without a terminal: how it handles figures, keys and foreign words.
#include <algorithm>

#include "catch.h"
#include "top/app.h"
#include "top/minute.h"
#include "top/pretty.h"

namespace weir::top {
namespace {

using std::chrono::seconds;

const SteadyTime kStart = SteadyTime() + std::chrono::hours(1);

Now at(int after) {
  return {UnixMs(1'795'878'000'000) + seconds(after), kStart + seconds(after)};
}

SeenStream stream_of(const std::string& name, std::uint64_t waiting, int seen = 0) {
  SeenStream stream;
  stream.queue.name = name;
  stream.queue.added = 1000;
  stream.queue.length = 1000;
  report::GroupQueue group;
  group.name = "workers";
  group.waiting = waiting;
  stream.queue.groups.push_back(group);
  stream.stuck_groups.emplace_back();
  stream.deep = true;
  stream.at = at(seen).wall;
  stream.seen = at(seen).steady;
  return stream;
}

News news_of(std::vector<SeenStream> streams) {
  News news;
  news.all = FoundStreams{true, {}, std::move(streams)};
  return news;
}

std::string text_of(const Line& line) {
  std::string text;
  for (const io::Cell& cell : line.cells) {
    text += cell.text.text;
  }
  return text;
}

std::size_t width_of(const Line& line) {
  std::size_t width = 0;
  for (const io::Cell& cell : line.cells) {
    width += cell.text.width;
  }
  return width;
}

std::string shown(App& app, int after = 0) {
  std::string text;
  for (const Line& line : app.frame(at(after)).lines) {
    text += (line.fill == Line::Fill::selected ? ">" : "") + text_of(line) + "\n";
  }
  return text;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Key letter(char c) {
  return {Key::Name::character, static_cast<char32_t>(c)};
}

/// In the pending list of the group of a stream, which has one message.
App at_pending() {
  App app({"db"});
  app.take(news_of({stream_of("mail", 3)}), at(0));
  app.press({Key::Name::enter}, at(0));
  FoundPlace groups;
  groups.place = app.want().place;
  groups.at = at(0).wall;
  groups.stream = stream_of("mail", 3);
  News news;
  news.place = groups;
  app.take(news, at(0));
  app.press({Key::Name::enter}, at(0));
  FoundPlace pending = groups;
  pending.place = app.want().place;
  pending.pending.push_back({Id{7, 1}, "ann", Millis(5'000), 2, {}});
  news.place = pending;
  app.take(news, at(0));
  return app;
}

}  // namespace

TEST_CASE("A rate is that of the last minute, or since the first look", "[top]") {
  Minute minute;
  CHECK_FALSE(minute.per_second(kStart));
  minute.note(1'000'000, kStart);
  CHECK_FALSE(minute.per_second(kStart));
  minute.note(1'000'020, kStart + seconds(10));
  CHECK(minute.per_second(kStart + seconds(10)) == 2);
  CHECK(minute.per_second(kStart + seconds(20)) == 1);
  minute.note(1'000'080, kStart + seconds(50));
  CHECK(minute.per_second(kStart + seconds(60)) == 80 / 60.0);
  CHECK(minute.per_second(kStart + seconds(71)) == 1);
  CHECK(minute.per_second(kStart + seconds(111)) == 0);
}

TEST_CASE("A counter that goes back has not moved", "[top]") {
  Minute minute;
  minute.note(500, kStart);
  minute.note(3, kStart + seconds(5));
  CHECK(minute.per_second(kStart + seconds(10)) == 0);
  minute.note(13, kStart + seconds(10));
  CHECK(minute.per_second(kStart + seconds(10)) == 1);
}

TEST_CASE("A counter that moves all the time is right to about a second in a minute", "[top]") {
  Minute minute;
  for (int tick = 0; tick <= 100'000; ++tick) {
    minute.note(static_cast<std::uint64_t>(tick) * 10, kStart + std::chrono::milliseconds(tick * 5));
  }
  const double rate = *minute.per_second(kStart + seconds(500));
  CHECK(rate > 1950);
  CHECK(rate < 2050);
}

TEST_CASE("Rates are shown in the unit in which they can be read", "[top]") {
  const auto text = [](std::optional<double> rate) { return rate_cell(rate).text.text; };
  CHECK(text(std::nullopt) == "-");
  CHECK(text(0) == "0");
  CHECK(text(1 / 60.0) == "1/m");
  CHECK(text(0.001) == "1/m");
  CHECK(text(3.44) == "3.4/s");
  CHECK(text(120) == "120/s");
  CHECK(text(12'345) == "12k/s");
}

TEST_CASE("JSON is indented, and nothing else is taken for it", "[top]") {
  CHECK(pretty_json(R"({"a":[1,{"b":"x,y:{"}],"c":{},"d":[]})") ==
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x,y:{\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}");
  for (const char* text : {"", "1", "\"a\"", "{", "{]", "[1]x", "{\"a", "{\"a\\\"}", "[1][2]", "]"}) {
    CHECK_FALSE(pretty_json(text));
  }
  CHECK_FALSE(pretty_json(std::string(1000, '[') + std::string(1000, ']')));
}

TEST_CASE("Columns give way in their order, and what names a row stays", "[top]") {
  const std::vector<Column> columns{{"NAME", false, 0, true}, {"P", true, 2}, {"Q", true, 0}, {"R", true, 1}};
  const std::vector<std::size_t> widths{40, 5, 5, 5};
  const auto heading = [&](std::size_t width) { return text_of(Layout(columns, widths, width).heading()); };
  CHECK(has(heading(100), "P"));
  CHECK_FALSE(has(heading(28), "P"));
  CHECK(has(heading(28), "R"));
  CHECK_FALSE(has(heading(20), "R"));
  CHECK(has(heading(20), "NAME"));
  CHECK(has(heading(20), "Q"));
  for (std::size_t width = 20; width < 120; ++width) {
    CHECK(width_of(Layout(columns, widths, width).heading()) <= width);
  }
}

TEST_CASE("The cursor stays on its stream while others come, go and overtake it", "[top]") {
  App app({"db"});
  app.resize({24, 80});
  app.take(news_of({stream_of("a", 5), stream_of("b", 4), stream_of("c", 3)}), at(0));
  CHECK(has(shown(app), ">a "));
  app.press({Key::Name::down}, at(0));
  CHECK(has(shown(app), ">b "));
  app.take(news_of({stream_of("c", 30), stream_of("d", 20), stream_of("b", 1), stream_of("a", 5)}), at(1));
  CHECK(has(shown(app), ">b "));
  app.take(news_of({stream_of("c", 30), stream_of("d", 20), stream_of("a", 5)}), at(2));
  CHECK(has(shown(app), ">a "));
  app.take(news_of({}), at(3));
  CHECK(has(shown(app), "There are no streams."));
  CHECK(app.press({Key::Name::enter}, at(3)));
}

TEST_CASE("Streams of which only some were looked at stay where they are", "[top]") {
  App app({"db"});
  app.take(news_of({stream_of("a", 5), stream_of("b", 4)}), at(0));
  News news;
  news.some.push_back({false, {"a", "b"}, {stream_of("b", 40)}});
  app.take(news, at(1));
  const std::string text = shown(app);
  CHECK(has(text, ">b "));
  CHECK_FALSE(has(text, "\na "));
}

TEST_CASE("What changes something asks first, and only y does it", "[top]") {
  for (const auto& [key, what] : {std::pair{'a', Action::Do::ack}, {'n', Action::Do::nack}, {'P', Action::Do::pause}}) {
    App app = at_pending();
    app.press(letter(key), at(0));
    CHECK(has(shown(app), "[y/N]"));
    CHECK_FALSE(app.take_action());
    for (const Key& no : {letter('n'), Key{Key::Name::enter}, letter(' '), Key{Key::Name::escape}}) {
      app.press(no, at(0));
      CHECK_FALSE(app.take_action());
      CHECK(has(shown(app), "nothing was done"));
      app.press(letter(key), at(0));
    }
    app.press(letter('y'), at(0));
    const auto action = app.take_action();
    REQUIRE(action);
    CHECK(action->what == what);
    CHECK(action->stream == "mail");
    CHECK(action->group == "workers");
    CHECK(action->ids == (key == 'P' ? std::vector<Id>() : std::vector<Id>{{7, 1}}));
    CHECK_FALSE(app.take_action());
  }
}

TEST_CASE("What is asked about is what was under the cursor, whatever comes meanwhile", "[top]") {
  App app = at_pending();
  app.press(letter('a'), at(0));
  FoundPlace later;
  later.place = app.want().place;
  later.stream = stream_of("mail", 3);
  later.pending.push_back({Id{9, 9}, "bob", Millis(1), 1, {}});
  News news;
  news.place = later;
  app.take(news, at(1));
  CHECK(has(shown(app), "7-1"));
  app.press(letter('y'), at(1));
  CHECK(app.take_action()->ids == std::vector<Id>{{7, 1}});
}

TEST_CASE("A place that has gone is left", "[top]") {
  App app = at_pending();
  FoundPlace gone;
  gone.place = app.want().place;
  gone.gone = true;
  News news;
  news.place = gone;
  app.take(news, at(1));
  CHECK(app.want().place.kind == Kind::groups);
  CHECK(has(shown(app), "group workers of mail is gone"));
}

TEST_CASE("Each group in the list says why it is stuck itself", "[top]") {
  App app({"db"});
  app.take(news_of({stream_of("mail", 3)}), at(0));
  app.press({Key::Name::enter}, at(0));
  FoundPlace groups;
  groups.place = app.want().place;
  groups.stream = stream_of("mail", 3);
  groups.stream->queue.groups.resize(3);
  groups.stream->queue.groups[0].name = "x";
  groups.stream->queue.groups[1].name = "x: y";
  groups.stream->queue.groups[2].name = "z";
  groups.stream->stuck_groups = {std::nullopt, "nobody asks", "paused"};
  groups.stream->stuck = "x: y: nobody asks; and 1 more group";
  News news;
  news.place = groups;
  app.take(news, at(0));
  std::vector<std::string> remarks;
  for (const Line& line : app.frame(at(0)).lines) {
    const std::string text = text_of(line);
    if (text.starts_with("x ") || text.starts_with("x: y ") || text.starts_with("z ")) {
      remarks.emplace_back(has(text, "nobody asks") ? "nobody asks" : has(text, "paused") ? "paused" : "");
    }
  }
  CHECK(remarks == std::vector<std::string>{"", "nobody asks", "paused"});
}

TEST_CASE("Ages go on between two looks, and stand still while the view is paused", "[top]") {
  App app = at_pending();
  app.resize({24, 80});
  CHECK(has(shown(app, 0), "5s"));
  CHECK(has(shown(app, 7), "12s"));
  app.press(letter('p'), at(7));
  CHECK(app.want().paused);
  CHECK(has(shown(app, 60), "12s"));
  CHECK(has(shown(app, 60), "PAUSED"));
  app.press(letter('p'), at(60));
  CHECK(has(shown(app, 60), "1m"));
}

TEST_CASE("A filter is found anywhere in a name, or is a glob", "[top]") {
  CHECK(filter_fits("AIL", "Email"));
  CHECK(filter_fits("e*l", "Email"));
  CHECK_FALSE(filter_fits("m*l", "Email"));
  App app({"db"});
  app.take(news_of({stream_of("mail", 5), stream_of("order", 4)}), at(0));
  for (const char c : std::string("/ord")) {
    app.press(letter(c), at(0));
  }
  CHECK_FALSE(has(shown(app), "mail"));
  app.press({Key::Name::enter}, at(0));
  CHECK(has(shown(app), ">order"));
  app.press({Key::Name::escape}, at(0));
  CHECK(has(shown(app), "mail"));
  app.press(letter('/'), at(0));
  app.press(letter('q'), at(0));  // it is typed
  CHECK(has(shown(app), "Nothing fits the filter."));
}

TEST_CASE("Whatever the size of the screen, the frame is not larger", "[top]") {
  const std::string evil = "\x1b]0;x\x07\xff\u202e漢字\n" + std::string(1000, 'a');
  App app({"db"});
  constexpr int kMany = 100;
  std::vector<SeenStream> many;
  many.reserve(kMany);
  for (int i = 0; i < kMany; ++i) {
    many.push_back(stream_of(evil + std::to_string(i), static_cast<std::uint64_t>(i)));
  }
  app.take(news_of(many), at(0));
  for (const char key : std::string(" ?x/a")) {
    app.press(letter(key), at(0));
    for (std::size_t height = 1; height < 60; height += height < 9 ? 1 : 25) {
      for (const std::size_t width : {1, 2, 3, 5, 11, 40, 80, 300}) {
        app.resize({height, width});
        const Frame frame = app.frame(at(1));
        CHECK(frame.lines.size() <= height);
        for (const Line& line : frame.lines) {
          const std::string text = text_of(line);
          CHECK(std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }));
          CHECK_FALSE(has(text, "\u202e"));
        }
      }
    }
  }
}

TEST_CASE("On the smallest screen a question is what is seen", "[top]") {
  App app = at_pending();
  app.press(letter('a'), at(0));
  for (const std::size_t height : {1, 2, 3, 4, 5}) {
    app.resize({height, 80});
    CHECK(has(shown(app), "[y/N]"));
  }
}

}  // namespace weir::top
