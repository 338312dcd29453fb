// Checks the clock, on which IDs, delays, policies and ages depend.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/timex.h>

#include "doctor/file_checks.h"
#include "io/table/table_time.h"
#include "sqlite/file/look_inside.h"
#include "system/clock.h"

namespace weir::doctor {
namespace {

constexpr std::string_view kClock = "clock";
constexpr const char* kSetIt = "set it: timedatectl set-ntp true";

using Millis = std::chrono::milliseconds;

/// A file system's clock is coarse, and time passes between reading the two clocks.
constexpr Millis kSlack{2'000};

/// Whether the system keeps its clock right. Nothing: the system does not tell.
std::optional<bool> is_kept_right() {
  timex state{};
  const int status = ntp_adjtime(&state);
  return status < 0 ? std::nullopt : std::optional(status != TIME_ERROR && (state.status & STA_UNSYNC) == 0);
}

}  // namespace

void check_clock(const Place& place, const std::optional<sqlite::Inside>& inside, const Tell& tell) {
  constexpr Millis kBeforeWeir{1'704'067'200'000};  // 2024
  const Millis now = unix_now();
  const std::string time = io::time_text(now, now - std::chrono::hours(24 * 400), true, false) + " UTC";
  if (now < kBeforeWeir) {
    tell({State::bad, kClock, "it is " + time + ", which cannot be: new IDs would be too small", kSetIt});
    return;
  }
  if (inside && inside->last_ms && Millis(*inside->last_ms) > now + kSlack) {
    const Millis ahead = Millis(*inside->last_ms) - now;
    tell({State::warning,
          kClock,
          fmt::format("it is {}, and the last ID of {} is {} later: the clock was set back, or the ID was given by "
                      "hand; IDs go on from "
                      "it, and ages and --maxage are wrong by as much",
                      time, inside->last_stream, io::age_text(ahead)),
          kSetIt,
          {{"behind_ms", ahead.count()}}});
    return;
  }
  if (place.database && std::chrono::seconds(place.database->st_mtime) > now + kSlack) {
    const Millis ahead = std::chrono::seconds(place.database->st_mtime) - now;
    tell({State::warning,
          kClock,
          fmt::format("it is {}, and the database was written {} later", time, io::age_text(ahead)),
          kSetIt,
          {{"behind_ms", ahead.count()}}});
    return;
  }
  const auto right = is_kept_right();
  if (right == false) {
    tell({State::warning, kClock, time + "; nothing keeps it right: the kernel knows of no NTP",
          "if this machine has to (a container's host does it): timedatectl set-ntp true"});
    return;
  }
  tell({State::ok, kClock, right ? time + ", kept right by NTP" : time});
}

}  // namespace weir::doctor
