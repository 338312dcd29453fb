#include "io/write.h"

#include "catch.h"

namespace weir {
namespace {

using io::write_json;
using io::write_json_error;
using io::write_lines;
using io::write_redis_text;
using io::write_redis_text_error;
using io::write_resp;
using io::write_resp3;
using io::write_resp_error;

using Write = void (*)(std::string&, const Reply&);

std::string written(Write write, const Reply& reply) {
  std::string out;
  write(out, reply);
  return out;
}

std::string lines(const Reply& reply) {
  return written(write_lines, reply);
}
std::string json(const Reply& reply) {
  return written(write_json, reply);
}
std::string text(const Reply& reply) {
  return written(write_redis_text, reply);
}
std::string resp(const Reply& reply) {
  return written(write_resp, reply);
}
std::string resp3(const Reply& reply) {
  return written(write_resp3, reply);
}

Entry entry(Id id, const char* fields) {
  return {id, Fields::from_json(fields), std::nullopt};
}

/// What a group read answers: one live entry, one that was deleted while pending.
StreamEntries delivered() {
  Entries entries{"s", {entry({1, 1}, R"({"a":1.50})"), {{2, 0}, std::nullopt, std::nullopt}}};
  entries.entries[0].deliveries = 3;
  return {entries};
}

constexpr std::chrono::milliseconds operator""_ms(unsigned long long n) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(n));
}

}  // namespace

TEST_CASE("OK, counts, IDs and nil") {
  CHECK(lines(Ok{}).empty());
  CHECK(json(Ok{}) == "\"OK\"\n");
  CHECK(text(Ok{}) == "OK\n");
  CHECK(resp(Ok{}) == "+OK\r\n");

  CHECK(lines(Count{7}) == "7\n");
  CHECK(json(Count{7}) == "7\n");
  CHECK(text(Count{7}) == "(integer) 7\n");
  CHECK(resp(Count{7}) == ":7\r\n");

  CHECK(lines(MaybeId(Id{1, 2})) == "1-2\n");
  CHECK(json(MaybeId(Id{1, 2})) == "\"1-2\"\n");
  CHECK(text(MaybeId(Id{1, 2})) == "\"1-2\"\n");
  CHECK(resp(MaybeId(Id{1, 2})) == "$3\r\n1-2\r\n");

  CHECK(lines(MaybeId()).empty());
  CHECK(json(MaybeId()) == "null\n");
  CHECK(text(MaybeId()) == "(nil)\n");
  CHECK(resp(MaybeId()) == "$-1\r\n");

  CHECK(lines(Status{"stream"}) == "stream\n");
  CHECK(json(Status{"stream"}) == "\"stream\"\n");
  CHECK(text(Status{"stream"}) == "stream\n");
  CHECK(resp(Status{"stream"}) == "+stream\r\n");
}

TEST_CASE("what needs no store: a word that comes back, and help") {
  const Text word{"a\n\xff\""};
  CHECK(lines(word) == "a\n\xff\"\n");
  CHECK(json(word) == "{\"base64\":\"YQr/Ig==\"}\n");
  CHECK(text(word) == "\"a\\n\\xff\\\"\"\n");
  CHECK(resp(word) == "$4\r\na\n\xff\"\r\n");

  const HelpText help{{"X <key>", "    Shows it."}};
  CHECK(lines(help) == "X <key>\n    Shows it.\n");
  CHECK(json(help) == "[\"X <key>\",\"    Shows it.\"]\n");
  CHECK(text(help) == "1) X <key>\n2)     Shows it.\n");
  CHECK(resp(help) == "*2\r\n+X <key>\r\n+    Shows it.\r\n");
}

