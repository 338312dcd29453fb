// The rules of XADD are written twice: in the engine, and in SQL for weir_inbox, since other programs have no function
// of weir's. This test gives the same random entries to both, which have to agree.
//
// WEIR_SEED chooses other entries, WEIR_INSERTS their number.
#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <cstdlib>
#include <random>
#include <span>

#include "catch.h"
#include "io/json_lines.h"
#include "sqlite/database/uncounted.h"
#include "sqlite/sqlite_store.h"
#include "support/temp_dir.h"
#include "system/clock.h"
#include "text/utf8.h"

namespace weir::test {
namespace {

using Random = std::mt19937_64;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::strtoull(value, nullptr, 10) : otherwise;
}

bool once_in(Random& random, std::uint64_t n) {
  return random() % n == 0;
}

template <typename T, std::size_t kSize>
const T& one_of(Random& random, const std::array<T, kSize>& all) {
  return all[random() % kSize];
}

using namespace std::string_view_literals;

// What text can be made of; from kBad on it is refused. The two characters in the middle are none to UTF-16.
constexpr std::array kPieces{"a"sv,
                             "Z 9"sv,
                             "'"sv,
                             "\x7f"sv,
                             "\xc2\x80"sv,
                             "\xdf\xbf"sv,
                             "\xe0\xa0\x80"sv,
                             "\xef\xbf\xbd"sv,
                             "\xf0\x90\x80\x80"sv,
                             "\xf4\x8f\xbf\xbf"sv,
                             "漢"sv,
                             "%s\t"sv};
constexpr std::array kNoncharacters{"\xef\xbf\xbe"sv, "\xef\xbf\xbf"sv};
constexpr std::array kBadBytes{"\xff"sv,
                               "\x80"sv,
                               "\xc3"sv,
                               "\xc0\x80"sv,
                               "\xc1\xbf"sv,
                               "\xe0\x9f\xbf"sv,
                               "\xe2\x82"sv,
                               "\xed\xa0\x80"sv,
                               "\xed\xbf\xbf"sv,
                               "\xf0\x8f\xbf\xbf"sv,
                               "\xf4\x90\x80\x80"sv,
                               "\xf8\x88\x80\x80\x80"sv,
                               "\x90\x80\x80"sv,
                               "\0"sv};
constexpr std::array kEscapes{R"(\")"sv,     R"(\\)"sv,           R"(\/)"sv,           R"(\b\f\n\r\t)"sv,
                              R"(\u0041)"sv, R"(\u00e9)"sv,       R"(\u0000)"sv,       R"(\uFFFF)"sv,
                              R"(\ufffe)"sv, R"(\ud83d\ude00)"sv, R"(\uDBFF\uDFFF)"sv, R"(\\ud800)"sv};
constexpr std::array kBadEscapes{R"(\ud800)"sv,
                                 R"(\uDFFF)"sv,
                                 R"(\ud800\ud800)"sv,
                                 R"(\u12)"sv,
                                 R"(\x41)"sv,
                                 R"(\')"sv,
                                 R"(\)"sv,
                                 "\n"sv,
                                 "\x01"sv,
                                 R"(")"sv,
                                 R"(\u0000\udc00)"sv,
                                 R"(\ud83d\u0000\ude00)"sv};
constexpr std::array kValues{"0"sv,
                             "-0"sv,
                             "1.50"sv,
                             "1E+400"sv,
                             "0.10e-07"sv,
                             "9223372036854775808"sv,
                             "123456789012345678901234567890"sv,
                             "true"sv,
                             "false"sv,
                             "null"sv};
constexpr std::array kBadValues{"01"sv,       "1."sv,   ".5"sv,  "+1"sv,    "-"sv,     "1e"sv, "0x1F"sv, "NaN"sv,
                                "Infinity"sv, "TRUE"sv, "nul"sv, "nullx"sv, "{}"sv,    "[]"sv, "[1]"sv,  R"({"a":1})"sv,
                                "'x'"sv,      "x"sv,    ""sv,    "1 2"sv,   "/**/1"sv, "1,"sv};
constexpr std::array kSpaces{" "sv, "\t"sv, "\r"sv, "\n"sv};
constexpr std::array kBadSpaces{"\v"sv, "\f"sv, "\xc2\xa0"sv, "/**/"sv, ","sv};

