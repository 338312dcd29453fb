// Runs code at a given moment of a connection: at the beginning or the end of one of its statements. So a test can do
// what another process would do only by chance.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <string_view>

namespace weir::test {

/// Called when a statement begins and when it has ended.
using Moment = std::function<void(bool ended, std::string_view sql)>;

/// Every look of an engine at a stream begins with its row.
inline bool is_look_at_stream(std::string_view sql) {
  return sql.starts_with("SELECT") && sql.find("FROM weir_streams") != std::string_view::npos &&
         sql.find(" WHERE name = ?") != std::string_view::npos;
}

inline const Moment* moment_of_new_connections = nullptr;

inline int tell(unsigned event, void* moment, void* statement, void*) {
  (*static_cast<const Moment*>(moment))(event == SQLITE_TRACE_PROFILE,
                                        sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
  return 0;
}

inline int watch_moments(sqlite3* db, const char**, const void*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, tell,
                          const_cast<Moment*>(moment_of_new_connections));
}

/// Connections that are opened while it lives tell their moments. Requires: `moment` outlives them.
class WatchMoments {
 public:
  explicit WatchMoments(const Moment& moment) {
    moment_of_new_connections = &moment;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch_moments));
  }
  ~WatchMoments() { sqlite3_reset_auto_extension(); }
  WatchMoments(const WatchMoments&) = delete;
  WatchMoments& operator=(const WatchMoments&) = delete;
};

}  // namespace weir::test