TEST_CASE("entries of one stream") {
  const Entries two{"s", {entry({1, 1}, R"({"a":"b"})"), entry({kMaxPart, kMaxPart}, R"({"c":true})")}};
  CHECK(lines(two) ==
        "{\"id\":\"1-1\",\"stream\":\"s\",\"fields\":{\"a\":\"b\"}}\n"
        "{\"id\":\"18446744073709551615-18446744073709551615\",\"stream\":\"s\",\"fields\":{\"c\":true}}\n");
  CHECK(json(two) ==
        "[{\"id\":\"1-1\",\"stream\":\"s\",\"fields\":{\"a\":\"b\"}},"
        "{\"id\":\"18446744073709551615-18446744073709551615\",\"stream\":\"s\",\"fields\":{\"c\":true}}]\n");
  CHECK(text(Entries{"s", {entry({1, 1}, R"({"a":"b","c":null})")}}) ==
        "1) 1) \"1-1\"\n"
        "   2) 1) \"a\"\n"
        "      2) \"b\"\n"
        "      3) \"c\"\n"
        "      4) \"null\"\n");
  CHECK(resp(Entries{"s", {entry({1, 1}, R"({"a":"b"})")}}) == "*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n");
}

TEST_CASE("no entries are an empty array, and nil where Redis says nil") {
  CHECK(lines(Entries{"s", {}}).empty());
  CHECK(json(Entries{"s", {}}) == "[]\n");
  CHECK(text(Entries{"s", {}}) == "(empty array)\n");
  CHECK(resp(Entries{"s", {}}) == "*0\r\n");
  const Entries nil{"s", {}, true};
  CHECK(lines(nil).empty());
  CHECK(json(nil) == "null\n");
  CHECK(text(nil) == "(nil)\n");
  CHECK(resp(nil) == "*-1\r\n");
}

TEST_CASE("entries of several streams, with their deliveries") {
  CHECK(lines(delivered()) ==
        "{\"id\":\"1-1\",\"stream\":\"s\",\"fields\":{\"a\":1.50},\"deliveries\":3}\n"
        "{\"id\":\"2-0\",\"stream\":\"s\",\"fields\":null}\n");
  CHECK(json(delivered()) ==
        "[{\"id\":\"1-1\",\"stream\":\"s\",\"fields\":{\"a\":1.50},\"deliveries\":3},"
        "{\"id\":\"2-0\",\"stream\":\"s\",\"fields\":null}]\n");
  CHECK(text(delivered()) ==
        "1) 1) \"s\"\n"
        "   2) 1) 1) \"1-1\"\n"
        "         2) 1) \"a\"\n"
        "            2) \"1.50\"\n"
        "      2) 1) \"2-0\"\n"
        "         2) (nil)\n");
  CHECK(resp(delivered()) ==
        "*1\r\n*2\r\n$1\r\ns\r\n*2\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$4\r\n1.50\r\n*2\r\n$3\r\n2-0\r\n*-1\r\n");
  CHECK(lines(StreamEntries{}).empty());
  CHECK(json(StreamEntries{}) == "null\n");
  CHECK(text(StreamEntries{}) == "(nil)\n");
  CHECK(resp(StreamEntries{}) == "*-1\r\n");
  CHECK(json(StreamEntries{{"s", {}}, {"t", {}}}) == "[]\n");
  CHECK(resp(StreamEntries{{"s", {}}}) == "*1\r\n*2\r\n$1\r\ns\r\n*0\r\n");
}

