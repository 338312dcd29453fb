// The SQL of this version's schema. New files and migrated files get the same texts.
//
// Every process that opens a file has SQLite read all of them: a word costs each one-shot command some 500
// instructions, a column 1,500, a table 10,000 and an index 13,000 of its 3.4 million.
#pragma once

namespace weir::sqlite {

extern const char* const kMetaTable;     ///< with its rows
extern const char* const kFirstTables;   ///< the other tables that version 1 had
extern const char* const kPendingTable;  ///< with its indexes
extern const char* const kTablesSince2;  ///< with their indexes
extern const char* const kViews;         ///< for people who look with any SQLite client
extern const char* const kInbox;         ///< where an application's own transaction appends

}  // namespace weir::sqlite