/// Makes names and fields, most of them good.
class Generator {
 public:
  /// A file in UTF-16 does not see which bytes its text was: nothing but characters then.
  Generator(Random& random, bool utf16) : random_(random), utf16_(utf16) {}

  std::string name() { return once_in(random_, 3) ? text(false) : fmt::format("stream {}", random_() % 5); }

  std::string fields() {
    std::string json = space() + "{";
    const std::uint64_t count = once_in(random_, 12) ? 0 : 1 + random_() % 4;
    for (std::uint64_t i = 0; i < count; ++i) {
      json += (i > 0 ? "," : "") + space() + string() + space() + ":" + space() + value() + space();
    }
    json += "}" + space();
    return once_in(random_, 8) ? changed(std::move(json)) : json;
  }

 private:
  bool bad() { return once_in(random_, 40); }

  std::string space() {
    if (!once_in(random_, 6)) {
      return "";
    }
    return std::string(bad() && !utf16_ ? one_of(random_, kBadSpaces) : one_of(random_, kSpaces));
  }

  std::string text(bool json) {
    std::string out;
    for (std::uint64_t pieces = random_() % 5; pieces > 0; --pieces) {
      if (json && once_in(random_, 3)) {
        out += bad() ? one_of(random_, kBadEscapes) : one_of(random_, kEscapes);
      } else if (!utf16_ && bad()) {
        out += one_of(random_, kBadBytes);
      } else {
        out += !utf16_ && once_in(random_, 10) ? one_of(random_, kNoncharacters) : one_of(random_, kPieces);
      }
    }
    if (once_in(random_, 100)) {
      out += std::string(random_() % 5000, 'l') + "é";
    }
    return out;
  }

  std::string string() { return "\"" + text(true) + "\""; }

  std::string value() {
    if (once_in(random_, 2)) {
      return string();
    }
    return std::string(bad() ? one_of(random_, kBadValues) : one_of(random_, kValues));
  }

  std::string changed(std::string json) {
    const std::size_t at = random_() % json.size();
    constexpr std::string_view kBytes = "{}[]:,\"\\u0-1eE.tn \x01";
    const char byte = kBytes[random_() % kBytes.size()];
    switch (random_() % 3) {
      case 0:
        json.erase(at, 1);
        break;
      case 1:
        json.insert(at, 1, byte);
        break;
      default:
        json[at] = byte;
    }
    return utf16_ && !is_utf8(json) ? "{}" : json;
  }

  Random& random_;
  bool utf16_;
};

