// What the schema of this version is made of, as SQL. A new file and one that is migrated get the same texts.
//
// Every process that opens a file has SQLite read all of them: a word costs each one-shot command some 500
// instructions, a column 1,500, a table 10,000 and an index 13,000 of its 3.4 million.
#pragma once

namespace weir::sqlite {

extern const char* const kMetaTable;     ///< filled
extern const char* const kFirstTables;   ///< those that version 1 had and that are not named here
extern const char* const kPendingTable;  ///< with its indexes
extern const char* const kTablesSince2;  ///< with their indexes
extern const char* const kViews;         ///< what people look at with any SQLite client
extern const char* const kInbox;         ///< where their own transactions append

}  // namespace weir::sqlite
