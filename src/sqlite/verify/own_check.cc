// What SQLite itself says of the file, and the schema against the one that weir makes.
#include <memory>
#include <vector>

#include "sqlite/file/schema_parts.h"
#include "sqlite/verify/rules.h"

namespace weir::sqlite {
namespace {

constexpr const char* kIntegrity = "PRAGMA integrity_check(1000)";

/// What REINDEX mends: the table is whole, and what is made of it is not.
bool is_of_an_index(std::string_view said) {
  return said.find("missing from index") != std::string_view::npos || said.starts_with("wrong # of entries in index");
}

struct Part {
  std::string kind;
  std::string name;
  std::string sql;
};

/// Indexes, views and triggers: what can be made again without losing anything. Empty: there was no memory.
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

/// Whether it is missing; nothing: it is as it has to be.
std::optional<bool> is_missing(Database& db, const Part& part) {
  Query query = db.query(kPartOf);
  if (!query.bind_text(part.kind).bind_text(part.name).next()) {
    return true;
  }
  return query.bytes(0) == part.sql ? std::nullopt : std::optional(false);
}

}  // namespace

void look_with_sqlite(Database& db, Findings& findings) {
  Query query = db.query(kIntegrity);
  while (query.next()) {
    const std::string said(query.bytes(0));
    if (said != "ok") {
      findings.begin("sqlite", is_of_an_index(said));
      findings.add(std::nullopt, std::nullopt, said.substr(0, said.find('\n')));
    }
  }
}

void make_indexes_anew(Database& db) {
  bool any = false;
  bool all = true;
  {
    Query query = db.query(kIntegrity);
    while (query.next()) {
      const auto said = query.bytes(0);
      any = any || said != "ok";
      all = all && (said == "ok" || is_of_an_index(said));
    }
  }
  if (any && all) {
    db.execute("REINDEX");
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
