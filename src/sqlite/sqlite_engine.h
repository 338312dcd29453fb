// The embedded engine, as its own files see it. What others see is sqlite_store.h.
//
// One file for each family of commands: append.cc, trim.cc, ranges.cc, groups.cc, deliver.cc, claims.cc, release.cc,
// info.cc, names.cc; transact.cc runs many of them; read_blocking.cc waits; connection.cc opens and writes; log.cc
// syncs and checkpoints.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sqlite/bulk_insert.h"
#include "sqlite/database.h"
#include "sqlite/lag.h"
#include "sqlite/last_to_leave.h"
#include "sqlite/lock_file.h"
#include "sqlite/open_files.h"
#include "sqlite/schema.h"
#include "stream/store.h"

namespace weir::sqlite {

/// A row of weir_streams. Positions (`n`) are explained in schema.h.
struct StreamRow {
  std::int64_t number = 0;
  std::int64_t length = 0;
  std::int64_t added = 0;
  Id last;
  Id max_deleted;
  std::int64_t tail = 0;  ///< the position of the next entry
  bool renamed = false;   ///< RENAME gave it its name

  std::int64_t begin() const { return number << kPositionBits; }
  std::int64_t end() const { return (number + 1) << kPositionBits; }  ///< no entry is at or after it
};

/// A row of weir_groups.
struct GroupRow {
  std::int64_t number = 0;
  std::int64_t stream = 0;
  Id last;                ///< last delivered
  std::int64_t next = 0;  ///< no entry before this position is still to be delivered
  std::optional<std::int64_t> entries_read;
};

struct StreamAndGroup {
  StreamRow stream;
  GroupRow group;
};

/// A row of weir_consumers.
struct ConsumerRow {
  std::int64_t number = 0;
  std::int64_t pending = 0;
};

/// The position of what is pending when XSETID has gone back past its ID, whose entry is gone: should the ID come
/// again, the new entry is looked for by its ID. So an append need not look for those who hold an ID that comes again.
inline constexpr std::int64_t kUnplaced = 0;

/// IDs from `first` to `last`, both included.
struct IdRange {
  Id first = kMinId;
  Id last = kMaxId;
};

/// A row of weir_entries.
struct EntryRow {
  std::int64_t n = 0;
  Id id;
};

class SqliteEngine final : public Store {
 public:
  static Result<std::unique_ptr<Store>> open(const std::string& path, const StoreOptions& options);
  ~SqliteEngine() override;

  Result<Xadd::Reply> run(const Xadd& request) override;
  Result<Xlen::Reply> run(const Xlen& request) override;
  Result<Xrange::Reply> run(const Xrange& request) override;
  Result<Xdel::Reply> run(const Xdel& request) override;
  Result<Xtrim::Reply> run(const Xtrim& request) override;
  Result<Xsetid::Reply> run(const Xsetid& request) override;
  Result<Xread::Reply> run(const Xread& request) override;
  Result<Xreadgroup::Reply> run(const Xreadgroup& request) override;
  Result<XgroupCreate::Reply> run(const XgroupCreate& request) override;
  Result<XgroupSetid::Reply> run(const XgroupSetid& request) override;
  Result<XgroupDestroy::Reply> run(const XgroupDestroy& request) override;
  Result<XgroupCreateConsumer::Reply> run(const XgroupCreateConsumer& request) override;
  Result<XgroupDelConsumer::Reply> run(const XgroupDelConsumer& request) override;
  Result<Xack::Reply> run(const Xack& request) override;
  Result<Xnack::Reply> run(const Xnack& request) override;
  Result<XpendingSummary::Reply> run(const XpendingSummary& request) override;
  Result<Xpending::Reply> run(const Xpending& request) override;
  Result<Xclaim::Reply> run(const Xclaim& request) override;
  Result<Xautoclaim::Reply> run(const Xautoclaim& request) override;
  Result<XinfoStream::Reply> run(const XinfoStream& request) override;
  Result<XinfoStreamFull::Reply> run(const XinfoStreamFull& request) override;
  Result<XinfoGroups::Reply> run(const XinfoGroups& request) override;
  Result<XinfoConsumers::Reply> run(const XinfoConsumers& request) override;
  Result<Del::Reply> run(const Del& request) override;
  Result<Exists::Reply> run(const Exists& request) override;
  Result<Rename::Reply> run(const Rename& request) override;
  Result<Type::Reply> run(const Type& request) override;
  Result<Keys::Reply> run(const Keys& request) override;
  Result<Flushall::Reply> run(const Flushall& request) override;
  Result<Names> names_from(std::string_view prefix, std::size_t most) override;
  Result<std::string> identity() override;
  Result<AddAnswers> append(std::span<const Xadd> entries, std::span<const Xadd> ahead) override;
  Result<std::vector<Result<Reply>>> transact(std::span<const Request> requests, OnRefusal on_refusal) override;
  void set_interrupt(int fd) override { interrupt_ = fd; }

