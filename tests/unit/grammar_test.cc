#include "catch.h"
#include "command/redis_command.h"

using namespace weir;

using weir::command::Doubtful;
using weir::command::parse;

namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t space = std::min(line.find(' '), line.size());
    words.emplace_back(line.substr(0, space));
    line.remove_prefix(std::min(space + 1, line.size()));
  }
  return words;
}

template <typename T>
T request(std::string_view line) {
  const auto words = words_of(line);
  const auto parsed = parse(words);
  INFO(line << ": " << (parsed ? "" : parsed.error().message));
  REQUIRE(parsed);
  REQUIRE(std::holds_alternative<Request>(*parsed));
  REQUIRE(std::holds_alternative<T>(std::get<Request>(*parsed)));
  return std::get<T>(std::get<Request>(*parsed));
}

std::string refusal(std::string_view line) {
  const auto words = words_of(line);
  const auto parsed = parse(words);
  if (!parsed) {
    return parsed.error().message;
  }
  const auto* doubtful = std::get_if<Doubtful>(&*parsed);
  return doubtful == nullptr ? "" : doubtful->error.message;
}

}  // namespace

TEST_CASE("XADD knows the three kinds of ID") {
  CHECK(request<Xadd>("XADD s * a 1").id.kind == NewId::Kind::automatic);
  const auto sequence = request<Xadd>("xadd s 5-* a 1");
  CHECK(sequence.id.kind == NewId::Kind::automatic_sequence);
  CHECK(sequence.id.id.ms == 5);
  const auto exact = request<Xadd>("XADD s 5-18446744073709551615 a 1");
  CHECK(exact.id.kind == NewId::Kind::exact);
  CHECK(exact.id.id == Id{5, kMaxPart});
  CHECK(exact.fields.json() == R"({"a":"1"})");
}

