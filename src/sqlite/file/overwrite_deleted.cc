#include "sqlite/file/overwrite_deleted.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <thread>

#include "sqlite/database/failure.h"
#include "sqlite/database/log_moving.h"
#include "sqlite/file/append_slots.h"
#include "sqlite/file/log_content.h"
#include "sqlite/file/moving_lock.h"
#include "sqlite/file/unused_bytes.h"

namespace weir::sqlite {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kGrown = 1'000;  ///< frames: a log grown by so many is moved before going on
constexpr milliseconds kPiece{200};      ///< so long the commits of others stay in the log
constexpr std::size_t kFew = 1'000;      ///< how many pages may be left for the last turn
constexpr int kMostRounds = 10;

constexpr const char* kUserVersion = "PRAGMA user_version";

class Overwriting {
 public:
  Overwriting(Connection& connection, Database second, const LockFile& lock_file, ShortTurns& turns,
              const std::function<void()>& tell)
      : connection_(connection),
        db_(connection.database()),
        second_(std::move(second)),
        lock_file_(lock_file),
        turns_(turns),
        tell_(tell) {
    second_.execute("SELECT count(*) FROM sqlite_schema");  // makes SQLite open the log
  }
  ~Overwriting() {
    if (moves_log_) {
      lock_file_.end_checkpoint();
    }
  }
  Overwriting(const Overwriting&) = delete;
  Overwriting& operator=(const Overwriting&) = delete;

  /// Overwrites remains in all pages, while others go on. Keeps note of the pages that are left for the last turn.
  Result<void> in_all_pages() {
    WEIR_TRY(start_moving_log());
    // The log has to differ from the one that the last process left here: see old_log.cc.
    WEIR_TRY(make_all_forget());
    if (UnusedBytes file(db_.handle()); file.begin() == SQLITE_OK && file.pages() > 1) {
      std::vector<std::uint32_t> pages(file.pages() - 1);
      std::iota(pages.begin(), pages.end(), 2U);
      WEIR_TRY(overwrite_in(pages));
    }
    const Deadline deadline = Deadline::after(connection_.options().lock_timeout);
    for (int round = 1; left_.size() > kFew && round < kMostRounds; ++round) {
      WEIR_TRY(empty_log(deadline));
      const std::vector<std::uint32_t> pages(left_.begin(), left_.end());
      left_.clear();
      WEIR_TRY(overwrite_in(pages));
    }
    return {};
  }

  /// Overwrites pages that are always in the log, while other writers wait, and empties the log.
  Result<void> finish() {
    const Deadline deadline = Deadline::after(connection_.options().lock_timeout);
    constexpr milliseconds kLongestPause{250};
    note_log();
    for (milliseconds pause{10};; pause = std::min(2 * pause, kLongestPause)) {
      UnusedBytes(db_.handle()).sync();  // so that the turn need not wait for this sync
      move_log(db_.handle(), Moves::some);
      bool over = false;
      WEIR_TRY(turns_.in_turn([&]() -> Result<void> {
        AppendSlots::wipe_left(lock_file_);
        turns_.wait_a_moment();
        Result<bool> done = overwrite_rest();
        turns_.wait_as_usual();
        WEIR_ASSIGN(over, std::move(done));
        return {};
      }));
      if (over) {
        return {};
      }
      WEIR_TRY(wait_for_reader(deadline, pause));
    }
  }

 private:
  /// Waits until the log has been begun anew. While the log holds pages of the map, none of the many pages that these
  /// describe can be overwritten, and writers in a row never begin it anew.
  Result<void> empty_log(Deadline deadline) {
    constexpr milliseconds kPause{100};
    while (true) {
      WEIR_ASSIGN(const bool is_empty, turns_.empty_log());
      if (is_empty) {
        return {};
      }
      WEIR_TRY(wait_for_reader(deadline, kPause));
    }
  }

  Result<void> wait_for_reader(Deadline deadline, milliseconds pause) {
    if (deadline.passed()) {
      return fail(
          Failure::store,
          fmt::format("{}: somebody has been reading it for long: what was deleted may still be found in {}-wal{}",
                      db_.path(), db_.path(), is_overwritten_ ? "" : ", and in some pages of the file"),
          "the space is given back; try again when that one has ended");
    }
    tell_();
    std::this_thread::sleep_for(deadline.left(pause));
    return {};
  }

  /// From here on no other weir process moves the log, or has to.
  Result<void> start_moving_log() {
    const Deadline deadline = Deadline::after(connection_.options().lock_timeout);
    constexpr milliseconds kStep{1000};
    while (!(moves_log_ = lock_file_.start_checkpoint(deadline.left(kStep)))) {
      if (deadline.passed()) {
        return tl::unexpected(describe_moving_busy(db_.path(), lock_file_.who_moves_log()));
      }
      std::this_thread::sleep_for(milliseconds(1));
      tell_();
    }
    return {};
  }

  void note_log() {
    for (const auto& [page, offset] : log_.content().last) {
      left_.insert(page);
    }
  }

