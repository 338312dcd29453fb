// `weir check`: whether all is well, for a monitor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/queued.h"

namespace weir::report {

/// As a monitor knows them; the values are its exit statuses.
enum class Level { ok = 0, warning = 1, critical = 2, unknown = 3 };

/// "OK", "WARNING" and so on.
const char* name_of(Level level);

/// What may not be exceeded; nothing: it does not matter.
struct Limit {
  std::optional<std::uint64_t> warning;
  std::optional<std::uint64_t> critical;
  bool any() const { return warning || critical; }
};

/// What is looked at. Times are in milliseconds.
enum class Figure { oldest, waiting, pending, held, dead, idle_group, log, backup, pause };

/// Its name, as the option that limits it has it.
const char* name_of(Figure figure);

struct Limits {
  Limit oldest;      ///< age of the oldest message that a group has not been given
  Limit waiting;     ///< how many a group has not been given
  Limit pending;     ///< how many a group has been given and has not acknowledged
  Limit held;        ///< how long a consumer has not touched what it holds
  Limit dead;        ///< how many dead letters a stream has
  Limit idle_group;  ///< how long nobody has asked for the messages that there are for a group
  Limit log;         ///< bytes
  Limit backup;      ///< how long ago the last backup was begun
  bool any() const;
};

struct Finding {
  Level level = Level::ok;
  Figure figure = Figure::oldest;
  std::string stream = {};  ///< empty: of the store
  std::string group = {};
  std::string consumer = {};                ///< `held`: who
  std::optional<std::uint64_t> value = {};  ///< nothing: not known
  std::optional<std::uint64_t> limit = {};  ///< the one that is exceeded
  bool has_consumers = true;                ///< `idle_group`: only of these is it known when one asked
  bool holds_up = false;  ///< the group is what keeps messages of its stream from going, by the policy `keep --acked`
};

/// The largest value of all that were looked at; `known`: none was unknown.
struct Largest {
  std::uint64_t value = 0;
  bool known = true;
};

struct Checked {
  std::vector<Finding> findings;  ///< what is not as it should be, and pauses; the worst first
  std::uint64_t streams = 0;
  std::uint64_t groups = 0;
  Largest oldest, waiting, pending, held, dead, idle_group;
  std::optional<std::uint64_t> log;     ///< nothing: the store has none
  std::optional<std::uint64_t> backup;  ///< nothing: none is known

  /// Critical, else unknown, else warning.
  Level level() const;
};

/// `stream` and `group`: only these; empty: all. Fails with `Failure::refused` where they are not there.
Result<Checked> check(Store& store, const std::string& stream, const std::string& group, const Limits& limits);

/// One line for a monitor, with performance data. Names of others are made safe.
std::string status_line(const Checked& checked, const Limits& limits);

/// The same as one JSON object and a newline.
void write_checked(std::string& out, const Checked& checked, const Limits& limits);

/// Likewise where nothing could be looked at.
std::string failure_line(std::string_view message);
void write_failure(std::string& out, std::string_view message);

}  // namespace weir::report
