// A SQLite connection and its statements. The connection keeps failures, and calls do not return them: see Database.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "stream/id.h"
#include "stream/result.h"

namespace weir::sqlite {

class Query;

/// A connection. It keeps the first failure of a statement, and from then on its statements do nothing, until
/// `take_failure`. So code can go straight on and check `failed` only once: before it commits, or before it trusts what
/// it has read. Threads: one at a time.
class Database {
 public:
  /// Opens an existing file. Its schema is not trusted: its views and triggers can run no function or virtual table
  /// that has an effect outside the database.
  static Result<Database> open(const std::string& path);

  /// Opens a file that nobody changes and that has no log. Makes no file beside it.
  static Result<Database> open_unchanging(const std::string& path);
  /// The same by descriptor, for a file that may have lost its name: `name` is for messages. Requires: `fd` stays open
  /// as long as the database.
  static Result<Database> open_unchanging(int fd, const std::string& name);

  /// A statement, compiled at its first use and kept. Requires: `sql` is a constant that outlives the database,
  /// and no other Query on the same constant is alive.
  Query query(const char* sql);

  /// Runs statements that return nothing and are not worth keeping.
  void execute(const char* sql);

  /// `how`: BEGIN or BEGIN IMMEDIATE. If this fails there is no transaction.
  void begin(const char* how);
  /// Ends the transaction, if there is one, and undoes its changes. Works also after a failure, and without memory.
  void undo();
  /// Ends the transaction, if there is one, and commits it if possible.
  void end();

  bool failed() const { return failure_.has_value(); }
  /// Returns the failure and forgets it. Requires: failed().
  Error take_failure();
  void note_failure(int code);
  void note_failure(Error error);
  /// The rows contradict each other: `what` says how.
  void note_damage(const std::string& what);

  /// Notes that this stream has to be brought up to date by a write transaction: see find_stream.
  void note_stale(std::string_view stream);
  /// The first stream that was noted as stale since the last call.
  std::optional<std::string> take_stale() { return std::exchange(stale_, std::nullopt); }

  /// If two versions, each taken in a write transaction, are equal, nothing in the database has changed in between.
  struct Version {
    std::uint64_t elsewhere = 0;
    std::int64_t here = 0;
    friend bool operator==(const Version&, const Version&) = default;
  };
  Version version() const { return {elsewhere_, sqlite3_total_changes64(handle_.get())}; }
  /// Call this after changes that no statement of this connection made: others have written, or a transaction was
  /// undone.
  void note_elsewhere() { ++elsewhere_; }

  /// Returns the failure if there is one, else a refusal with `message`: a refusal that rests on a failed statement is
  /// void.
  tl::unexpected<Error> refuse(std::string message);

  /// Whether the file's encoding preserves this text: in a UTF-16 file SQLite turns U+FFFE and U+FFFF into U+FFFD.
  bool keeps(std::string_view utf8);

  sqlite3* handle() const { return handle_.get(); }
  /// The path as SQLite resolved it: absolute, without symbolic links. It names the files beside it.
  std::string path() const { return sqlite3_db_filename(handle_.get(), "main"); }

 private:
  struct Closer {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}
  std::unique_ptr<sqlite3_stmt, Finalizer> compiled(const char* sql);
  void end_by(const std::unique_ptr<sqlite3_stmt, Finalizer>& statement);
  static Result<Database> open_as(const std::string& name, const std::string& path, int flags);

  std::unique_ptr<sqlite3, Closer> handle_;
  std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, Finalizer>> statements_;
  // Compiled before the first transaction begins.
  std::unique_ptr<sqlite3_stmt, Finalizer> undo_;
  std::unique_ptr<sqlite3_stmt, Finalizer> end_;
  std::optional<Error> failure_;
  std::optional<std::string> stale_;
  std::uint64_t elsewhere_ = 0;   ///< how often note_elsewhere was called
  std::optional<bool> is_utf16_;  ///< looked up when needed, which is hardly ever
};

/// A statement in use. Its end resets the statement, so that it holds no read transaction.
/// Values are bound in order, from 1; columns count from 0.
/// Lifetime: within that of its database, which keeps the statement. The database keeps a failure; a failed statement
/// has no rows, and its columns read as 0 or empty.
class Query {
 public:
  Query(Database& db, sqlite3_stmt* statement) : db_(&db), statement_(statement) {}
  ~Query() {
    if (statement_ != nullptr) {
      sqlite3_reset(statement_);
    }
  }
  Query(Query&& other) noexcept
      : db_(other.db_), statement_(std::exchange(other.statement_, nullptr)), bound_(other.bound_) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& operator=(Query&&) = delete;

  Query& bind(std::int64_t value);
  Query& bind(std::optional<std::int64_t> value);
  Query& bind_limit(std::optional<std::uint64_t> count);  ///< for LIMIT; nothing: all rows
  Query& bind(Id id);                                     ///< two values: see id_halves.h
  Query& bind_name(
      std::string_view bytes);  ///< as TEXT if the file preserves it, else as BLOB. `bytes` must outlive the steps.
  Query& bind_text(std::string_view utf8);   ///< likewise
  Query& bind_blob(std::string_view bytes);  ///< likewise

  /// Moves to the next row; false at the end, or if the statement failed.
  bool next();
  /// Runs the statement to its end.
  void run() {
    while (next()) {
    }
  }
  /// Makes the statement ready to be bound and run again.
  void again() {
    sqlite3_reset(statement_);
    bound_ = 0;
  }

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::optional<std::int64_t> maybe_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
  std::string_view bytes(int column) const;  ///< valid until the next step
  Id id(int column) const;                   ///< from this column and the next

 private:
  void note(int code);

  Database* db_;
  sqlite3_stmt* statement_;  ///< null: it could not be compiled, and every call does nothing
  int bound_ = 0;
};

}  // namespace weir::sqlite