  Result<void> overwrite_in(const std::vector<std::uint32_t>& pages) {
    for (std::size_t at = 0; at < pages.size();) {
      note_log();
      WEIR_TRY(turns_.move_log());
      WEIR_TRY(overwrite_piece(pages, at));
      tell_();
      turns_.let_others_in();
    }
    return {};
  }

  Result<void> overwrite_piece(const std::vector<std::uint32_t>& pages, std::size_t& at) {
    MovingLock nobody_writes_there(db_.handle());
    if (const int code = nobody_writes_there.take(connection_.options().lock_timeout); code != SQLITE_OK) {
      return tl::unexpected(MovingLock::describe(code, db_.path()));
    }
    UnusedBytes file(db_.handle());
    if (const int code = file.begin(); code != SQLITE_OK) {
      return tl::unexpected(describe_failure({code, 0, {}}, db_.path()));
    }
    const std::uint32_t most_frames = turns_.log_frames() + kGrown;
    const LogContent content = log_.content();
    const auto in_log = [&](std::uint32_t page) { return content.last.count(page) > 0; };
    const Deadline deadline = Deadline::after(kPiece);
    constexpr std::size_t kBetweenLooks = 64;
    do {
      WEIR_TRY(overwrite(file, pages[at], in_log));
      ++at;
    } while (at < pages.size() &&
             (at % kBetweenLooks != 0 || (!deadline.passed() && turns_.log_frames() < most_frames)));
    WEIR_TRY(make_all_forget());
    note_log();
    return {};
  }

  Result<void> overwrite(UnusedBytes& file, std::uint32_t page, const std::function<bool(std::uint32_t)>& in_log) {
    switch (file.overwrite(page, in_log)) {
      case UnusedBytes::Outcome::failed:
        return tl::unexpected(describe_failure({file.code(), 0, {}}, db_.path()));
      case UnusedBytes::Outcome::later:
        left_.insert(page);
        break;
      case UnusedBytes::Outcome::done:
        break;
    }
    return {};
  }

  /// Writes the first page again, unchanged. SQLite treats that as a change, so every process discards the pages it has
  /// read.
  void write_first_page() {
    std::int64_t version = 0;
    {
      Query query = db_.query(kUserVersion);
      version = query.next() ? query.integer(0) : 0;
    }
    db_.execute(fmt::format("PRAGMA user_version = {}", version).c_str());
  }

  /// No WriteTransaction, since that may move the log, and would then release our lock for moving it.
  Result<void> make_all_forget() {
    return turns_.in_turn([&] {
      db_.begin("BEGIN IMMEDIATE");
      return commit_first_page();
    });
  }

  Result<void> commit_first_page() {
    write_first_page();
    db_.execute("COMMIT");
    Result<void> done = db_.failed() ? Result<void>(tl::unexpected(db_.take_failure())) : Result<void>();
    db_.undo();
    return done;
  }

  /// False: another process is in the way. Requires: a turn.
  Result<bool> overwrite_rest() {
    if (!is_overwritten_) {
      // Other programs take no turns, so SQLite's own lock is needed.
      db_.begin("BEGIN IMMEDIATE");
      if (db_.failed()) {
        db_.take_failure();
        return false;
      }
      Result<bool> done = move_log(second_.handle(), Moves::some) ? overwrite_left() : Result<bool>(false);
      if (!done || !*done) {
        db_.undo();
        return done;
      }
      WEIR_TRY(commit_first_page());
      is_overwritten_ = true;
    }
    return move_log(db_.handle(), Moves::all);
  }

  Result<bool> overwrite_left() {
    constexpr milliseconds kMoment{20};
    MovingLock nobody_writes_there(db_.handle());
    UnusedBytes file(db_.handle());
    int code = nobody_writes_there.take(kMoment);
    if (code == SQLITE_BUSY) {
      return false;
    }
    if (code == SQLITE_OK) {
      code = file.begin();
    }
    if (code != SQLITE_OK) {
      return tl::unexpected(describe_failure({code, 0, {}}, db_.path()));
    }
    const std::set<std::uint32_t> pages = std::exchange(left_, {});
    for (const std::uint32_t page : pages) {
      WEIR_TRY(overwrite(file, page, [](std::uint32_t) { return false; }));
    }
    return true;
  }

  Connection& connection_;
  Database& db_;
  Database second_;  ///< moves the log while `db_` keeps everybody from writing
  const LockFile& lock_file_;
  ShortTurns& turns_;
  const std::function<void()>& tell_;
  LogFile log_{db_.handle()};
  bool moves_log_ = false;
  bool is_overwritten_ = false;   ///< all remains in the file
  std::set<std::uint32_t> left_;  ///< pages that have to be looked at again
};

}  // namespace

Result<void> overwrite_deleted(Connection& connection, const LockFile& lock_file, ShortTurns& turns,
                               const std::function<void()>& tell) {
  WEIR_ASSIGN(Database second, Database::open(connection.database().path()));
  Overwriting overwriting(connection, std::move(second), lock_file, turns, tell);
  WEIR_TRY(overwriting.in_all_pages());
  return overwriting.finish();
}

}  // namespace weir::sqlite
