#include "stream/fields.h"

#include <random>

#include "catch.h"
#include "text/base64.h"
#include "text/utf8.h"

namespace weir {
namespace {

std::vector<Field> pairs_of(std::string_view json) {
  return Fields::from_json(std::string(json)).pairs();
}

std::string value_of(std::string_view bytes) {
  std::string out;
  append_json_value(out, bytes);
  return out;
}

}  // namespace

TEST_CASE("fields keep their order and repeated names") {
  const std::vector<Field> pairs = {{"b", "1"}, {"a", "2"}, {"b", "3"}, {"", ""}};
  const Fields fields = Fields::from_pairs(pairs);
  CHECK(fields.json() == R"({"b":"1","a":"2","b":"3","":""})");
  CHECK(fields.pairs() == pairs);
  CHECK(Fields::from_pairs({}).json() == "{}");
  CHECK(Fields().pairs().empty());
}

TEST_CASE("numbers, true, false and null are their text") {
  CHECK(pairs_of(R"({"a":1.50,"b":-0e+7,"c":true,"d":false,"e":null})") ==
        std::vector<Field>{{"a", "1.50"}, {"b", "-0e+7"}, {"c", "true"}, {"d", "false"}, {"e", "null"}});
}

TEST_CASE("escapes are decoded") {
  CHECK(pairs_of(R"({"a\n":"\"\\\/\b\f\r\t\u00e9\u20AC\ud83d\ude00"})") ==
        std::vector<Field>{{"a\n", "\"\\/\b\f\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"}});
  CHECK(pairs_of(R"({"a":"x\u0000y"})").front().value == std::string("x\0y", 3));
  CHECK(pairs_of(R"({"a":"\ud83d|\ude00"})").front().value == "\xef\xbf\xbd|\xef\xbf\xbd");
}

TEST_CASE("control characters are escaped, the rest of Unicode is not") {
  CHECK(value_of("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(value_of("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(value_of(std::string_view("\0\x1b\x1f\x7f", 4)) == R"("\u0000\u001b\u001f\u007f")");
  CHECK(value_of("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0") == "\"\\u0080\\u009b\\u009f\xc2\xa0\"");
  CHECK(value_of("\xc3\xa9\xf0\x9f\x98\x80") == "\"\xc3\xa9\xf0\x9f\x98\x80\"");
  CHECK(value_of("") == "\"\"");
}

TEST_CASE("bytes that are not UTF-8 are base64") {
  CHECK(value_of("\xff") == R"({"base64":"/w=="})");
  CHECK(value_of("abc\n\xff") == R"({"base64":"YWJjCv8="})");
  CHECK(value_of("ab\xc3") == R"({"base64":"YWLD"})");
  CHECK(value_of("\xed\xa0\x80") == R"({"base64":"7aCA"})");
  const std::vector<Field> value = {{"a", "\xff\xfe"}};
  CHECK(Fields::from_pairs(value).json() == R"({"a":{"base64":"//4="}})");
  CHECK(Fields::from_pairs(value).pairs() == value);
  const std::vector<Field> name = {{"\xff", "value"}, {"b", "\xfe"}};
  CHECK(Fields::from_pairs(name).json() == R"([[{"base64":"/w=="},"value"],["b",{"base64":"/g=="}]])");
  CHECK(Fields::from_pairs(name).pairs() == name);
}

TEST_CASE("white space and nesting that another program wrote are read") {
  CHECK(pairs_of(" { \"a\" : \"b\" ,\n\"c\" : 1 } ") == std::vector<Field>{{"a", "b"}, {"c", "1"}});
  CHECK(pairs_of(R"({"a":{"b":["}",1]},"c":[],"d":{"base64":"?"}})") ==
        std::vector<Field>{{"a", R"({"b":["}",1]})"}, {"c", "[]"}, {"d", R"({"base64":"?"})"}});
}

TEST_CASE("damaged text gives what stands before the damage") {
  CHECK(pairs_of(R"({"a":"b","c":"d)") == std::vector<Field>{{"a", "b"}});
  CHECK(pairs_of(R"({"a":"b","c":"d\)") == std::vector<Field>{{"a", "b"}});
  CHECK(pairs_of(R"({"a":"b","c":[1)") == std::vector<Field>{{"a", "b"}});
  CHECK(pairs_of(R"([["a","b"],["c")") == std::vector<Field>{{"a", "b"}});
  for (const char* text : {"", "x", "{", "[", "[[", "{\"", "{\"a\"", "{\"a\":", "\"", "7", "{\"a\":}"}) {
    CAPTURE(text);
    CHECK(pairs_of(text).empty());
  }
}

TEST_CASE("any bytes survive, and any damage is survived") {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<Field> pairs(random() % 4);
    for (Field& field : pairs) {
      for (std::string* text : {&field.name, &field.value}) {
        for (auto left = random() % 6; left > 0; --left) {
          if (random() % 8 == 0) {
            text->push_back(static_cast<char>(random()));
          } else {
            append_utf8(*text, static_cast<char32_t>(random() % 0x180));
          }
        }
      }
    }
    std::string json = Fields::from_pairs(pairs).json();
    if (pairs_of(json) != pairs) {
      FAIL(json);
    }
    if (is_utf8(json)) {
      json[random() % json.size()] = static_cast<char>(random());
      json.resize(random() % (json.size() + 1));
      pairs_of(json);
    } else {
      FAIL("not UTF-8: " << json);
    }
  }
}

TEST_CASE("base64 is RFC 4648's") {
  const std::pair<const char*, const char*> table[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : table) {
    std::string out;
    append_base64(out, bytes);
    CHECK(out == text);
    CHECK(decode_base64(text) == bytes);
  }
  for (const char* wrong : {"Z", "Zg", "Zg=", "Zg===", "=Zg=", "Zm9v\n", "Zm-v", "Z g=", "===="}) {
    CHECK(decode_base64(wrong) == std::nullopt);
  }
}

TEST_CASE("UTF-8 has no overlong forms, no surrogates, and an end") {
  for (const char* right : {"", "abc", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                            "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "12345678\xc3\xa9"}) {
    CHECK(is_utf8(right));
  }
  for (const char* wrong :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "12345678\xff"}) {
    CHECK(!is_utf8(wrong));
  }
}

}  // namespace weir
