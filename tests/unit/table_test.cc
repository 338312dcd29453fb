#include "io/table/table.h"

#include <cstdlib>
#include <ctime>
#include <sstream>

#include "catch.h"
#include "io/table/table_entries.h"
#include "io/table/table_time.h"

namespace weir {
namespace {

using io::age_text;
using io::EntryTable;
using io::kAnyWidth;
using io::TableStyle;
using io::time_of;
using io::time_text;
using io::visible;
using io::write_table;

constexpr UnixMs kNow{1'526'919'090'000};  // 2018-05-21 16:11:30 UTC
constexpr std::uint64_t kThen = 1'526'919'030'474;

TableStyle style_of(std::size_t width = kAnyWidth) {
  return {width, false, width != kAnyWidth, true, kNow};
}

std::string table(const Reply& reply, std::size_t width = kAnyWidth) {
  std::string out;
  write_table(out, reply, style_of(width));
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

Entry entry(Id id, const char* fields) {
  return {id, Fields::from_json(fields), std::nullopt};
}

Entries stream(std::vector<Entry> entries) {
  return {"s", std::move(entries)};
}

}  // namespace

TEST_CASE("single values are a line each") {
  CHECK(table(Ok{}) == "OK\n");
  CHECK(table(Count{3}) == "3\n");
  CHECK(table(MaybeId(Id{5, 1})) == "5-1\n");
  CHECK(table(MaybeId()).empty());
  CHECK(table(Names{{"a", "b\x1b[2J"}}) == "a\nb\\x1b[2J\n");
}

TEST_CASE("entries with the same fields stand in columns, numbers to the right") {
  CHECK(table(stream({entry({1, 1}, R"({"name":"ann","age":9})"), entry({2, 1}, R"({"name":"bob","age":31.5})")})) ==
        "ID   name   age\n"
        "1-1  ann      9\n"
        "2-1  bob   31.5\n");
}

TEST_CASE("a field that few entries have stands after them as name=value") {
  CHECK(table(stream({entry({1, 1}, R"({"a":"x"})"), entry({2, 1}, R"({"a":"y","b":"two words","c":""})"),
                      entry({3, 1}, R"({"a":"z","a":"again"})")})) ==
        "ID   a\n"
        "1-1  x\n"
        "2-1  y  b=\"two words\" c=\"\"\n"
        "3-1  z  a=again\n");
}

TEST_CASE("IDs that are times have them beside them, with their age") {
  CHECK(table(stream({entry({kThen, 55}, R"({"a":"x"})"), entry({kThen - 90'000'000, 0}, R"({"a":"y"})")})) ==
        "ID                         TIME (UTC)  AGE  a\n"
        "1526919030474-55             16:10:30  59s  x\n"
        "1526829030474-0   2018-05-20 15:10:30   1d  y\n");
}

TEST_CASE("a deleted entry says so, and deliveries are shown") {
  Entries entries = stream({entry({1, 1}, R"({"a":"x"})"), {{2, 1}, std::nullopt, std::nullopt}});
  entries.entries[0].deliveries = 3;
  CHECK(table(StreamEntries{entries}) ==
        "ID   TRY  a\n"
        "1-1    3  x\n"
        "2-1       (deleted)\n");
}

TEST_CASE("with more than one stream each row names its own") {
  Entries other = stream({entry({2, 1}, R"({"a":"y"})")});
  other.stream = "t";
  CHECK(table(StreamEntries{stream({entry({1, 1}, R"({"a":"x"})")}), other}) ==
        "STREAM  ID   a\n"
        "s       1-1  x\n"
        "t       2-1  y\n");
}

TEST_CASE("no line is wider than the terminal, and the ID is whole") {
  const std::string long_value(500, 'x');
  const Reply reply =
      stream({entry({kThen, 0}, ("{\"a\":\"" + long_value + "\",\"b\":\"漢字漢字漢字漢字漢字漢字漢字漢字\"}").c_str()),
              entry({kThen, 1}, R"({"a":"short","b":"kurz","c":"only here"})")});
  for (const std::size_t width : {60U, 80U, 200U}) {
    for (const std::string& line : lines_of(table(reply, width))) {
      INFO(line);
      CHECK(visible(line).width <= width);
    }
    CHECK(table(reply, width).find("1526919030474-1 ") != std::string::npos);
    CHECK(table(reply, width).find("…") != std::string::npos);
  }
  CHECK(table(reply).find(long_value) != std::string::npos);
}

TEST_CASE("wide characters leave the columns in line") {
  CHECK(table(stream({entry({1, 1}, R"({"a":"漢字","b":"x"})"), entry({2, 1}, R"({"a":"é","b":"y"})")})) ==
        "ID   a     b\n"
        "1-1  漢字  x\n"
        "2-1  é     y\n");
}

TEST_CASE("later pages go on under the first page's heading") {
  EntryTable pages(style_of(40), false);
  std::string out;
  pages.add(out, stream({entry({1, 1}, R"({"a":"x","n":1})")}), kNow);
  pages.add(out, stream({entry({2, 1}, R"({"a":"a longer one","n":12})")}), kNow);
  pages.add(out, stream({entry({3, 1}, R"({"a":"y","n":3})")}), kNow);
  CHECK(out ==
        "ID   a  n\n"
        "1-1  x  1\n"
        "2-1  a longer one  12\n"
        "3-1  y              3\n");
}

TEST_CASE("a page of quite other fields begins a table of its own") {
  EntryTable pages(style_of(), false);
  std::string out;
  pages.add(out, stream({entry({1, 1}, R"({"a":"x"})")}), kNow);
  pages.add(out, stream({entry({2, 1}, R"({"b":"y"})")}), kNow);
  CHECK(out == "ID   a\n1-1  x\n\nID   b\n2-1  y\n");
}

TEST_CASE("on later pages too no line is wider than the terminal") {
  EntryTable pages(style_of(60), false);
  std::string out;
  pages.add(out, stream({entry({kThen, 0}, R"({"n":1,"who":"ann"})")}), kNow);
  const std::string long_value = "{\"n\":\"" + std::string(100, 'x') + "\",\"who\":\"" + std::string(100, 'y') + "\"}";
  pages.add(out, stream({entry({kThen - 90'000'000, 0}, long_value.c_str())}), kNow);
  pages.add(out, stream({entry({kThen, 2}, R"({"n":"something","who":"bob","more":"and yet more, and even more"})")}),
            kNow);
  for (const std::string& line : lines_of(out)) {
    INFO(line);
    CHECK(visible(line).width <= 60);
  }
}

TEST_CASE("a lag that is not known is not 0") {
  CHECK(table(GroupInfos{{{"g", 1, 2, {3, 0}, std::nullopt, std::nullopt}, {"h", 0, 0, {9, 0}, 9, 0}}}) ==
        "GROUP  CONSUMERS  PENDING  LAG  READ  LAST DELIVERED\n"
        "g              1        2    ?     ?  3-0\n"
        "h              0        0    0     9  9-0\n");
}

TEST_CASE("fields that only a newer server has are rows of what is one, and columns of what are many") {
  const PlainValue list{std::vector<PlainValue>{{std::int64_t{1}}, {"two\n"}, {}}};
  StreamInfo info;
  info.extra = {{"idmp-duration", {std::int64_t{100}}}, {"a\x1b[2J", list}, {"none", {}}};
  CHECK(
      table(info).ends_with("last-entry               -\n"
                            "idmp-duration            100\n"
                            "a\\x1b[2J                 [1, two\\n, -]\n"
                            "none                     -\n"));

  GroupInfos groups{{{"g", 1, 2, {3, 0}, 3, 0}, {"h", 0, 0, {9, 0}, 9, 0}}};
  groups.groups[0].extra = {{"nacked-count", {std::int64_t{7}}}};
  groups.groups[1].extra = {{"mode", {"x\x1b"}}};
  CHECK(table(groups) ==
        "GROUP  CONSUMERS  PENDING  LAG  READ  LAST DELIVERED  NACKED COUNT  MODE\n"
        "g              1        2    0     3  3-0                        7  -\n"
        "h              0        0    0     9  9-0                        -  x\\x1b\n");
}

TEST_CASE("many or long fields of a newer server make a table no wider than the terminal") {
  constexpr std::size_t kWidth = 80;
  ConsumerInfo consumer{"ann", 2, std::chrono::minutes(5), std::nullopt, {}};
  for (int i = 0; i < 1000; ++i) {
    consumer.extra.push_back({std::string(100, 'n') + std::to_string(i), {std::string(100, 'v')}});
  }
  StreamInfo info;
  info.extra = consumer.extra;
  StreamDetails details;
  details.info = info;
  details.groups = {{"g", {2, 0}, 2, 0, 0, {}, {}, consumer.extra}};
  details.groups[0].consumers = {{"ann", kNow, kNow, 0, {}, consumer.extra}};
  for (const Reply& reply : {Reply(ConsumerInfos{{consumer, consumer}}), Reply(info), Reply(details)}) {
    for (const std::string& line : lines_of(table(reply, kWidth))) {
      INFO(line);
      CHECK(visible(line).width <= kWidth);
    }
  }
  consumer.extra = {{"a", {std::int64_t{1}}}, {"b", {"two words"}}, {"c", {}}};
  CHECK(table(ConsumerInfos{{consumer}}, kWidth) ==
        "CONSUMER  PENDING  IDLE  INACTIVE  A\n"
        "ann             2    5m     never  1  b=\"two words\" c=-\n");
  CHECK(table(ConsumerInfos{{consumer}}) ==
        "CONSUMER  PENDING  IDLE  INACTIVE  A  B          C\n"
        "ann             2    5m     never  1  two words  -\n");
}

TEST_CASE("what is pending, and who holds it") {
  using std::chrono::minutes;
  CHECK(table(PendingSummary{3, Id{1, 0}, Id{kThen, 0}, {{"ann", 2}, {"bob", 1}}}) ==
        "3 pending\n"
        "       ID               TIME (UTC)  AGE\n"
        "first  1-0                       -    -\n"
        "last   1526919030474-0    16:10:30  59s\n"
        "\n"
        "CONSUMER  PENDING\n"
        "ann             2\n"
        "bob             1\n");
  CHECK(table(PendingSummary{}) == "nothing is pending\n");
  CHECK(table(PendingEntries{{{Id{kThen, 0}, "ann", minutes(5), 12}}}) ==
        "ID               TIME (UTC)  AGE  CONSUMER  IDLE  TRY\n"
        "1526919030474-0    16:10:30  59s  ann         5m   12\n");
  CHECK(table(ConsumerInfos{{{"ann", 2, minutes(90), std::nullopt}}}) ==
        "CONSUMER  PENDING  IDLE  INACTIVE\n"
        "ann             2    1h     never\n");
  ConsumerInfo of_old_server{"ann", 2, minutes(90), std::nullopt};
  of_old_server.activity_told = false;
  CHECK(table(ConsumerInfos{{of_old_server}}) ==
        "CONSUMER  PENDING  IDLE  INACTIVE\n"
        "ann             2    1h         ?\n");
}

TEST_CASE("colour is used only where it is wanted") {
  const Reply reply = StreamEntries{stream({{{2, 1}, std::nullopt, std::nullopt}})};
  CHECK(table(reply).find('\x1b') == std::string::npos);
  std::string out;
  write_table(out, reply, {kAnyWidth, true, false, true, kNow});
  CHECK(out == "\x1b[1mID\x1b[0m\n2-1  \x1b[31m(deleted)\x1b[0m\n");
}

TEST_CASE("ages have one unit") {
  using std::chrono::hours;
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  CHECK(age_text(milliseconds(999)) == "<1s");
  CHECK(age_text(seconds(59)) == "59s");
  CHECK(age_text(seconds(3599)) == "59m");
  CHECK(age_text(hours(47)) == "1d");
  CHECK(age_text(hours(24 * 800)) == "2y");
}

TEST_CASE("times are short on a narrow terminal and local unless UTC is asked for") {
  const UnixMs then{static_cast<std::int64_t>(kThen)};
  const UnixMs week{7 * 86'400'000LL};
  CHECK(time_text(then, kNow, true, false) == "16:10:30");
  CHECK(time_text(then - week, kNow, true, false) == "2018-05-14 16:10:30");
  CHECK(time_text(then - week, kNow, true, true) == "05-14 16:10");
  CHECK(time_text(then - 60 * week, kNow, true, true) == "2017-03-27");
  REQUIRE(::setenv("TZ", "UTC-5:30", 1) == 0);
  ::tzset();
  CHECK(time_text(then, kNow, false, false) == "21:40:30");
  CHECK(!time_of(Id{1, 1}));
  CHECK(!time_of(kMaxId));
}

}  // namespace weir
