// A server's answer in RESP3 is read as the same answer in RESP2. The test makes the values itself, since the hiredis
// of Debian 12 reads no RESP3.
#include <deque>
#include <string>
#include <vector>

#include "catch.h"
#include "io/write.h"
#include "redis/translate/decode.h"
#include "redis/wire/reply_types.h"

namespace weir::redis {
namespace {

using Node = redisReply*;

/// Values as hiredis hands them over, kept until the test ends.
class Made {
 public:
  Node text(std::string bytes, int type = REDIS_REPLY_STRING) {
    texts_.push_back(std::move(bytes));
    Node node = make(type);
    node->str = texts_.back().data();
    node->len = texts_.back().size();
    return node;
  }
  Node number(long long value, int type = REDIS_REPLY_INTEGER) {
    Node node = make(type);
    node->integer = value;
    return node;
  }
  Node nil() { return make(REDIS_REPLY_NIL); }
  Node list(std::vector<Node> elements, int type = REDIS_REPLY_ARRAY) {
    lists_.push_back(std::move(elements));
    Node node = make(type);
    node->element = lists_.back().data();
    node->elements = lists_.back().size();
    return node;
  }
  Node map(std::vector<Node> pairs) { return list(std::move(pairs), kMap); }
  Node entry(const std::string& id) { return list({text(id), list({text("f"), text("v")})}); }

 private:
  Node make(int type) {
    replies_.push_back({});
    replies_.back().type = type;
    return &replies_.back();
  }
  std::deque<redisReply> replies_;
  std::deque<std::string> texts_;
  std::deque<std::vector<Node>> lists_;
};

/// As RESP3; "odd" if it has not the shape that was expected.
template <typename R>
std::string decoded(const R& request, Node reply) {
  bool odd = false;
  const Value value(reply, &odd);
  const auto result = decode(request, Values(&value, 1));
  std::string out;
  if (result && !odd) {
    io::write_resp3(out, *result);
  }
  return odd ? "odd" : out;
}

Xreadgroup taking(const std::vector<std::string>& streams) {
  Xreadgroup read{"g", "c", {}, {}, {}, false};
  for (const std::string& stream : streams) {
    read.sources.push_back({stream, std::nullopt});
  }
  return read;
}

}  // namespace

TEST_CASE("A map of streams is read as a list of pairs is") {
  Made made;
  const std::vector<std::string> streams{"s", "t"};
  const Node of_s = made.list({made.entry("1-1"), made.list({made.text("2-1"), made.nil()})});
  const Node of_t = made.list({made.entry("3-1")});
  const Node flat = made.list({made.list({made.text("s"), of_s}), made.list({made.text("t"), of_t})});
  const Node map = made.map({made.text("s"), of_s, made.text("t"), of_t});
  CHECK(decoded(taking(streams), map).starts_with("%2\r\n$1\r\ns\r\n*2\r\n"));
  CHECK(decoded(taking(streams), map) == decoded(taking(streams), flat));
  const Xread read{{{"s", {}}, {"t", {}}}, {}, {}};
  CHECK(decoded(read, map) == decoded(read, flat));
  CHECK(decoded(read, made.nil()) == "_\r\n");
  CHECK(decoded(read, made.map({made.text("s"), made.text("no list")})) == "odd");
}

TEST_CASE("Maps of XINFO are read as lists of names and values are") {
  Made made;
  const std::vector<Node> consumer{
      made.text("name"),        made.text("c"),
      made.text("seen-time"),   made.number(5),
      made.text("active-time"), made.number(-1),
      made.text("pel-count"),   made.number(1),
      made.text("pending"),     made.list({made.list({made.text("1-1"), made.number(5), made.number(2)})})};
  const auto group = [&](Node the_consumer) {
    return std::vector<Node>{made.text("name"),
                             made.text("g"),
                             made.text("last-delivered-id"),
                             made.text("1-1"),
                             made.text("entries-read"),
                             made.nil(),
                             made.text("lag"),
                             made.number(0),
                             made.text("pel-count"),
                             made.number(3),
                             made.text("pending"),
                             made.list({}),
                             made.text("nacked-count"),
                             made.number(2),
                             made.text("consumers"),
                             made.list({the_consumer})};
  };
  const auto stream = [&](Node the_group) {
    return std::vector<Node>{made.text("length"), made.number(1),        made.text("last-generated-id"),
                             made.text("1-1"),    made.text("entries"),  made.list({made.entry("1-1")}),
                             made.text("groups"), made.list({the_group})};
  };
  const Node map = made.map(stream(made.map(group(made.map(consumer)))));
  const Node flat = made.list(stream(made.list(group(made.list(consumer)))));
  const std::string told = decoded(XinfoStreamFull{"s"}, map);
  CHECK(told.find("$9\r\nconsumers\r\n*1\r\n%5\r\n$4\r\nname\r\n$1\r\nc\r\n") != std::string::npos);
  CHECK(told.find("$9\r\npel-count\r\n:3\r\n$12\r\nnacked-count\r\n:2\r\n") != std::string::npos);
  CHECK(told == decoded(XinfoStreamFull{"s"}, flat));
}

TEST_CASE("What weir has no meaning for is kept, whatever its type") {
  Made made;
  std::vector<Node> group{made.text("name"),    made.text("g"), made.text("consumers"),         made.number(0),
                          made.text("pending"), made.number(0), made.text("last-delivered-id"), made.text("0-0")};
  for (const Node value : {made.number(1, kBoolean), made.text("1.5", kDouble), made.text("123456789", kBigNumber),
                           made.text("words", kVerbatim), made.list({made.number(7)}, kSet),
                           made.map({made.text("a"), made.number(1)}), made.nil()}) {
    group.push_back(made.text("new" + std::to_string(group.size())));
    group.push_back(value);
  }
  const std::string told = decoded(XinfoGroups{"s"}, made.list({made.map(group)}));
  CHECK(
      told.ends_with("$4\r\nnew8\r\n:1\r\n$5\r\nnew10\r\n$3\r\n1.5\r\n$5\r\nnew12\r\n$9\r\n123456789\r\n"
                     "$5\r\nnew14\r\n$5\r\nwords\r\n$5\r\nnew16\r\n*1\r\n:7\r\n"
                     "$5\r\nnew18\r\n%1\r\n$1\r\na\r\n:1\r\n$5\r\nnew20\r\n_\r\n"));
  CHECK(decoded(XinfoGroups{"s"}, made.list({made.map({made.text("name")})})) == "odd");
}

}  // namespace weir::redis
