#include "sqlite/file/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>

#include "sqlite/database/failure.h"
#include "sqlite/database/log_index.h"
#include "sqlite/database/log_moving.h"
#include "sqlite/file/log_content.h"
#include "sqlite/file/moving_lock.h"
#include "system/system_reason.h"

namespace weir::sqlite {
namespace {

constexpr std::uint32_t kGrown = 1'000;     ///< frames: a log grown by so many is moved
constexpr std::uint32_t kVeryLong = 2'500;  ///< frames: it is moved during a turn, so that the log begins anew
constexpr int kRounds = 16;                 ///< after so many rounds the log may grow during the last one
constexpr std::size_t kPiece = std::size_t{1} << 20U;

class Backup {
 public:
  Backup(Connection& connection, Database second, int to, const std::function<Result<void>()>& go_on)
      : connection_(connection), db_(connection.database()), second_(std::move(second)), to_(to), go_on_(go_on) {}
  ~Backup() {
    moving_.release();
    if (lock_file_ != nullptr) {
      lock_file_->end_checkpoint();
    }
  }
  Backup(const Backup&) = delete;
  Backup& operator=(const Backup&) = delete;

  Result<void> run() {
    sqlite3_file_control(db_.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file_);
    second_.execute("SELECT count(*) FROM sqlite_schema");  // makes SQLite open the log
    if (second_.failed()) {
      return tl::unexpected(second_.take_failure());
    }
    WEIR_TRY(begin());
    for (bool over = false; !over;) {
      if (everything_) {
        everything_ = false;
        WEIR_TRY(copy_all());
      }
      WEIR_TRY(copy_again());
      if (!everything_) {
        WEIR_ASSIGN(over, lay_log_over());
      }
    }
    return ::fsync(to_) == 0 ? Result<void>() : cannot_write();
  }

 private:
  /// While it lives, later commits stay in the log, and nothing that the snapshot sees is overwritten there.
  class Snapshot {
   public:
    explicit Snapshot(Database& db) : db_(db) {
      db_.begin("BEGIN");
      db_.execute("SELECT count(*) FROM sqlite_schema");
    }
    ~Snapshot() { db_.end(); }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

   private:
    Database& db_;
  };

  static tl::unexpected<Error> cannot_write() {
    return fail(Failure::store, "the backup cannot be written: " + system_reason(errno));
  }
  tl::unexpected<Error> cannot_read(int code) { return tl::unexpected(describe_failure({code, 0, {}}, db_.path())); }

  /// From here on no other process moves the log.
  Result<void> hold_moving() {
    const int code = moving_.take(connection_.options().lock_timeout);
    return code == SQLITE_OK ? Result<void>() : tl::unexpected(MovingLock::describe(code, db_.path()));
  }

  Result<void> begin() {
    { const Snapshot makes_the_index_known(db_); }
    if (db_.failed()) {
      return tl::unexpected(db_.take_failure());
    }
    if (sqlite3_db_readonly(db_.handle(), "main") != 0 || !log_end(db_.handle())) {
      unmoved_.emplace(db_);
      return {};
    }
    // With this lock held, other processes do not even try to move the log.
    WEIR_ASSIGN(const LockFile* lock_file, connection_.lock_file());
    if (lock_file->start_checkpoint(connection_.options().lock_timeout)) {
      lock_file_ = lock_file;
    }
    return hold_moving();
  }

  Result<void> write(const Bytes& bytes, std::size_t size, std::uint64_t offset) {
    for (std::size_t at = 0; at < size;) {
      const ssize_t written = ::pwrite(to_, &bytes[at], size - at, static_cast<off_t>(offset + at));
      if (written < 0 && errno != EINTR) {
        return cannot_write();
      }
      at += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
    return {};
  }

  /// Copies a part of the database's file. What lies past the end of the file becomes zeros.
  Result<void> copy(std::uint64_t offset, std::size_t size) {
    buffer_.resize(size);
    const int code =
        file_->pMethods->xRead(file_, buffer_.data(), static_cast<int>(size), static_cast<sqlite3_int64>(offset));
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) {
      return cannot_read(code);
    }
    return write(buffer_, size, offset);
  }

  std::uint64_t file_bytes() {
    sqlite3_int64 bytes = 0;
    return file_->pMethods->xFileSize(file_, &bytes) == SQLITE_OK && bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
  }

  Result<void> copy_all() {
    const std::uint64_t whole = file_bytes();
    for (std::uint64_t at = 0; at < whole; at += kPiece) {
      WEIR_TRY(copy(at, static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, whole - at))));
      WEIR_TRY(go_on_());
      WEIR_TRY(move_if_long());
    }
    return {};
  }