 private:
  friend class ReadTransaction;
  friend class WriteTransaction;
  friend class BlockedGroupRead;

  SqliteEngine(Database db, StoreOptions options) : db_(std::move(db)), options_(options) {}

  // connection.cc
  Result<void> prepare_file();
  void limit_steps();
  Result<const LockFile*> lock_file();  ///< opened at its first use: who only looks needs none
  const LockFile* lock_file_if_there();
  Result<void> begin_write();
  Result<void> commit_write(bool worth_a_sync);
  void roll_back();
  Result<void> check_files();
  bool is_told_to_stop() const { return options_.stop != nullptr && *options_.stop != 0; }
  void check_files_now_and_then();  ///< a reader that goes on for long notices that its file was removed

  // log.cc
  void sync_log();
  bool sync_file(int which);
  void checkpoint_if_large();
  void checkpoint_at_end();
  void leave_complete();
  void checkpoint(int mode);
  void set_busy_timeout();
  static int on_commit(void* engine, sqlite3* db, const char* name, int frames);

  // damage.cc: rows that contradict each other end with an error, never with a walk that has no end
  bool is_sound(const StreamRow& stream, std::string_view name);
  bool follows(std::optional<Id>& before, Id id, IdRange bounds, bool reverse = false);

  // rows.cc: what every family needs
  std::optional<StreamRow> find_stream(std::string_view name);
  StreamRow make_stream(std::string_view name);
  void save_stream(const StreamRow& stream);
  std::optional<GroupRow> find_group(const StreamRow& stream, std::string_view name);
  std::optional<StreamAndGroup> find_stream_and_group(std::string_view stream, std::string_view group);
  void save_group(const GroupRow& group);
  std::optional<ConsumerRow> find_consumer(const GroupRow& group, std::string_view name);
  ConsumerRow seen_consumer(const GroupRow& group, std::string_view name, UnixMs now);
  void consumer_active(const ConsumerRow& consumer, UnixMs now);
  /// Keeps count of what a consumer holds; without one, of what nobody in the group holds.
  void add_pending(std::int64_t group, std::optional<std::int64_t> consumer, std::int64_t difference);
  std::optional<EntryRow> entry_at_or_after(const StreamRow& stream, std::int64_t n);
  std::optional<EntryRow> first_entry(const StreamRow& stream);
  std::int64_t lower_bound(const StreamRow& stream, Id id);
  std::int64_t upper_bound(const StreamRow& stream, Id id);
  std::optional<std::int64_t> position_of(const StreamRow& stream, Id id);
  std::optional<std::string> fields_at(std::int64_t n, Id id);
  /// Of what is pending at position `n`: see kUnplaced.
  std::optional<std::string> pending_fields(const StreamRow& stream, std::int64_t n, Id id);