TEST_CASE("In RESP3 what reads and XINFO tell are maps, and there is one nil") {
  CHECK(resp3(delivered()) ==
        "%1\r\n$1\r\ns\r\n*2\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$4\r\n1.50\r\n*2\r\n$3\r\n2-0\r\n_\r\n");
  CHECK(resp3(StreamEntries{}) == "_\r\n");
  CHECK(resp3(MaybeId()) == "_\r\n");
  CHECK(resp3(PendingSummary{}) == "*4\r\n:0\r\n_\r\n_\r\n_\r\n");
  CHECK(resp3(StreamInfo{}).starts_with("%10\r\n$6\r\nlength\r\n:0\r\n"));
  CHECK(resp3(GroupInfos{{{}}}).starts_with("*1\r\n%6\r\n$4\r\nname\r\n"));
  StreamDetails details;
  details.groups.resize(1);
  details.groups[0].consumers.resize(1);
  CHECK(resp3(details).starts_with("%9\r\n"));
  CHECK(resp3(details).find("$9\r\nconsumers\r\n*1\r\n%5\r\n") != std::string::npos);
  std::string transaction;
  const Result<Reply> answers[] = {Reply(StreamEntries{}), fail(Failure::refused, "ERR no")};
  write_resp3(transaction, answers);
  CHECK(transaction == "*2\r\n_\r\n-ERR no\r\n");
}

TEST_CASE("redis-cli's quoting escapes all that is not printable ASCII") {
  std::string out;
  const Fields fields = Fields::from_pairs({{"a", "b\x01\x7f\xff\"\\\n\r\t\a\b'\xc3\xa9"}});
  write_redis_text(out, Entries{"s", {{{1, 1}, fields, std::nullopt}}});
  CHECK(out == "1) 1) \"1-1\"\n   2) 1) \"a\"\n      2) \"b\\x01\\x7f\\xff\\\"\\\\\\n\\r\\t\\a\\b'\\xc3\\xa9\"\n");
}

TEST_CASE("numbers of a long array are padded to the same width") {
  const Names names{{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}};
  CHECK(text(names).starts_with(" 1) \"a\"\n 2) \"b\"\n"));
  CHECK(text(names).ends_with(" 9) \"i\"\n10) \"j\"\n"));
  Entries ten{"s", {}};
  for (std::uint64_t i = 1; i <= 10; ++i) {
    ten.entries.push_back(entry({i, 0}, R"({"k":"v"})"));
  }
  CHECK(text(ten).starts_with(" 1) 1) \"1-0\"\n    2) 1) \"k\"\n       2) \"v\"\n 2) 1) \"2-0\"\n"));
}

TEST_CASE("names are bare, unless a line could not show them") {
  const std::string control_and_digit = std::string("\xc2\x9b") + "1";
  const Names names{
      {"plain", "sp ace", "qu\"ote\\\xc2\xa0", "\xc3\xa9\xc2\xa0", "new\nline", control_and_digit, "\xff"}};
  CHECK(lines(names) ==
        "plain\nsp ace\nqu\"ote\\\xc2\xa0\n\xc3\xa9\xc2\xa0\n\"new\\nline\"\n\"\\u009b1\"\n{\"base64\":\"/w==\"}\n");
  CHECK(json(Names{{"a", "\xff"}}) == "[\"a\",{\"base64\":\"/w==\"}]\n");
  CHECK(json(Names{}) == "[]\n");
}

TEST_CASE("the pending summary") {
  const PendingSummary two{2, Id{1, 1}, Id{2, 0}, {{"c", 1}, {"d", 1}}};
  const std::string line =
      R"({"pending":2,"first":"1-1","last":"2-0","consumers":[{"name":"c","pending":1},{"name":"d","pending":1}]})";
  CHECK(lines(two) == line + "\n");
  CHECK(json(two) == line + "\n");
  CHECK(text(two) ==
        "1) (integer) 2\n2) \"1-1\"\n3) \"2-0\"\n4) 1) 1) \"c\"\n      2) \"1\"\n   2) 1) \"d\"\n      2) \"1\"\n");
  CHECK(resp(PendingSummary{}) == "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n");
  const PendingSummary nobodys{1, Id{1, 1}, Id{1, 1}, {}, 1};
  CHECK(resp(nobodys) == "*4\r\n:1\r\n$3\r\n1-1\r\n$3\r\n1-1\r\n*0\r\n");
  CHECK(resp3(nobodys) == "*4\r\n:1\r\n$3\r\n1-1\r\n$3\r\n1-1\r\n*0\r\n");
  CHECK(text(nobodys) == "1) (integer) 1\n2) \"1-1\"\n3) \"1-1\"\n4) (empty array)\n");
  CHECK(json(PendingSummary{}) == "{\"pending\":0,\"first\":null,\"last\":null,\"consumers\":[]}\n");
}

