// A SQLite connection and its statements. Failures are remembered, not returned by every call: see Database.
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

/// A connection. The first failure of a statement is kept, and from then on every statement of it does nothing,
/// until `take_failure`. So code reads straight on, and asks once: before it commits, or before it trusts
/// what it has read (`failed`).
/// Threads: one at a time.
class Database {
 public:
  /// Opens a file that is there. Its schema is not trusted: what stands in its views and triggers runs no function or
  /// virtual table with an effect outside the database.
  static Result<Database> open(const std::string& path);

  /// Likewise, a file that nobody changes and that has no log: nothing is made beside it.
  static Result<Database> open_unchanging(const std::string& path);
  /// Likewise, one that has perhaps no name any more: `name` is for messages. Requires: `fd` stays open as long.
  static Result<Database> open_unchanging(int fd, const std::string& name);

  /// A statement, compiled at its first use and kept. Requires: `sql` is a constant that outlives the database,
  /// and no other Query on the same constant is alive.
  Query query(const char* sql);

  /// Runs statements that return nothing and are not worth keeping.
  void execute(const char* sql);

  /// `how`: BEGIN or BEGIN IMMEDIATE. If it fails there is no transaction.
  void begin(const char* how);
  /// Ends the transaction that there is, if there is one, and undoes what it has written: also after a failure, and
  /// without memory.
  void undo();
  /// Likewise, and keeps what it has written, if that can be.
  void end();

  bool failed() const { return failure_.has_value(); }
  /// The failure, which is forgotten by this. Requires: failed().
  Error take_failure();
  void note_failure(int code);
  void note_failure(Error error);
  /// The rows contradict each other: `what` says how.
  void note_damage(const std::string& what);

  /// What was read of this stream has to be brought up to date by a write first: see find_stream.
  void note_stale(std::string_view stream);
  /// The first such stream since the last call.
  std::optional<std::string> take_stale() { return std::exchange(stale_, std::nullopt); }

  /// Two that are equal, each in a transaction to write: nothing in the database has changed in between.
  struct Version {
    std::uint64_t elsewhere = 0;
    std::int64_t here = 0;
    friend bool operator==(const Version&, const Version&) = default;
  };
  Version version() const { return {elsewhere_, sqlite3_total_changes64(handle_.get())}; }
  /// To be told of what is no statement of this connection: others have written, or what was written is undone.
  void note_elsewhere() { ++elsewhere_; }

  /// The failure if there is one, else the error given: a conclusion drawn from a statement that failed is void.
  tl::unexpected<Error> refuse(std::string message);

  /// Whether the file's encoding keeps this text: on the way to UTF-16 SQLite makes U+FFFD of U+FFFE and U+FFFF.
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
  std::uint64_t elsewhere_ = 0;   ///< how often there was that
  std::optional<bool> is_utf16_;  ///< asked when it is needed, which is hardly ever
};

/// A statement in use. Its end resets the statement, so that it holds no read transaction.
/// Values are bound in order, from 1; columns count from 0.
/// Lifetime: within that of its database, which keeps the statement. Fails as all of that does: the failure is the
/// database's, a statement that failed has no rows, and what is read of it is 0 or empty.
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
      std::string_view bytes);  ///< TEXT if the file keeps it so, else BLOB. `bytes` must outlive the steps.
  Query& bind_text(std::string_view utf8);   ///< likewise
  Query& bind_blob(std::string_view bytes);  ///< likewise

  /// To the next row; false at the end, or if the statement failed.
  bool next();
  /// To the end.
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
  Database* db_;
  sqlite3_stmt* statement_;  ///< null: it could not be compiled; then nothing happens
  int bound_ = 0;
};

}  // namespace weir::sqlite