  // append.cc
  class Addition;
  // groups.cc
  Result<StreamAndGroup> group_to_change(const std::string& stream, const std::string& group);
  // trim.cc
  std::uint64_t trim(StreamRow& stream, const Trim& how);
  // ranges.cc
  void collect(std::vector<Entry>& out, std::int64_t first, std::int64_t last, std::optional<std::uint64_t> count,
               bool reverse, IdRange bounds = {});
  StreamEntries read_after(const Xread& request, const std::vector<Id>& after);
  // read_blocking.cc
  std::int64_t data_version();  ///< changes when another connection commits
  // deliver.cc
  Result<StreamEntries> deliver(const Xreadgroup& request, const std::vector<bool>& served);
  void deliver_new(const Xreadgroup& request, StreamAndGroup& at, const ConsumerRow& consumer, UnixMs now,
                   std::vector<Entry>& out);
  void deliver_history(const Xreadgroup& request, const StreamAndGroup& at, const ConsumerRow& consumer, Id after,
                       UnixMs now, std::vector<Entry>& out);
  std::optional<EntryRow> next_undelivered(const StreamAndGroup& at);
  void take_over(const GroupRow& group, const EntryRow& entry, const ConsumerRow& consumer, UnixMs now);
  // claims.cc
  struct PendingRow {
    Id id;
    std::int64_t n = 0;
    std::optional<std::int64_t> consumer;  ///< nothing: it was released
    UnixMs delivered{0};                   ///< or released, then
    std::int64_t deliveries = 0;
    std::optional<UnixMs> due;  ///< of one that was released
  };
  static PendingRow pending_row(const Query& query);
  bool may_be_taken(const GroupRow& group, const PendingRow& row, Millis min_idle, UnixMs now);
  std::optional<PendingRow> find_pending(const GroupRow& group, Id id);
  void save_claim(const GroupRow& group, const PendingRow& before, const PendingRow& after);
  void drop_pending(const GroupRow& group, const PendingRow& row);
  /// A delivery in the future (the clock stepped back) is set to now. Requires: a write transaction.
  Millis idle_since(const GroupRow& group, Id id, UnixMs delivered, UnixMs now);
  // release.cc
  PendingEntries released_entries(const GroupRow& group, std::uint64_t count);
  std::uint64_t released_count(const GroupRow& group);
  bool waits_from_the_future(const GroupRow& group, UnixMs now);
  void mend_due_times(const GroupRow& group, UnixMs now);
  Result<PendingEntries> list_released(const Xpending& request);
  // info.cc
  StreamShape shape_of(const StreamRow& stream);
  StreamInfo describe_stream(const StreamRow& stream);
  void describe_group(const StreamRow& stream, const GroupRow& group, std::uint64_t count, StreamDetails::Group& out);
  // names.cc
  void delete_stream(const StreamRow& stream);
  void delete_group(std::int64_t group);

  Database db_;
  BulkInsert bulk_insert_{db_};
  StoreOptions options_;
  std::optional<LockFile> lock_file_;
  OpenFiles open_files_;
  bool files_lost_ = false;  ///< one of them was removed or replaced
  std::chrono::steady_clock::time_point files_checked_ = std::chrono::steady_clock::now();
  int interrupt_ = -1;
  std::uint64_t steps_left_ = 0;  ///< where options_.most_steps limits them
  bool in_transaction_ = false;   ///< inside transact(): the transactions of single commands are part of it
  /// Inside transact(): what the groups that it makes are before it. One that goes and comes in the same transaction
  /// stays the same, for those who wait in its line.
  std::map<std::pair<std::string, std::string>, std::int64_t> groups_before_;
  bool log_unsynced_ = false;         ///< committed, but not yet known to be on the disk
  std::optional<LogEnd> synced_end_;  ///< all before it is on the disk
  int log_frames_ = 0;                ///< length of the write-ahead log at the last commit
  int last_attempt_ = 0;              ///< how long it was when this process last tried to move it
  int commits_ = 0;
  bool large_cache_ = false;
};

/// A consistent view for several statements. Ends with the object.
class ReadTransaction {
 public:
  explicit ReadTransaction(SqliteEngine& engine);
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  SqliteEngine& engine_;
  bool own_;
};

/// A write. Begins when its turn has come; is undone unless `commit` returned without an error.
/// Inside transact() it is a part of that transaction.
class WriteTransaction {
 public:
  static Result<WriteTransaction> begin(SqliteEngine& engine);
  ~WriteTransaction();
  WriteTransaction(WriteTransaction&& other) noexcept;
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;
  WriteTransaction& operator=(WriteTransaction&&) = delete;

  /// Fails if anything failed since `begin`. When it returns, what was written is as safe as the durability says.
  Result<void> commit() { return finish(true); }
  /// For what nobody is promised: the time when a consumer was last seen.
  Result<void> commit_without_sync() { return finish(false); }

 private:
  WriteTransaction(SqliteEngine& engine, bool own) : engine_(&engine), own_(own) {}
  Result<void> finish(bool worth_a_sync);
  SqliteEngine* engine_;
  bool own_;
};

/// What is to be told of a pending entry that nobody holds: released at `since`, due at `due` (0: at once).
Released wait_of(UnixMs since, UnixMs due, UnixMs now);

/// What an operation of several statements found, or the failure of one of them.
template <typename T>
Result<T> checked(Database& db, T value) {
  if (db.failed()) {
    return tl::unexpected<Error>(db.take_failure());
  }
  return value;
}

}  // namespace weir::sqlite
