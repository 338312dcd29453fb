#include "sqlite/tables/bulk_insert.h"

#include <algorithm>
#include <array>
#include <deque>
#include <new>
#include <string>
#include <vector>

#include "sqlite/database/id_halves.h"

namespace weir::sqlite {
namespace {

constexpr const char* kInsert = "INSERT INTO weir_entries(n, ms, seq, fields) VALUES (?, ?, ?, ?)";
constexpr const char* kInsertRows =
    "INSERT INTO weir_entries(n, ms, seq, fields) SELECT n, ms, seq, fields FROM weir_rows";
constexpr const char* kAppendRows = "INSERT INTO weir_entries(ms, seq, fields) SELECT ms, seq, fields FROM weir_rows";
// FAIL: a failure undoes the whole transaction, so SQLite need not be able to undo this statement alone.
constexpr const char* kHoldRows =
    "INSERT OR FAIL INTO weir_pending(grp, ms, seq, n, consumer, delivered_ms, deliveries) SELECT ?, ms, seq, n, ?, ?, "
    "1 "
    "FROM weir_rows";
constexpr const char* kLastPosition = "SELECT max(n) FROM weir_entries";

struct Cursor {
  sqlite3_vtab_cursor base;
  std::size_t at = 0;
};

using Source = std::span<const NewRow>;

struct Table {
  sqlite3_vtab base;
  const Source* source = nullptr;
};

const Source& source_of(sqlite3_vtab_cursor* cursor) {
  return *reinterpret_cast<Table*>(cursor->pVtab)->source;
}

Cursor& cursor_of(sqlite3_vtab_cursor* cursor) {
  return *reinterpret_cast<Cursor*>(cursor);
}

int connect(sqlite3* db, void* source, int, const char* const*, sqlite3_vtab** out, char**) {
  const int code = sqlite3_declare_vtab(db, "CREATE TABLE weir_rows(n INTEGER, ms, seq, fields TEXT)");
  if (code == SQLITE_OK) {
    auto* table = new (std::nothrow) Table();
    if (table == nullptr) {
      return SQLITE_NOMEM;
    }
    table->source = static_cast<const Source*>(source);
    *out = &table->base;
  }
  return code;
}

int disconnect(sqlite3_vtab* table) {
  delete reinterpret_cast<Table*>(table);
  return SQLITE_OK;
}

int best_index(sqlite3_vtab*, sqlite3_index_info*) {
  return SQLITE_OK;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
  auto* cursor = new (std::nothrow) Cursor();
  if (cursor == nullptr) {
    return SQLITE_NOMEM;
  }
  *out = &cursor->base;
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete &cursor_of(cursor);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
  cursor_of(cursor).at = 0;
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  ++cursor_of(cursor).at;
  return SQLITE_OK;
}

int eof(sqlite3_vtab_cursor* cursor) {
  return cursor_of(cursor).at >= source_of(cursor).size() ? 1 : 0;
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int which) {
  const NewRow& row = source_of(cursor)[cursor_of(cursor).at];
  switch (which) {
    case 0:
      sqlite3_result_int64(context, row.n);
      break;
    case 1:
      result_half(context, row.id.ms);
      break;
    case 2:
      result_half(context, row.id.seq);
      break;
    default:
      sqlite3_result_text64(context, row.fields.data(), row.fields.size(), SQLITE_STATIC, SQLITE_UTF8);
      break;
  }
  return SQLITE_OK;
}

int rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* out) {
  *out = static_cast<sqlite3_int64>(cursor_of(cursor).at);
  return SQLITE_OK;
}

/// Without xCreate the table exists in every connection that registers the module, and in no schema.
constexpr sqlite3_module make_module() {
  sqlite3_module module{};
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = eof;
  module.xColumn = column;
  module.xRowid = rowid;
  return module;
}

constexpr sqlite3_module kModule = make_module();

/// The same JSON, with U+FFFE and U+FFFF (which occur only in strings) as ASCII escapes.
std::string without_noncharacters(std::string_view json) {
  constexpr std::string_view kBoth = "\xef\xbf";
  std::string out;
  while (!json.empty()) {
    const std::size_t at = std::min(json.find(kBoth), json.size());
    out += json.substr(0, at);
    json.remove_prefix(at);
    const char last = json.size() > kBoth.size() ? json[kBoth.size()] : '\0';
    const bool is_one = last == '\xbe' || last == '\xbf';
    out += is_one ? (last == '\xbe' ? "\\ufffe" : "\\uffff") : json.substr(0, kBoth.size());
    json.remove_prefix(std::min(json.size(), is_one ? kBoth.size() + 1 : kBoth.size()));
  }
  return out;
}

}  // namespace

std::string_view as_kept(Database& db, std::string_view json, std::string& room) {
  return db.keeps(json) ? json : std::string_view(room = without_noncharacters(json));
}

struct BulkInsert::Rows {
  Source source;
};

BulkInsert::BulkInsert(Database& db) : db_(db) {}

BulkInsert::~BulkInsert() = default;

void BulkInsert::insert(std::span<const NewRow> rows) {
  const auto is_kept = [this](const NewRow& row) { return db_.keeps(row.fields); };
  if (std::ranges::all_of(rows, is_kept)) {
    insert_kept(rows);
    return;
  }
  std::vector<NewRow> kept(rows.begin(), rows.end());
  std::deque<std::string> texts;
  for (NewRow& row : kept) {
    row.fields = as_kept(db_, row.fields, texts.emplace_back());
  }
  insert_kept(kept);
}

void BulkInsert::insert_kept(std::span<const NewRow> rows) {
  if (rows.size() < kMany) {
    Query query = db_.query(kInsert);
    for (const NewRow& row : rows) {
      query.bind(row.n).bind(row.id).bind_text(row.fields).run();
      query.again();
    }
    return;
  }
  std::int64_t last = 0;
  if (Query query = db_.query(kLastPosition); query.next()) {
    last = query.integer(0);
  }
  // Inserts run by run: a run has neighbouring positions, which are those of one stream.
  while (!rows.empty()) {
    const auto gap =
        std::adjacent_find(rows.begin(), rows.end(), [](const NewRow& a, const NewRow& b) { return b.n != a.n + 1; });
    const auto size = gap == rows.end() ? rows.size() : static_cast<std::size_t>(gap - rows.begin()) + 1;
    insert_run(rows.first(size), rows.front().n == last + 1);
    last = std::max(last, rows[size - 1].n);
    rows = rows.subspan(size);
  }
}

void BulkInsert::insert_run(std::span<const NewRow> run, bool last) {
  show(run);
  db_.query(last ? kAppendRows : kInsertRows).run();
  show({});
}

void BulkInsert::hold(std::span<const NewRow> entries, const GroupRow& group, const ConsumerRow& consumer, UnixMs now) {
  show(entries);
  db_.query(kHoldRows).bind(group.number).bind(consumer.number).bind(now.count()).run();
  show({});
}

void BulkInsert::show(std::span<const NewRow> rows) {
  if (!rows_) {
    rows_ = std::make_unique<Rows>();
    sqlite3_create_module(db_.handle(), "weir_rows", &kModule, &rows_->source);
  }
  rows_->source = rows;
}

}  // namespace weir::sqlite