TEST_CASE("the pending list") {
  const PendingEntries list{{{{1, 1}, "c", 10_ms, 2}, {{2, 0}, "\xff", 20_ms, 1}}};
  CHECK(lines(list) ==
        "{\"id\":\"1-1\",\"consumer\":\"c\",\"idle\":10,\"deliveries\":2}\n"
        "{\"id\":\"2-0\",\"consumer\":{\"base64\":\"/w==\"},\"idle\":20,\"deliveries\":1}\n");
  CHECK(json(PendingEntries{}) == "[]\n");
  CHECK(text(list) ==
        "1) 1) \"1-1\"\n   2) \"c\"\n   3) (integer) 10\n   4) (integer) 2\n"
        "2) 1) \"2-0\"\n   2) \"\\xff\"\n   3) (integer) 20\n   4) (integer) 1\n");
  CHECK(resp(PendingEntries{{{{1, 1}, "c", 10_ms, 2}}}) == "*1\r\n*4\r\n$3\r\n1-1\r\n$1\r\nc\r\n:10\r\n:2\r\n");
}

TEST_CASE("claims") {
  const Claimed claimed{"s", {entry({1, 1}, R"({"a":"b"})")}};
  const Claimed ids{"s", {{{1, 1}, std::nullopt, std::nullopt}}, true};
  CHECK(lines(claimed) == "{\"id\":\"1-1\",\"stream\":\"s\",\"fields\":{\"a\":\"b\"}}\n");
  CHECK(lines(ids) == "1-1\n");
  CHECK(json(ids) == "[\"1-1\"]\n");
  CHECK(text(ids) == "1) \"1-1\"\n");

  const AutoClaimed with_deleted{{3, 0}, claimed, {{2, 0}}};
  CHECK(lines(with_deleted) ==
        "{\"id\":\"1-1\",\"stream\":\"s\",\"fields\":{\"a\":\"b\"}}\n{\"id\":\"2-0\",\"stream\":\"s\",\"fields\":null}"
        "\n");
  CHECK(json(with_deleted) ==
        R"({"cursor":"3-0","entries":[{"id":"1-1","stream":"s","fields":{"a":"b"}}],"deleted":["2-0"]})"
        "\n");
  CHECK(text(with_deleted) == "1) \"3-0\"\n2) 1) 1) \"1-1\"\n      2) 1) \"a\"\n         2) \"b\"\n3) 1) \"2-0\"\n");
  CHECK(text(AutoClaimed{{0, 0}, ids, {}}) == "1) \"0-0\"\n2) 1) \"1-1\"\n3) (empty array)\n");
  CHECK(json(AutoClaimed{{0, 0}, {"s", {}, true}, {}}) == "{\"cursor\":\"0-0\",\"entries\":[],\"deleted\":[]}\n");
}

