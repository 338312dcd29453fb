// `weir check`: tells a monitor whether all is well.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/queued.h"

namespace weir::report {

/// The levels that monitors know; the values are exit statuses.
enum class Level { ok = 0, warning = 1, critical = 2, unknown = 3 };

/// "OK", "WARNING" and so on.
const char* name_of(Level level);

/// Values that may not be exceeded; nothing: no limit.
struct Limit {
  std::optional<std::uint64_t> warning;
  std::optional<std::uint64_t> critical;
  bool any() const { return warning || critical; }
};

/// The figures that are checked. Times are in milliseconds.
enum class Figure { oldest, waiting, pending, held, dead, idle_group, log, backup, pause };

/// The figure's name, as in the option that limits it.
const char* name_of(Figure figure);

struct Limits {
  Limit oldest;      ///< age of the oldest message that a group was not given yet
  Limit waiting;     ///< how many messages a group was not given yet
  Limit pending;     ///< how many messages a group was given and has not acknowledged
  Limit held;        ///< how long a consumer has not touched a message that it holds
  Limit dead;        ///< how many dead letters a stream has
  Limit idle_group;  ///< how long no consumer has asked for messages although there are some
  Limit log;         ///< bytes in the log
  Limit backup;      ///< how long ago the last backup was begun
  bool any() const;
};

struct Finding {
  Level level = Level::ok;
  Figure figure = Figure::oldest;
  std::string stream = {};  ///< empty: the finding is about the whole store
  std::string group = {};
  std::string consumer = {};                ///< `held`: the consumer that holds the message
  std::optional<std::uint64_t> value = {};  ///< nothing: not known
  std::optional<std::uint64_t> limit = {};  ///< the limit that is exceeded
  bool has_consumers = true;                ///< `idle_group`: without consumers, it is unknown when one asked
  bool holds_up = false;  ///< because of `keep --acked`, the group keeps messages of its stream from being removed
};

/// The largest of all values that were looked at. `known`: no value was unknown.
struct Largest {
  std::uint64_t value = 0;
  bool known = true;
};

struct Checked {
  std::vector<Finding> findings;  ///< problems and pauses, the worst first
  std::uint64_t streams = 0;
  std::uint64_t groups = 0;
  Largest oldest, waiting, pending, held, dead, idle_group;
  std::optional<std::uint64_t> log;     ///< nothing: the store has no log
  std::optional<std::uint64_t> backup;  ///< nothing: no backup is known

  /// Critical if any finding is; else unknown; else warning.
  Level level() const;
};

/// `stream` and `group`: check only these; empty: all. Fails with `Failure::refused` if they do not exist.
Result<Checked> check(Store& store, const std::string& stream, const std::string& group, const Limits& limits);

/// One line for a monitor, with performance data. Names are made safe.
std::string status_line(const Checked& checked, const Limits& limits);

/// The same as one JSON object and a newline.
void write_checked(std::string& out, const Checked& checked, const Limits& limits);

/// The line if nothing could be checked.
std::string failure_line(std::string_view message);
void write_failure(std::string& out, std::string_view message);

}  // namespace weir::report