/// A database, its engine, and another program that has it open.
class Side {
 public:
  Side(const std::string& path, bool utf16) {
    REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
    execute(utf16 ? "PRAGMA encoding = 'UTF-16'; CREATE TABLE application(a)" : "CREATE TABLE application(a)");
    auto opened = sqlite::open_sqlite_store(path, StoreOptions{Access::make, Durability::off, Millis(2000)});
    REQUIRE(opened);
    store = std::move(*opened);
    execute("PRAGMA synchronous = OFF");
    const char* insert = "INSERT INTO weir_inbox(stream, fields) VALUES (?, ?)";
    REQUIRE(sqlite3_prepare_v2(db_, insert, -1, &insert_, nullptr) == SQLITE_OK);
  }
  ~Side() {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

  void execute(const std::string& sql) {
    INFO(sql);
    REQUIRE(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }

  /// Whether it was taken; what was said, if not.
  bool insert(std::string_view stream, std::string_view fields, std::string& said) {
    sqlite3_bind_text64(insert_, 1, stream.data(), stream.size(), SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_text64(insert_, 2, fields.data(), fields.size(), SQLITE_STATIC, SQLITE_UTF8);
    const bool taken = sqlite3_step(insert_) == SQLITE_DONE;
    said = taken ? "" : sqlite3_errmsg(db_);
    sqlite3_reset(insert_);
    return taken;
  }

  /// All that is told of the streams but their last IDs, as text.
  std::string streams() {
    std::string rows;
    const auto add = [](void* out, int count, char** values, char**) {
      for (int i = 0; i < count; ++i) {
        *static_cast<std::string*>(out) += std::string(values[i]) + "|";
      }
      return 0;
    };
    const char* sql =
        "SELECT stream, hex(CAST(name AS BLOB)), typeof(name), length + more, " WEIR_ADDED_AND_MORE
        ", tail + more - (stream << 42), renamed, deleted_ms, deleted_seq FROM (SELECT *, "
        "ifnull((SELECT max(n) FROM weir_entries WHERE n >= tail AND n < (stream + 1) << 42) + 1 - tail, 0) AS more"
        " FROM weir_streams) ORDER BY stream";
    REQUIRE(sqlite3_exec(db_, sql, add, &rows, nullptr) == SQLITE_OK);
    return rows;
  }

  Id last(const std::string& stream) {
    const auto info = store->run(XinfoStream{stream});
    return info ? info->last_generated_id : kMinId;
  }

  std::unique_ptr<Store> store;

 private:
  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

/// Whether `*` gives this ID at some moment from `begin` to `end`.
bool is_next(Id id, Id last, std::uint64_t begin, std::uint64_t end) {
  if (const auto after = next_id(last); after == id && end >= begin && begin <= last.ms) {
    return true;
  }
  return id.seq == 0 && id.ms > last.ms && id.ms >= begin && id.ms <= end;
}

std::uint64_t now() {
  return static_cast<std::uint64_t>(unix_now().count());
}

/// Where a stream's last ID may be sent: beside each border of the numbers, around now, and to the very end.
Id far_id(Random& random) {
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63U;
  constexpr std::uint64_t kTenth = 10'000'000'000'000'000'000U;  // from here on no zero leads its 20 digits
  const std::array<std::uint64_t, 6> borders{0, now() - 5, now() + 1'000'000, kHalf - 2, kTenth - 2, kMaxPart - 3};
  const auto part = [&] { return one_of(random, borders) + random() % 4; };
  return {part(), part()};
}

std::string shown(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    out += value >= 0x20 && value < 0x7f ? std::string(1, byte) : fmt::format("<{:02x}>", value);
  }
  return out;
}

/// The fields that XADD would take; nothing if it would not.
std::optional<Fields> read_line(io::LineParser& parser, const std::string& json) {
  std::string padded = json;
  padded.append(io::LineParser::kPadding, '\0');
  auto line = parser.parse(std::string_view(padded).substr(0, json.size()));
  return line ? std::optional(std::move(line->fields)) : std::nullopt;
}

void change_both(Random& random, Side& by_inbox, Side& by_engine) {
  const std::string stream = fmt::format("stream {}", random() % 5);
  switch (random() % 9) {
    case 0:
      REQUIRE(by_inbox.store->run(Del{{stream}})->value == by_engine.store->run(Del{{stream}})->value);
      break;
    case 1:
      (void)by_inbox.store->run(Rename{stream, "stream 0"});
      (void)by_engine.store->run(Rename{stream, "stream 0"});
      break;
    case 2: {
      // As if 2^42 - 2 entries had been added to it. XSETID saves the row, with all its entries counted.
      (void)by_inbox.store->run(Xsetid{stream, by_inbox.last(stream), std::nullopt, std::nullopt});
      (void)by_engine.store->run(Xsetid{stream, by_engine.last(stream), std::nullopt, std::nullopt});
      const std::string nearly_full =
          "UPDATE weir_streams SET tail = max(tail, ((stream + 1) << 42) - 2) WHERE name = '" + stream + "'";
      by_inbox.execute(nearly_full);
      by_engine.execute(nearly_full);
      break;
    }
    default:
      const auto added = once_in(random, 8) ? std::optional<std::uint64_t>(INT64_MAX) : std::nullopt;
      const Xsetid request{stream, far_id(random), added, std::nullopt};
      // One may be refused that the other takes: the IDs of both were made at different moments.
      if (by_inbox.store->run(request) && !by_engine.store->run(request)) {
        REQUIRE(by_inbox.store->run(Del{{stream}}));
        REQUIRE(by_engine.store->run(Del{{stream}}));
      }
  }
}

void compare(std::uint64_t seed, std::uint64_t inserts, bool utf16) {
  Random random(seed);
  Generator generator(random, utf16);
  const TempDir folder;
  Side by_inbox(folder.path("inbox.db"), utf16);
  Side by_engine(folder.path("engine.db"), utf16);
  io::LineParser parser(io::Nested::refuse);
  if (once_in(random, 2)) {
    // The numbers of streams have come to their end, and begin again in the gaps.
    const std::string last =
        "INSERT INTO weir_streams(stream, name, tail) VALUES (2097150, 'last', 2097150 << 42),"
        " (2, 'second', 2 << 42)";
    by_inbox.execute(last);
    by_engine.execute(last);
  }
  std::uint64_t taken = 0;
  for (std::uint64_t i = 0; i < inserts; ++i) {
    if (once_in(random, 10)) {
      change_both(random, by_inbox, by_engine);
    }
    const std::string stream = generator.name();
    const std::string json = generator.fields();
    INFO(fmt::format("WEIR_SEED={} insert {}: '{}' {}", seed, i, shown(stream), shown(json)));
    const Id last_by_inbox = by_inbox.last(stream);
    const Id last_by_engine = by_engine.last(stream);
    const std::uint64_t begin = now();

    std::string said;
    const bool inbox_takes = by_inbox.insert(stream, json, said);
    // A name that is no text can be had with XADD only, and is kept as a BLOB.
    const bool is_name = !stream.empty() && is_utf8(stream) && stream.find('\0') == std::string::npos;
    const auto fields = is_name ? read_line(parser, json) : std::nullopt;
    Result<MaybeId> id = MaybeId();
    if (fields) {
      Xadd add;
      add.stream = stream;
      add.fields = *fields;
      id = by_engine.store->run(add);
    }
    const bool engine_takes = fields && id;
    INFO("inbox: " << (inbox_takes ? "taken" : said) << "; engine: "
                   << (!fields ? "no message"
                       : id    ? "taken"
                               : id.error().message));
    REQUIRE(inbox_takes == engine_takes);
    REQUIRE((inbox_takes || said.starts_with("weir_inbox: ") || said.starts_with("ERR ")));
    REQUIRE(by_inbox.streams() == by_engine.streams());
    if (!inbox_takes) {
      continue;
    }
    ++taken;
    const std::uint64_t end = now();
    const auto newest = [&](Side& side) {
      auto entries = side.store->run(Xrange{stream, kMinId, kMaxId, true, 1});
      REQUIRE(entries);
      REQUIRE(entries->entries.size() == 1);
      return entries->entries.front();
    };
    const Entry from_inbox = newest(by_inbox);
    INFO(to_string(last_by_inbox) << " then " << to_string(from_inbox.id));
    REQUIRE(is_next(from_inbox.id, last_by_inbox, begin, end));
    REQUIRE(is_next(**id, last_by_engine, begin, end));
    REQUIRE(from_inbox.id == by_inbox.last(stream));
    REQUIRE(from_inbox.fields->json() == newest(by_engine).fields->json());
    REQUIRE(from_inbox.fields->json() == fields->json());
  }
  CHECK(taken > inserts / 3);
  CHECK(taken < inserts * 19 / 20);
}

}  // namespace

TEST_CASE("The inbox takes, refuses and keeps what XADD does, whatever it is given") {
  const std::uint64_t seed = setting("WEIR_SEED", 20261127);
  const std::uint64_t inserts = setting("WEIR_INSERTS", 600);
  for (std::uint64_t i = 0; i < 4; ++i) {
    compare(seed + i, inserts, i == 3);
  }
}

TEST_CASE("The inbox takes no name and no fields that are not text") {
  const TempDir folder;
  Side side(folder.path("w.db"), false);
  for (const char* values : {"NULL, '{\"a\":1}'", "1, '{\"a\":1}'", "x'73', '{\"a\":1}'", "'s', NULL", "'s', 1",
                             "'s', x'7b2261223a317d'", "'s', 'null'", "'s', '1'", "'s', '[]'", "'s', '\"a\"'"}) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(folder.path("w.db").c_str(), &db) == SQLITE_OK);
    CAPTURE(values);
    const std::string insert = "INSERT INTO weir_inbox VALUES (" + std::string(values) + ")";
    CHECK(sqlite3_exec(db, insert.c_str(), nullptr, nullptr, nullptr) == SQLITE_CONSTRAINT);
    sqlite3_close(db);
  }
  CHECK(side.streams().empty());
}

}  // namespace weir::test