TEST_CASE("XINFO STREAM") {
  const StreamInfo info{1, {2, 0}, {2, 0}, 2, {1, 1}, 2, entry({1, 1}, R"({"a":"b"})"), entry({1, 1}, R"({"a":"b"})")};
  CHECK(text(info) ==
        " 1) \"length\"\n 2) (integer) 1\n 3) \"radix-tree-keys\"\n 4) (integer) 1\n 5) \"radix-tree-nodes\"\n"
        " 6) (integer) 2\n 7) \"last-generated-id\"\n 8) \"2-0\"\n 9) \"max-deleted-entry-id\"\n10) \"2-0\"\n"
        "11) \"entries-added\"\n12) (integer) 2\n13) \"recorded-first-entry-id\"\n14) \"1-1\"\n15) \"groups\"\n"
        "16) (integer) 2\n17) \"first-entry\"\n18) 1) \"1-1\"\n    2) 1) \"a\"\n       2) \"b\"\n"
        "19) \"last-entry\"\n20) 1) \"1-1\"\n    2) 1) \"a\"\n       2) \"b\"\n");
  CHECK(lines(info) == R"({"length":1,"last-generated-id":"2-0","max-deleted-entry-id":"2-0","entries-added":2,)"
                       R"("recorded-first-entry-id":"1-1","groups":2,"first-entry":{"id":"1-1","fields":{"a":"b"}},)"
                       R"("last-entry":{"id":"1-1","fields":{"a":"b"}}})"
                       "\n");
  CHECK(resp(StreamInfo{}).ends_with("$11\r\nfirst-entry\r\n$-1\r\n$10\r\nlast-entry\r\n$-1\r\n"));
  CHECK(resp(StreamInfo{}).find("$15\r\nradix-tree-keys\r\n:0\r\n$16\r\nradix-tree-nodes\r\n:1\r\n") !=
        std::string::npos);
  CHECK(json(StreamInfo{}).ends_with("\"first-entry\":null,\"last-entry\":null}\n"));
}

TEST_CASE("XINFO STREAM FULL") {
  StreamDetails details;
  details.info.length = 1;
  details.entries = {entry({1, 1}, R"({"a":"b"})")};
  details.groups = {{"g", {2, 0}, 2, std::nullopt, 1, {{{1, 1}, "c", 99_ms, 2}}, {}}};
  details.groups[0].consumers = {{"c", 90_ms, std::nullopt, 1, {{{1, 1}, "c", 99_ms, 2}}}};
  CHECK(
      text(details).ends_with("15) \"entries\"\n16) 1) 1) \"1-1\"\n       2) 1) \"a\"\n          2) \"b\"\n"
                              "17) \"groups\"\n18) 1)  1) \"name\"\n        2) \"g\"\n"
                              "        3) \"last-delivered-id\"\n        4) \"2-0\"\n"
                              "        5) \"entries-read\"\n        6) (integer) 2\n        7) \"lag\"\n"
                              "        8) (nil)\n        9) \"pel-count\"\n       10) (integer) 1\n"
                              "       11) \"pending\"\n       12) 1) 1) \"1-1\"\n              2) \"c\"\n"
                              "              3) (integer) 99\n              4) (integer) 2\n"
                              "       13) \"consumers\"\n       14) 1)  1) \"name\"\n               2) \"c\"\n"
                              "               3) \"seen-time\"\n               4) (integer) 90\n"
                              "               5) \"active-time\"\n               6) (integer) -1\n"
                              "               7) \"pel-count\"\n               8) (integer) 1\n"
                              "               9) \"pending\"\n              10) 1) 1) \"1-1\"\n"
                              "                     2) (integer) 99\n                     3) (integer) 2\n"));
  CHECK(lines(details).find(
            R"("groups":[{"name":"g","last-delivered-id":"2-0","entries-read":2,"lag":null,"pel-count":1,"pending":[)"
            R"({"id":"1-1","consumer":"c","delivery-time":99,"deliveries":2}],"consumers":[{"name":"c","seen-time":90,)"
            R"("active-time":null,"pel-count":1,"pending":[{"id":"1-1","consumer":"c","delivery-time":99,)"
            R"("deliveries":2}]}]}]})") != std::string::npos);
  details.groups[0].nacked_count = 0;
  CHECK(text(details).find("       10) (integer) 1\n       11) \"nacked-count\"\n       12) (integer) 0\n"
                           "       13) \"pending\"\n") != std::string::npos);
  CHECK(resp(details).find("*16\r\n$4\r\nname\r\n$1\r\ng\r\n") != std::string::npos);
  CHECK(resp3(details).find("%8\r\n$4\r\nname\r\n$1\r\ng\r\n") != std::string::npos);
  CHECK(lines(details).find(R"("lag":null,"pel-count":1,"nacked-count":0,"pending":[{)") != std::string::npos);
}