TEST_CASE("Trimming with ~ removes at most 10000 entries unless LIMIT says otherwise") {
  CHECK(request<Xtrim>("XTRIM s MAXLEN ~ 5").trim.limit == 10'000);
  CHECK(request<Xtrim>("XTRIM s MAXLEN ~ 5 LIMIT 0").trim.limit == 0);
  CHECK(request<Xtrim>("XTRIM s maxlen ~ 5 limit 7").trim.limit == 7);
  CHECK(request<Xtrim>("XTRIM s MAXLEN = 5").trim.limit == 0);
  const auto minid = request<Xtrim>("XTRIM s MINID 5").trim;
  CHECK(minid.by == Trim::By::minid);
  CHECK(minid.minid == Id{5, 0});
}

TEST_CASE("A partial ID ends a range at its highest sequence number, and a parenthesis leaves the bound out") {
  const auto partial = request<Xrange>("XRANGE s 5 6");
  CHECK(partial.first == Id{5, 0});
  CHECK(partial.last == Id{6, kMaxPart});
  const auto exclusive = request<Xrange>("XRANGE s (5 (6");
  CHECK(exclusive.first == Id{5, 1});
  CHECK(exclusive.last == Id{6, kMaxPart - 1});
  const auto reverse = request<Xrange>("XREVRANGE s + - COUNT 3");
  CHECK(reverse.reverse);
  CHECK(reverse.first == kMinId);
  CHECK(reverse.last == kMaxId);
  CHECK(reverse.count == 3U);
  CHECK(refusal("XRANGE s (18446744073709551615-18446744073709551615 +") == "ERR invalid start ID for the interval");
  CHECK(refusal("XRANGE s - (0-0") == "ERR invalid end ID for the interval");
  CHECK(refusal("XRANGE s (- +") == "ERR Invalid stream ID specified as stream command argument");
}

TEST_CASE("COUNT 0 is nothing for a range and no limit for XREAD") {
  CHECK(request<Xrange>("XRANGE s - + COUNT 0").count == 0U);
  CHECK(request<Xrange>("XRANGE s - + COUNT -5").count == 0U);
  CHECK_FALSE(request<Xread>("XREAD COUNT 0 STREAMS s 0").count);
  CHECK_FALSE(request<Xread>("XREAD COUNT -1 STREAMS s 0").count);
}

TEST_CASE("XREAD starts after an ID, at the end or at the last entry") {
  const auto read = request<Xread>("XREAD BLOCK 5s STREAMS a b c 1-1 $ +");
  REQUIRE(read.sources.size() == 3);
  CHECK(read.block == Millis(5000));
  CHECK(read.sources[0].stream == "a");
  CHECK(read.sources[0].from.id == Id{1, 1});
  CHECK(read.sources[1].from.kind == Xread::From::Kind::end);
  CHECK(read.sources[2].from.kind == Xread::From::Kind::last_entry);
}

TEST_CASE("MAXCOUNT and MAXSIZE are positive, and MAXCOUNT is not below COUNT") {
  const auto read = request<Xread>("XREAD maxcount 5 MAXSIZE 100 COUNT 5 STREAMS s t 0 0");
  CHECK(read.limit.entries == 5U);
  CHECK(read.limit.bytes == 100U);
  const auto group = request<Xreadgroup>("XREADGROUP GROUP g c MAXSIZE 1 COUNT 9 MAXCOUNT 9 STREAMS s >");
  CHECK(group.limit.entries == 9U);
  CHECK(group.limit.bytes == 1U);
  CHECK_FALSE(request<Xread>("XREAD STREAMS s 0").limit.any());
  CHECK(request<Xread>("XREAD COUNT 0 MAXCOUNT 1 STREAMS s 0").limit.entries == 1U);
  for (const std::string value : {"0", "-1", "x", "1.5", "9223372036854775808"}) {
    CHECK(refusal("XREAD MAXCOUNT " + value + " STREAMS s 0") == "ERR MAXCOUNT must be a positive integer");
    CHECK(refusal("XREADGROUP GROUP g c MAXSIZE " + value + " STREAMS s >") ==
          "ERR MAXSIZE must be a positive integer");
  }
  const std::string below = "ERR MAXCOUNT must be greater than or equal to COUNT";
  CHECK(refusal("XREAD MAXCOUNT 2 COUNT 3 STREAMS s 0") == below);
  CHECK(refusal("XREADGROUP GROUP g c COUNT 3 MAXCOUNT 2 STREAMS s 0") == below);
  CHECK(refusal("XREAD MAXCOUNT STREAMS s 0") == "ERR MAXCOUNT must be a positive integer");
}

TEST_CASE("XREADGROUP tells new messages from history") {
  const auto read = request<Xreadgroup>("XREADGROUP GROUP g c NOACK STREAMS a b > 5");
  CHECK(read.group == "g");
  CHECK(read.consumer == "c");
  CHECK(read.noack);
  CHECK_FALSE(read.sources[0].history_after);
  CHECK(read.sources[1].history_after == Id{5, 0});
}

TEST_CASE("Durations may have a unit wherever Redis has milliseconds") {
  CHECK(request<Xclaim>("XCLAIM s g c 10m 1-1").min_idle == Millis(600'000));
  CHECK(request<Xautoclaim>("XAUTOCLAIM s g c 2h 0").min_idle == Millis(7'200'000));
  CHECK(request<Xpending>("XPENDING s g IDLE 250ms - + 1").min_idle == Millis(250));
  CHECK(refusal("XCLAIM s g c 10x 1-1") == "ERR Invalid min-idle-time argument for XCLAIM");
}

TEST_CASE("A delivery time that is negative or to come is now") {
  CHECK_FALSE(request<Xclaim>("XCLAIM s g c 0 1-1 TIME -1").delivery_time);
  CHECK_FALSE(request<Xclaim>("XCLAIM s g c 0 1-1 TIME 9223372036854775807").delivery_time);
  CHECK_FALSE(request<Xclaim>("XCLAIM s g c 0 1-1 IDLE -9223372036854775808").delivery_time);
  CHECK(request<Xclaim>("XCLAIM s g c 0 1-1 TIME 5").delivery_time == UnixMs(5));
}

TEST_CASE("XCLAIM takes IDs up to the first word that is none") {
  const auto claim = request<Xclaim>("XCLAIM s g c 0 1-1 2 FORCE JUSTID RETRYCOUNT 3 LASTID 9-9");
  CHECK(claim.ids == std::vector<Id>{{1, 1}, {2, 0}});
  CHECK(claim.force);
  CHECK(claim.just_id);
  CHECK(claim.deliveries == 3U);
  CHECK(claim.last_id == Id{9, 9});
  CHECK(refusal("XCLAIM s g c 0 1-1 x") == "ERR Unrecognized XCLAIM option 'x'");
}

TEST_CASE("ENTRIESREAD -1 is: not known") {
  CHECK_FALSE(request<XgroupCreate>("XGROUP CREATE s g $ ENTRIESREAD -1").entries_read);
  CHECK(request<XgroupCreate>("XGROUP CREATE s g 0 MKSTREAM ENTRIESREAD 4").entries_read == 4U);
  CHECK(refusal("XGROUP CREATE s g 0 ENTRIESREAD -2") == "ERR value for ENTRIESREAD must be positive or -1");
  CHECK(request<XgroupSetid>("XGROUP SETID s g +").start == kMaxId);
}

TEST_CASE("The number of words is judged before anything else") {
  CHECK(refusal("xadd s") == "ERR wrong number of arguments for 'xadd' command");
  CHECK(refusal("XGROUP CREATE s") == "ERR wrong number of arguments for 'xgroup|create' command");
  CHECK(refusal("XGROUP foo") == "ERR unknown subcommand 'foo'. Try XGROUP HELP.");
  CHECK(refusal("nope a b") == "ERR unknown command 'nope', with args beginning with: 'a' 'b' ");
  CHECK(refusal("ls") == "ERR unknown command 'ls', with args beginning with: ");
}

TEST_CASE("XINFO STREAM FULL shows all with COUNT 0, and ten without") {
  CHECK(request<XinfoStreamFull>("XINFO STREAM s FULL COUNT 0").count == 0);
  CHECK(request<XinfoStreamFull>("XINFO STREAM s FULL").count == 10);
}
