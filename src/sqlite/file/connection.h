// An open database, by weir's rules for the file: whose turn it is to write, when what was written is on the disk, what
// becomes of the log. What is written is no matter here: that is tables/.
//
// A writer waits for its turn at the lock file (turn.cc); SQLite's own busy handler is for programs that are not weir.
// It commits with synchronous=NORMAL, which does not wait for the disk, ends its turn, rings, and only then syncs the
// write-ahead log itself. The log is prefix-consistent: one sync covers every commit before it, so one does it for all
// who wait for theirs (group_sync.cc).
//
// open.cc opens, makes and migrates; transaction.cc begins and ends what transaction.h has; log.cc syncs, moves the log
// into the database, and leaves.
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

/// What is to be done on the way, for others who wait for this commit. It must not throw.
struct CommitSteps {
  bool for_others = false;                    ///< there are any
  std::function<void()> before_sync = [] {};  ///< the disk is about to be waited for
  std::function<void()> safe = [] {};         ///< it is as safe as the durability says
};

/// Threads: one at a time. Two connections to one file in one process share nothing, and are to each other as two of
/// two processes.
/// Fails: with Failure::store. It stays where it is: SQLite calls it back.
class Connection {
 public:
  /// Opens the database at `path`; with Access::make a missing one is made, its folders and tables too. Waits for the
  /// turn to write if there is something to make.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, const StoreOptions& options,
                                                  const FileLimits& limits);
  /// Syncs what is not yet on the disk, unless the durability is `normal`, and moves a long log. The last one leaves
  /// the file complete: see last_to_leave.h. Waits for the disk, but for no other process. Requires: no transaction.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Database& database() { return db_; }
  const StoreOptions& options() const { return options_; }
  bool is_told_to_stop() const { return limits_.stop != nullptr && *limits_.stop != 0; }

  /// What the parts of a PartsOfOne have asked for.
  enum class Parts {
    nothing,
    commit,  ///< without a sync
    sync,
  };
  /// Whether there is a PartsOfOne: then nothing may wait.
  bool is_in_parts() const { return in_parts_; }

  /// How often others committed between this connection's last commit and its last transaction to write.
  std::uint32_t others_commits() const { return others_commits_; }
  /// How many transactions of this connection were committed.
  int commits() const { return commits_; }
  /// Syncs what was committed before this connection's last transaction to write began. Fails if that fails.
  Result<void> sync_begun();
  /// Whether anybody's sync of this log did: then each has to sync for itself.
  bool has_sync_failed() const;

  /// Opened, or made, at its first use: who only looks needs none. It lives as long as the connection.
  Result<const LockFile*> lock_file();
  /// Fails if the database, its log or the lock file is no longer there under its name.
  Result<void> check_files();
  /// To be asked once something was read, before it is trusted: see unchanging.h.
  Result<void> check_unchanged() const { return unchanging_ ? unchanging_->check() : Result<void>(); }
  /// Opened once more. Lifetime: within that of this.
  Result<Database> second_database() { return unchanging_ ? unchanging_->database() : Database::open(db_.path()); }
  /// As check_files, a few times a second; a failure is kept by the database. A transaction that looks begins with it.
  void check_files_now_and_then();
  /// Changes when another connection commits. Failures are kept by the database.
  std::int64_t data_version();
  /// See Store::identity.
  std::string identity();
  /// Bytes of the log; 0: there is none.
  std::uint64_t log_size();
  /// After a failure with Cause::no_room: moves what the log holds into the database, so that who writes next has the
  /// room that it took. False: there is none to be had so, or somebody still reads what is there, or moves it. Takes
  /// as long as a sync or two. Requires: no transaction.
  bool make_room();
  /// For a large transaction: pages that are spilled before the commit are written twice.
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
  bool files_lost_ = false;  ///< one of them was removed or replaced
  SteadyTime files_checked_ = std::chrono::steady_clock::now();
  std::uint64_t steps_left_ = 0;      ///< where limits_.most_steps is one
  bool in_parts_ = false;             ///< see PartsOfOne
  Parts parts_ = Parts::nothing;      ///< likewise
  bool log_unsynced_ = false;         ///< committed, but not yet known to be on the disk
  std::optional<LogEnd> synced_end_;  ///< all before it is on the disk
  std::optional<LogEnd> begun_;       ///< of the log, when the transaction began
  std::optional<LogEnd> own_end_;     ///< of the log after this connection's last commit
  std::uint32_t others_commits_ = 0;  ///< since that one and before this; 0: nobody has written
  bool in_vain_ = false;              ///< who syncs for all was waited for: it may be stopped
  int log_frames_ = 0;                ///< length of the write-ahead log at the last commit
  int commit_frames_ = 0;             ///< how much it grew by that; 0: nothing was written
  int last_attempt_ = 0;              ///< how long it was when this process last tried to move it
  int commits_ = 0;
  bool large_cache_ = false;
  SteadyTime busy_since_;                   ///< SQLite waits for a lock
  std::chrono::milliseconds most_busy_{0};  ///< how long it may
  bool shows_old_schema_ = false;  ///< to be looked at in each read transaction: it may have been migrated since
};

}  // namespace weir::sqlite