TEST_CASE("XINFO GROUPS and CONSUMERS") {
  const GroupInfos groups{{{"g", 1, 2, {2, 0}, 2, 0}, {"h", 0, 0, {0, 0}, std::nullopt, std::nullopt}}};
  CHECK(lines(groups) ==
        R"({"name":"g","consumers":1,"pending":2,"last-delivered-id":"2-0","entries-read":2,"lag":0})"
        "\n"
        R"({"name":"h","consumers":0,"pending":0,"last-delivered-id":"0-0","entries-read":null,"lag":null})"
        "\n");
  CHECK(text(groups).starts_with("1)  1) \"name\"\n    2) \"g\"\n    3) \"consumers\"\n    4) (integer) 1\n"));
  CHECK(resp(groups).ends_with("$12\r\nentries-read\r\n$-1\r\n$3\r\nlag\r\n$-1\r\n"));
  const ConsumerInfos consumers{{{"c", 2, 22_ms, 11_ms}, {"d", 0, 5_ms, std::nullopt}}};
  CHECK(lines(consumers) ==
        "{\"name\":\"c\",\"pending\":2,\"idle\":22,\"inactive\":11}\n"
        "{\"name\":\"d\",\"pending\":0,\"idle\":5,\"inactive\":null}\n");
  CHECK(resp(consumers).ends_with("$4\r\nidle\r\n:5\r\n$8\r\ninactive\r\n:-1\r\n"));
}

TEST_CASE("when a consumer was active is left out where the server did not tell") {
  ConsumerInfos consumers{{{"c", 2, 22_ms, std::nullopt}}};
  consumers.consumers[0].activity_told = false;
  CHECK(resp(consumers).ends_with("*6\r\n$4\r\nname\r\n$1\r\nc\r\n$7\r\npending\r\n:2\r\n$4\r\nidle\r\n:22\r\n"));
  CHECK(resp3(consumers).find("%3\r\n") != std::string::npos);
  CHECK(text(consumers).find("inactive") == std::string::npos);
  CHECK(lines(consumers).ends_with("\"idle\":22,\"inactive\":null}\n"));

  StreamDetails details;
  details.groups.resize(1);
  details.groups[0].consumers.resize(1);
  details.groups[0].consumers[0].activity_told = false;
  CHECK(resp(details).find("*8\r\n$4\r\nname\r\n$0\r\n\r\n$9\r\nseen-time\r\n:0\r\n$9\r\npel-count\r\n") !=
        std::string::npos);
  CHECK(lines(details).find("\"active-time\":null") != std::string::npos);
}

TEST_CASE("fields that only a newer server has stand after the known ones") {
  const PlainValue list{std::vector<PlainValue>{{std::int64_t{-1}}, {"two"}, {}, {std::vector<PlainValue>{}}}};
  const ExtraFields extra{{"idmp-duration", {std::int64_t{100}}}, {"list", list}, {"none", {}}};
  const std::string members = R"("idmp-duration":100,"list":[-1,"two",null,[]],"none":null})";
  const std::string bytes =
      "$13\r\nidmp-duration\r\n:100\r\n$4\r\nlist\r\n*4\r\n:-1\r\n$3\r\ntwo\r\n$-1\r\n*0\r\n"
      "$4\r\nnone\r\n$-1\r\n";

  StreamInfo info;
  info.extra = extra;
  CHECK(json(info).ends_with("\"last-entry\":null," + members + "\n"));
  CHECK(resp(info).starts_with("*26\r\n"));
  CHECK(resp(info).ends_with("$10\r\nlast-entry\r\n$-1\r\n" + bytes));
  CHECK(
      text(info).ends_with("21) \"idmp-duration\"\n22) (integer) 100\n23) \"list\"\n"
                           "24) 1) (integer) -1\n    2) \"two\"\n    3) (nil)\n    4) (empty array)\n"
                           "25) \"none\"\n26) (nil)\n"));

  StreamDetails details;
  details.info = info;
  details.groups.resize(1);
  details.groups[0].extra = extra;
  details.groups[0].consumers.resize(1);
  details.groups[0].consumers[0].extra = extra;
  CHECK(json(details).ends_with("\"pending\":[]," + members + "]," + members + "]," + members + "\n"));
  CHECK(resp(details).ends_with("pending\r\n*0\r\n" + bytes + bytes + bytes));

  GroupInfo group;
  group.extra = extra;
  CHECK(lines(GroupInfos{{group}}).ends_with("\"lag\":null," + members + "\n"));
  CHECK(resp(GroupInfos{{group}}).ends_with("$3\r\nlag\r\n$-1\r\n" + bytes));
  ConsumerInfo consumer;
  consumer.extra = extra;
  CHECK(lines(ConsumerInfos{{consumer}}).ends_with("\"inactive\":null," + members + "\n"));
  CHECK(resp(ConsumerInfos{{consumer}}).ends_with("$8\r\ninactive\r\n:-1\r\n" + bytes));
}

