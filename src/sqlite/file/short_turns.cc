#include "sqlite/file/short_turns.h"

#include <algorithm>
#include <thread>

#include "sqlite/database/log_index.h"
#include "sqlite/database/log_moving.h"

namespace weir::sqlite {

using std::chrono::microseconds;
using std::chrono::milliseconds;

microseconds ShortTurns::note(SteadyTime begun) {
  const auto took = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begun);
  longest_ = std::max(longest_, took);
  return took;
}

void ShortTurns::let_others_in() const {
  constexpr milliseconds kStep{1};
  constexpr milliseconds kLongest{50};
  const Deadline deadline = Deadline::after(kLongest);
  while (lock_file_.anybody_waits_for_turn() && !deadline.passed()) {
    std::this_thread::sleep_for(kStep);
  }
}

void ShortTurns::wait_a_moment() {
  constexpr int kMomentMs = 20;
  sqlite3_busy_timeout(connection_.database().handle(), kMomentMs);
}

void ShortTurns::wait_as_usual() {
  const auto timeout = std::min<std::int64_t>(connection_.options().lock_timeout.count(), INT32_MAX);
  sqlite3_busy_timeout(connection_.database().handle(), static_cast<int>(timeout));
}

std::uint32_t ShortTurns::log_frames() {
  const auto end = log_end(connection_.database().handle());
  return end ? end->frames : 0;
}

Result<void> ShortTurns::move_log() {
  constexpr std::uint32_t kLong = 5'000;
  sqlite::move_log(connection_.database().handle(), Moves::some);
  if (log_frames() >= kLong) {
    WEIR_TRY(empty_log());
  }
  return {};
}

Result<bool> ShortTurns::empty_log() {
  sqlite3* db = connection_.database().handle();
  sqlite::move_log(db, Moves::some);  // so that little is left to move during the turn
  bool is_empty = false;
  WEIR_TRY(in_turn([&]() -> Result<void> {
    wait_a_moment();
    is_empty = sqlite::move_log(db, Moves::all);
    wait_as_usual();
    return {};
  }));
  return is_empty;
}

}  // namespace weir::sqlite
