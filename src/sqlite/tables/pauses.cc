#include "sqlite/tables/pauses.h"

#include <algorithm>

#include "sqlite/tables/tables.h"
#include "system/clock.h"

namespace weir::sqlite {
namespace {

constexpr const char* kSavePause = "UPDATE weir_groups SET paused_ms = ? WHERE grp = ?";

}  // namespace

std::optional<Pause> pause_until(UnixMs until, UnixMs now) {
  if (until <= now) {
    return std::nullopt;
  }
  return until == kNeverResumed ? Pause{} : Pause{until - now};
}

Result<Change<Ok>> Tables::pause(const std::string& stream, const std::string& group,
                                 const std::optional<Millis>& time) {
  WEIR_ASSIGN(const StreamAndGroup at, existing_stream_and_group(db_, stream, group));
  const UnixMs now = unix_now();
  const UnixMs until = time && *time < kNeverResumed - now ? now + *time : kNeverResumed;
  if (at.group.paused_until == until) {
    return Change(Ok(), Worth::nothing);
  }
  db_.query(kSavePause).bind(until.count()).bind(at.group.number).run();
  return Change(Ok());
}

Result<Change<Ok>> Tables::resume(const std::string& stream, const std::string& group) {
  WEIR_ASSIGN(const StreamAndGroup at, existing_stream_and_group(db_, stream, group));
  if (!at.group.paused_until) {
    return Change(Ok(), Worth::nothing);
  }
  db_.query(kSavePause).bind(std::optional<std::int64_t>()).bind(at.group.number).run();
  return Change(Ok());
}

Result<std::optional<Pause>> Tables::paused(const std::string& stream, const std::string& group) {
  WEIR_ASSIGN(const StreamAndGroup at, existing_stream_and_group(db_, stream, group));
  return at.group.paused_until ? pause_until(*at.group.paused_until, unix_now()) : std::nullopt;
}

}  // namespace weir::sqlite
