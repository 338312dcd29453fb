// How long SQLite waits for other programs, which take no turns as weir does.
#include <algorithm>
#include <thread>

#include "sqlite/file/connection.h"

namespace weir::sqlite {

void Connection::set_busy_timeout(std::chrono::milliseconds most) {
  most_busy_ = most;
  if (limits_.hurry == nullptr) {
    sqlite3_busy_timeout(db_.handle(), static_cast<int>(std::min<std::int64_t>(most.count(), INT32_MAX)));
  } else {
    sqlite3_busy_handler(db_.handle(), wait_unless_in_hurry, this);
  }
}

/// SQLite's busy handler. `waits`: how often it was called for this lock. Returns 0 to give up.
int Connection::wait_unless_in_hurry(void* connection, int waits) {
  constexpr std::chrono::milliseconds kLongest{50};
  auto& self = *static_cast<Connection*>(connection);
  const auto now = std::chrono::steady_clock::now();
  self.busy_since_ = waits == 0 ? now : self.busy_since_;
  const auto left = self.most_busy_ - std::chrono::duration_cast<std::chrono::milliseconds>(now - self.busy_since_);
  if (left.count() <= 0 || *self.limits_.hurry) {
    return 0;
  }
  std::this_thread::sleep_for(std::min({std::chrono::milliseconds(waits + 1), kLongest, left}));
  return 1;
}

}  // namespace weir::sqlite
