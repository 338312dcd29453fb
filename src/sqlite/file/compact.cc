#include "sqlite/file/compact.h"

#include <fmt/format.h>

#include <thread>

#include "sqlite/database/failure.h"
#include "sqlite/file/overwrite_deleted.h"
#include "sqlite/file/short_turns.h"
#include "sqlite/file/transaction.h"

namespace weir::sqlite {
namespace {

using std::chrono::milliseconds;

/// So many bytes are rewritten in a moment: `bench/run compact` has the figures.
constexpr std::uint64_t kLittle = std::uint64_t{4} << 20U;
/// How long a turn moves pages. Its commit takes as long again.
constexpr milliseconds kTurn{5};

// Frames of the log.
constexpr std::uint32_t kGrown = 1'000;     ///< a log so long is moved, so that no other process has to
constexpr std::uint32_t kTooLong = 12'000;  ///< a reader keeps the log so long: we add nothing to it

constexpr const char* kPages =
    "SELECT page_count, freelist_count, page_size, auto_vacuum FROM pragma_page_count, "
    "pragma_freelist_count, pragma_page_size, pragma_auto_vacuum";
constexpr const char* kOthersTables =
    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'weir!_%' ESCAPE '!' AND name NOT LIKE "
    "'sqlite!_%' ESCAPE '!'";
constexpr const char* kFree = "PRAGMA freelist_count";
constexpr const char* kMoveSome = "PRAGMA incremental_vacuum(16)";

struct Pages {
  std::uint64_t all;
  std::uint64_t free;
  std::uint64_t bytes;
  bool has_map;
};

Pages count_pages(Database& db) {
  Query query = db.query(kPages);
  const auto column = [&](int number) { return static_cast<std::uint64_t>(query.integer(number)); };
  return query.next() ? Pages{column(0), column(1), column(2), column(3) != 0} : Pages{};
}

Result<void> result_of(Database& db) {
  return db.failed() ? Result<void>(tl::unexpected(db.take_failure())) : Result<void>();
}

class Compaction {
 public:
  Compaction(Connection& connection, const LockFile& lock_file, ShortTurns& turns, const std::function<void()>& tell)
      : connection_(connection), db_(connection.database()), lock_file_(lock_file), turns_(turns), tell_(tell) {}

  Result<void> write_anew() {
    // The setting takes effect with the next VACUUM.
    if (!count_pages(db_).has_map) {
      db_.execute("PRAGMA auto_vacuum = INCREMENTAL");
    }
    return turns_.in_turn([&] {
      db_.execute("VACUUM");
      return result_of(db_);
    });
  }

  Result<void> move_pages() {
    while (true) {
      WEIR_TRY(make_room_in_log());
      auto begun = move_some();
      if (!begun && begun.error().cause == Cause::no_room && connection_.make_room()) {
        begun = move_some();
      }
      WEIR_TRY(begun);
      if (!*begun) {
        return {};
      }
      turns_.note(**begun);
      tell_();
      turns_.let_others_in();
    }
  }

 private:
  /// Moves some pages in one transaction. Returns when that began; nothing: no page was left to move.
  Result<std::optional<SteadyTime>> move_some() {
    WEIR_ASSIGN(auto transaction, WriteTransaction::begin(connection_));
    const SteadyTime begun = std::chrono::steady_clock::now();
    if (free_pages() == 0) {
      WEIR_TRY(result_of(db_));
      return std::nullopt;
    }
    while (free_pages() > 0 && std::chrono::steady_clock::now() - begun < kTurn) {
      db_.query(kMoveSome).run();
    }
    WEIR_TRY(transaction.commit_without_sync());
    return begun;
  }
  std::uint64_t free_pages() {
    Query query = db_.query(kFree);
    return query.next() ? static_cast<std::uint64_t>(query.integer(0)) : 0;
  }

  Result<void> make_room_in_log() {
    const Deadline deadline = Deadline::after(connection_.options().lock_timeout);
    constexpr milliseconds kPause{100};
    while (turns_.log_frames() >= kGrown) {
      if (lock_file_.start_checkpoint(std::nullopt)) {
        const auto moved = turns_.move_log();
        lock_file_.end_checkpoint();
        WEIR_TRY(moved);
      }
      if (turns_.log_frames() < kTooLong) {
        return {};
      }
      if (deadline.passed()) {
        return fail(Failure::store,
                    fmt::format("{}: somebody has been reading it for long, so {}-wal cannot be emptied and would grow",
                                db_.path(), db_.path()),
                    "what was given back stays so; try again when that one has ended");
      }
      tell_();
      std::this_thread::sleep_for(kPause);
    }
    return {};
  }

  Connection& connection_;
  Database& db_;
  const LockFile& lock_file_;
  ShortTurns& turns_;
  const std::function<void()>& tell_;
};

tl::unexpected<Error> needs_all_at_once(const Database& db, std::uint64_t living) {
  constexpr std::uint64_t kBytesInSecond = std::uint64_t{50} << 20U;
  const std::uint64_t seconds = living / kBytesInSecond + 1;
  return fail(
      Failure::refused,
      fmt::format("{}: its pages cannot be moved one by one: an older weir, or another program, made it", db.path()),
      fmt::format("weir compact --at-once writes it anew, once for all: who writes waits for some {} s, so "
                  "let nobody, or give them a longer --lock-timeout",
                  seconds));
}

}  // namespace

Result<Compactable> look_what_to_compact(Connection& connection) {
  Database& db = connection.database();
  const Pages pages = count_pages(db);
  bool is_shared = false;
  {
    Query query = db.query(kOthersTables);
    is_shared = query.next();
  }
  if (db.failed()) {
    return tl::unexpected(db.take_failure());
  }
  // VACUUM may renumber rows of other programs' tables that have no number of their own. Their owner has to allow that.
  const bool is_little = !is_shared && (pages.all - pages.free) * pages.bytes <= kLittle;
  return Compactable{pages.all * pages.bytes, pages.free * pages.bytes,
                     is_little       ? CompactingWay::rewrite
                     : pages.has_map ? CompactingWay::in_steps
                                     : CompactingWay::at_once};
}

Result<Compacted> compact(Connection& connection, bool at_once, const std::function<void()>& tell) {
  Database& db = connection.database();
  if (sqlite3_db_readonly(db.handle(), "main") == 1) {
    return tl::unexpected(describe_read_only(db.path()));
  }
  WEIR_ASSIGN(const LockFile* lock_file, connection.lock_file());
  WEIR_ASSIGN(const Compactable found, look_what_to_compact(connection));
  if (found.way == CompactingWay::at_once && !at_once) {
    return needs_all_at_once(db, found.bytes - found.free);
  }
  connection.enlarge_cache();
  ShortTurns turns(connection, *lock_file);
  Compaction compaction(connection, *lock_file, turns, tell);
  WEIR_TRY(at_once || found.way == CompactingWay::rewrite ? compaction.write_anew() : compaction.move_pages());
  WEIR_TRY(overwrite_deleted(connection, *lock_file, turns, tell));
  WEIR_ASSIGN(const Compactable left, look_what_to_compact(connection));
  return Compacted{found.bytes, left.bytes, turns.longest()};
}

}  // namespace weir::sqlite
