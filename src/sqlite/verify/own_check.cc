// SQLite's own check of the file, and a comparison of the schema with the one that weir makes.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "sqlite/file/schema_parts.h"
#include "sqlite/verify/rules.h"

namespace weir::sqlite {
namespace {

constexpr const char* kIntegrity = "PRAGMA integrity_check(1000)";
/// Only weir's tables are checked: an application's may use functions and collations that only the application has.
constexpr const char* kOurs[] = {"weir_meta",    "weir_streams", "weir_entries", "weir_groups", "weir_consumers",
                                 "weir_pending", "weir_extras",  "weir_delayed", "weir_keys",   "weir_serial"};
constexpr const char* kIndexesAnew =
    "REINDEX weir_meta; REINDEX weir_streams; REINDEX weir_groups; REINDEX weir_consumers; REINDEX weir_pending; "
    "REINDEX weir_extras; REINDEX weir_delayed; REINDEX weir_keys; REINDEX weir_serial";

/// Whether REINDEX mends this: the table is sound, and only its index is not.
bool is_of_an_index(std::string_view said) {
  return said.find("missing from index") != std::string_view::npos || said.starts_with("wrong # of entries in index");
}

/// A file of an older version has fewer tables.
bool has_table(Database& db, const char* table) {
  return sqlite3_table_column_metadata(db.handle(), "main", table, nullptr, nullptr, nullptr, nullptr, nullptr,
                                       nullptr) == SQLITE_OK;
}

void take_what_is_said(Database& db, const char* check, std::vector<std::string>& wrong) {
  Query query = db.query(check);
  while (query.next()) {
    if (query.bytes(0) != "ok") {
      wrong.emplace_back(query.bytes(0));
    }
  }
}

std::vector<std::string> integrity(Database& db) {
  std::vector<std::string> wrong;
  take_what_is_said(db, kIntegrity, wrong);
  if (db.failed()) {
    db.take_failure();
    wrong.clear();
    for (const char* table : kOurs) {
      if (has_table(db, table)) {
        take_what_is_said(db, fmt::format("PRAGMA main.integrity_check({})", table).c_str(), wrong);
      }
    }
  }
  return wrong;
}

struct Part {
  std::string kind;
  std::string name;
  std::string sql;
};

/// The indexes, views and triggers of a new file: these can be made again without losing data. Empty: out of memory.
std::vector<Part> parts_of_new_file() {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> db(opened, sqlite3_close_v2);
  std::vector<Part> parts;
  for (const char* sql : {kMetaTable, kFirstTables, kPendingTable, kTablesSince2, kViews, kInbox}) {
    if (code != SQLITE_OK || sqlite3_exec(db.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      return {};
    }
  }
  const auto take = [](void* into, int, char** values, char**) {
    static_cast<std::vector<Part>*>(into)->push_back({values[0], values[1], values[2]});
    return 0;
  };
  constexpr const char* kParts = "SELECT type, name, sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL";
  sqlite3_exec(db.get(), kParts, take, &parts, nullptr);
  return parts;
}

constexpr const char* kPartOf = "SELECT sql FROM main.sqlite_schema WHERE type = ? AND name = ?";

/// tbl_name may be in any case, as the trigger's author wrote it; LIKE ignores case.
constexpr const char* kTriggers =
    "SELECT name, tbl_name FROM main.sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'weir\\_%' ESCAPE '\\' "
    "ORDER BY name";

/// Whether the part is missing, rather than different; nothing: it is as it should be.
std::optional<bool> is_missing(Database& db, const Part& part) {
  Query query = db.query(kPartOf);
  if (!query.bind_text(part.kind).bind_text(part.name).next()) {
    return true;
  }
  return query.bytes(0) == part.sql ? std::nullopt : std::optional(false);
}

}  // namespace

void look_with_sqlite(Database& db, Findings& findings) {
  for (const std::string& said : integrity(db)) {
    findings.begin("sqlite", is_of_an_index(said));
    findings.add(std::nullopt, std::nullopt, said.substr(0, said.find('\n')));
  }
}

void make_indexes_anew(Database& db) {
  const std::vector<std::string> wrong = integrity(db);
  if (std::ranges::all_of(wrong, is_of_an_index)) {
    db.execute(kIndexesAnew);
  }
}

void look_at_schema(Database& db, Findings& findings) {
  for (const Part& part : parts_of_new_file()) {
    if (const auto missing = is_missing(db, part)) {
      findings.add(std::nullopt, std::nullopt,
                   "the " + part.kind + " " + part.name + (*missing ? " is missing" : " is not as weir makes it"));
    }
  }
}

std::vector<std::string> triggers_of_others(Database& db) {
  const std::vector<Part> ours = parts_of_new_file();
  std::vector<std::string> told;
  Query query = db.query(kTriggers);
  while (query.next()) {
    const std::string name(query.bytes(0));
    if (std::ranges::none_of(ours, [&](const Part& part) { return part.kind == "trigger" && part.name == name; })) {
      told.push_back("the trigger " + name + " on " + std::string(query.bytes(1)) +
                     " is not weir's: it may change or keep back what weir writes there");
    }
  }
  return told;
}

void make_what_is_missing(Database& db) {
  for (const Part& part : parts_of_new_file()) {
    const auto missing = is_missing(db, part);
    if (!missing) {
      continue;
    }
    if (!*missing) {
      db.execute(("DROP " + part.kind + " " + part.name).c_str());
    }
    db.execute(part.sql.c_str());
  }
}

}  // namespace weir::sqlite