TEST_CASE("names of a newer server's fields are escaped, and never stand for weir's own in JSON") {
  ConsumerInfo consumer;
  consumer.extra = {{"a\"\n\x1b", {"\xff"}}, {"\xff\r\n", {"\r\n"}}};
  CHECK(lines(ConsumerInfos{{consumer}})
            .ends_with(R"("a\"\n\u001b":{"base64":"/w=="},"\\xff\\r\\n":"\r\n"})"
                       "\n"));
  CHECK(text(ConsumerInfos{{consumer}}).find(R"("a\"\n\x1b")") != std::string::npos);
  CHECK(resp(ConsumerInfos{{consumer}}).ends_with("$3\r\n\xff\r\n\r\n$2\r\n\r\n\r\n"));

  GroupInfo group;
  group.released = 2;
  group.extra = {{"released", {std::int64_t{9}}}, {"next-due-in", {}}};
  CHECK(lines(GroupInfos{{group}})
            .ends_with(R"("lag":null,"released":2,"next-due-in":null})"
                       "\n"));
  CHECK(resp(GroupInfos{{group}}).ends_with("$8\r\nreleased\r\n:9\r\n$11\r\nnext-due-in\r\n$-1\r\n"));
}

TEST_CASE("a refusal, alone and among EXEC's replies") {
  const std::string error = "NOGROUP No such \"key\"\n";
  std::string out;
  write_json_error(out, error);
  CHECK(out == "{\"error\":\"NOGROUP No such \\\"key\\\" \"}\n");
  out.clear();
  write_redis_text_error(out, "NOGROUP x");
  CHECK(out == "(error) NOGROUP x\n");
  out.clear();
  write_resp_error(out, error);
  CHECK(out == "-NOGROUP No such \"key\" \r\n");

  std::vector<Result<Reply>> replies = {Reply(Count{1}),
                                        fail(Failure::refused, "ERR no such key"),
                                        Reply(StreamEntries{}),
                                        Reply(Entries{"s", {}}),
                                        Reply(Ok{}),
                                        Reply(Names{{"a"}})};
  out.clear();
  write_json(out, replies);
  CHECK(out == "[1,{\"error\":\"ERR no such key\"},null,[],\"OK\",[\"a\"]]\n");
  out.clear();
  write_redis_text(out, replies);
  CHECK(out == "1) (integer) 1\n2) (error) ERR no such key\n3) (nil)\n4) (empty array)\n5) OK\n6) 1) \"a\"\n");
  out.clear();
  write_resp(out, replies);
  CHECK(out == "*6\r\n:1\r\n-ERR no such key\r\n*-1\r\n*0\r\n+OK\r\n*1\r\n$1\r\na\r\n");
}

}  // namespace weir
