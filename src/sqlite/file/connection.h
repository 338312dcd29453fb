// An open database, with weir's rules for the file: whose turn it is to write, when commits are synced, what becomes of
// the log. Which rows are written is the business of tables/.
//
// A writer waits for its turn at the lock file (turn.cc); SQLite's own busy handler is for programs that are not weir.
// The writer commits with synchronous=NORMAL, which does not wait for the disk, ends its turn, rings, and only then
// syncs the write-ahead log itself. The log is prefix-consistent: one sync covers every commit before it, so one
// process syncs for all that wait (group_sync.cc).
//
// open.cc opens, makes and migrates a database; transaction.cc begins and ends transactions; log.cc syncs the log,
// moves it into the database, and leaves the file in order.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sqlite/database/database.h"
#include "sqlite/database/log_index.h"
#include "sqlite/file/file_limits.h"
#include "sqlite/file/lock_file.h"
#include "sqlite/file/open_files.h"
#include "sqlite/file/unchanging.h"
#include "stream/result.h"
#include "stream/store.h"

namespace weir::sqlite {

/// Steps during a commit, for other processes that wait for it. They must not throw.
struct CommitSteps {
  bool for_others = false;                    ///< other processes wait for this commit
  std::function<void()> before_sync = [] {};  ///< called just before this process waits for the disk
  std::function<void()> safe = [] {};         ///< called once the commit is as safe as the durability says
};

/// Threads: one at a time. Two connections to one file in one process share nothing: they act like connections of two
/// processes.
/// Fails: with Failure::store. The object must not move, since SQLite calls it back.
class Connection {
 public:
  /// Opens the database at `path`; with Access::make, a missing database is made, with its folders and tables. Waits
  /// for the turn to write if anything has to be made.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, const StoreOptions& options,
                                                  const FileLimits& limits);
  /// Syncs commits that are not yet on the disk, unless the durability is `normal`, and moves a long log. The last
  /// connection to close leaves the file complete: see last_to_leave.h. Waits for the disk, but for no other process.
  /// Requires: no transaction.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Database& database() { return db_; }
  const StoreOptions& options() const { return options_; }
  bool is_told_to_stop() const { return limits_.stop != nullptr && *limits_.stop != 0; }

  /// What the commits inside a PartsOfOne need in the end.
  enum class Parts {
    nothing,
    commit,  ///< a commit without a sync
    sync,
  };
  /// Whether a PartsOfOne is alive: then no command may wait.
  bool is_in_parts() const { return in_parts_; }

  /// How often others committed between this connection's last commit and its last transaction to write.
  std::uint32_t others_commits() const { return others_commits_; }
  /// How many transactions of this connection were committed.
  int commits() const { return commits_; }
  /// Syncs all that was committed before this connection's last write transaction began. Fails if the sync fails.
  Result<void> sync_begun();
  /// Whether any process failed to sync this log: then each process has to sync for itself.
  bool has_sync_failed() const;

  /// The lock file, opened or made at the first call: a connection that only looks needs none. It lives as long as the
  /// connection.
  Result<const LockFile*> lock_file();
  /// Fails if the database, its log or the lock file is no longer there under its name.
  Result<void> check_files();
  /// Call this after reading, before the result is trusted: see unchanging.h.
  Result<void> check_unchanged() const { return unchanging_ ? unchanging_->check() : Result<void>(); }
  /// Opens the same database once more. Lifetime: within that of this connection.
  Result<Database> second_database() { return unchanging_ ? unchanging_->database() : Database::open(db_.path()); }
  /// As check_files, but checks only a few times a second; the database keeps a failure. Every read transaction calls
  /// this first.
  void check_files_now_and_then();
  /// A number that changes when another connection commits. The database keeps failures.
  std::int64_t data_version();
  /// See Store::identity.
  std::string identity();
  /// Bytes of the log; 0: there is none.
  std::uint64_t log_size();
  /// After a failure with Cause::no_room: moves the log into the database, so that the next writer can use the log's
  /// space again. False: no space could be freed, or another process is reading or moving the log. Takes as long as a
  /// sync or two. Requires: no transaction.
  bool make_room();
  /// Enlarges SQLite's cache for a large transaction, since pages that are spilled before the commit are written twice.
  void enlarge_cache();

 private:
  friend class ReadTransaction;
  friend class WriteTransaction;
  friend class PartsOfOne;

  Connection(std::optional<Unchanging> unchanging, Database db, const StoreOptions& options, const FileLimits& limits)
      : unchanging_(std::move(unchanging)), db_(std::move(db)), options_(options), limits_(limits) {}

  // open.cc
  Result<void> prepare_file();
  void limit_steps();
  const LockFile* lock_file_if_there();

  // transaction.cc
  Result<void> begin_write(std::chrono::milliseconds waited);
  Result<bool> begin_write_at_once();
  void look_at_log();
  Result<void> check_may_write() const;
  Result<void> commit_write(bool worth_a_sync, const CommitSteps& steps);
  void roll_back();

  // group_sync.cc
  void sync_commit(const std::optional<LogEnd>& end, const CommitSteps& steps);
  void sync_with_others(const LogEnd& end, const CommitSteps& steps);
  bool is_covered(const LogEnd& end);

  // log.cc
  void sync_log(const std::optional<LogEnd>& end);
  sqlite3_file* log_file();
  bool sync_log_file();
  void checkpoint_if_large();
  void checkpoint_at_end();
  void leave_complete();
  static int on_commit(void* connection, sqlite3* db, const char* name, int frames);

  // busy.cc
  void set_busy_timeout() { set_busy_timeout(options_.lock_timeout); }
  void set_busy_timeout(std::chrono::milliseconds most);
  static int wait_unless_in_hurry(void* connection, int waits);

  std::optional<Unchanging> unchanging_;  ///< outlives the database, which reads it
  Database db_;
  StoreOptions options_;
  FileLimits limits_;
  std::optional<LockFile> lock_file_;
  OpenFiles open_files_;
  bool files_lost_ = false;  ///< one of our files was removed or replaced
  SteadyTime files_checked_ = std::chrono::steady_clock::now();
  std::uint64_t steps_left_ = 0;      ///< used if limits_.most_steps is set
  bool in_parts_ = false;             ///< see PartsOfOne
  Parts parts_ = Parts::nothing;      ///< likewise
  bool log_unsynced_ = false;         ///< committed, but not yet known to be on the disk
  std::optional<LogEnd> synced_end_;  ///< the log is on the disk up to here
  std::optional<LogEnd> begun_;       ///< the log's end when the transaction began
  std::optional<LogEnd> own_end_;     ///< the log's end after this connection's last commit
  std::uint32_t others_commits_ = 0;  ///< commits of others between our last commit and this transaction
  bool in_vain_ = false;              ///< the process that syncs for all did not end: it may be stopped
  int log_frames_ = 0;                ///< length of the write-ahead log at the last commit
  int commit_frames_ = 0;             ///< how much that commit added to the log; 0: nothing was written
  int last_attempt_ = 0;              ///< length of the log when this process last tried to move it
  int commits_ = 0;
  bool large_cache_ = false;
  SteadyTime busy_since_;                   ///< since when SQLite waits for a lock
  std::chrono::milliseconds most_busy_{0};  ///< how long SQLite may wait
  bool shows_old_schema_ = false;  ///< checked in each read transaction: another process may have migrated the file
};

}  // namespace weir::sqlite