  Result<void> copy_again() {
    while (!changed_.empty()) {
      ++rounds_;
      std::set<std::uint32_t> pages;
      pages.swap(changed_);
      std::uint64_t copied = 0;
      for (const std::uint32_t page : pages) {
        WEIR_TRY(copy(std::uint64_t{page - 1} * page_bytes_, page_bytes_));
        if (copied++ % 256 == 255) {
          WEIR_TRY(go_on_());
          WEIR_TRY(move_if_long());
        }
      }
    }
    return {};
  }

  Result<void> move_if_long() {
    const auto end = log_end(db_.handle());
    if (unmoved_ || !end || rounds_ > kRounds) {
      return {};
    }
    const std::uint32_t before = end->salt == moved_.salt ? moved_.frames : 0;
    if (end->frames < before + kGrown) {
      return {};
    }
    if (end->frames < kVeryLong || lock_file_ == nullptr) {
      return move();
    }
    WEIR_TRY(lock_file_->take_turn(connection_.options().lock_timeout));
    auto moved = move();
    if (moved) {
      moved = begin_anew();
    }
    lock_file_->end_turn();
    return moved;
  }

  /// Begins the log anew if all of it is moved and no reader needs it. Requires: a turn.
  Result<void> begin_anew() {
    constexpr int kWaitForReadersMs = 20;
    const auto before = log_end(db_.handle());
    if (!before || before->salt != moved_.salt || before->frames != moved_.frames) {
      return {};
    }
    moving_.release();
    sqlite3_busy_timeout(second_.handle(), kWaitForReadersMs);
    move_log(second_.handle(), Moves::all);
    sqlite3_busy_timeout(second_.handle(), 0);
    WEIR_TRY(hold_moving());
    // Another program, which takes no turns, may have written, and its pages were moved unseen.
    const auto after = log_end(db_.handle());
    everything_ = everything_ || !after || after->change != before->change;
    return {};
  }

  /// Moves the log. Only pages that the snapshot sees go into the file, and they are noted before. Another program that
  /// moves the log while the lock is released cannot move more either.
  Result<void> move() {
    const Snapshot snapshot(db_);
    moved_ = log_end(db_.handle()).value_or(moved_);
    const LogContent content = log_.content();
    note(content);
    moving_.release();
    move_log(second_.handle(), Moves::some);
    return hold_moving();
  }

  void note(const LogContent& content) {
    if (content.pages == 0) {
      return;
    }
    page_bytes_ = content.page_bytes;
    for (const auto& [page, offset] : content.last) {
      changed_.insert(page);
    }
  }

  /// False: the log was begun anew meanwhile, so the pages that were laid over the copy must be copied from the file
  /// again.
  Result<bool> lay_log_over() {
    std::optional<Snapshot> snapshot;
    if (!unmoved_) {
      snapshot.emplace(db_);
    }
    if (db_.failed()) {
      return tl::unexpected(db_.take_failure());
    }
    const auto before = log_end(db_.handle());
    const LogContent content = log_.content();
    Bytes page(content.page_bytes);
    for (const auto& [number, offset] : content.last) {
      if (number > content.pages) {
        continue;  // cut off by a later commit
      }
      if (!log_.read(page, offset)) {
        note(content);
        return false;
      }
      WEIR_TRY(write(page, page.size(), std::uint64_t{number - 1} * content.page_bytes));
    }
    const auto after = log_end(db_.handle());
    if (before && (!after || after->salt != before->salt)) {
      note(content);
      return false;
    }
    // The database may have become shorter in the end.
    const std::uint64_t bytes = content.pages > 0 ? std::uint64_t{content.pages} * content.page_bytes : file_bytes();
    if (::ftruncate(to_, static_cast<off_t>(bytes)) != 0) {
      return cannot_write();
    }
    return true;
  }

  Connection& connection_;
  Database& db_;
  Database second_;  ///< moves the log; `db_`, which has a snapshot, cannot
  LogFile log_{db_.handle()};
  int to_;
  const std::function<Result<void>()>& go_on_;
  sqlite3_file* file_ = nullptr;
  const LockFile* lock_file_ = nullptr;
  MovingLock moving_{db_.handle()};
  std::optional<Snapshot> unmoved_;  ///< if we may not move the log: keeps others from overwriting it
  Bytes buffer_;
  std::uint32_t page_bytes_ = 0;
  bool everything_ = true;           ///< the whole file has to be copied
  int rounds_ = 0;                   ///< how often pages were copied again
  std::set<std::uint32_t> changed_;  ///< pages that may have been moved since they were copied
  LogEnd moved_{};
};

}  // namespace

Result<void> write_backup(Connection& connection, int to, const std::function<Result<void>()>& go_on) {
  WEIR_ASSIGN(Database second, connection.second_database());
  return Backup(connection, std::move(second), to, go_on).run();
}

}  // namespace weir::sqlite
