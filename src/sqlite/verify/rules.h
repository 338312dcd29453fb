// The rules that verify.h describes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "sqlite/database/database.h"
#include "sqlite/verify/findings.h"

namespace weir::sqlite {

struct Rule {
  const char* name;
  /// A query with a row for each place that breaks the rule: the stream's name, the group's (NULL: none), and what is
  /// wrong.
  const char* find = nullptr;
  /// Statements after which the rule holds; null: weir cannot mend it.
  const char* mend = nullptr;
  /// `look` and `repair` stand in the place of `find` and `mend` for a rule that SQL cannot express.
  void (*look)(Database& db, Findings& findings) = nullptr;
  void (*repair)(Database& db) = nullptr;

  /// The rule relies on the order of IDs: while that is broken, the rule cannot be checked.
  bool needs_order = false;

  bool can_be_mended() const { return mend != nullptr || repair != nullptr; }
};

std::span<const Rule> rules();

// entries.cc
void look_at_entries(Database& db, Findings& findings);
void put_entries_in_order(Database& db);
void look_for_ownerless(Database& db, Findings& findings);
void give_them_a_stream(Database& db);

// placed.cc
void look_at_places(Database& db, Findings& findings);
void mend_places(Database& db);

// own_check.cc
void look_with_sqlite(Database& db, Findings& findings);
void make_indexes_anew(Database& db);
void look_at_schema(Database& db, Findings& findings);
void make_what_is_missing(Database& db);
/// A line for each trigger on weir's tables that weir did not make.
std::vector<std::string> triggers_of_others(Database& db);

}  // namespace weir::sqlite
