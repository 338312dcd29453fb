// Cells that several lists use.
#pragma once

#include "io/table/table_grid.h"
#include "io/table/table_time.h"
#include "report/queued.h"
#include "top/model.h"

namespace weir::top {

inline constexpr std::size_t kLongestCell = 300;

inline io::Cell faint(std::string text = "-") {
  return io::Cell(std::move(text), io::Ink::faint);
}

/// Foreign text.
inline io::Cell words(std::string_view bytes, io::Ink ink = io::Ink::plain) {
  return io::Cell(io::visible(bytes, kLongestCell), ink);
}

/// A zero is drawn fainter than other numbers.
inline io::Cell number(std::uint64_t value, io::Ink ink = io::Ink::plain) {
  return io::Cell(std::to_string(value), value == 0 ? io::Ink::faint : ink);
}

inline io::Cell age(const std::optional<Millis>& age) {
  return age ? io::Cell(io::age_text(std::max(Millis(0), *age))) : faint();
}

/// The time since the look at `at`.
inline Millis passed(UnixMs at, const Now& now) {
  return std::max(Millis(0), now.wall - at);
}

/// Whether the group is paused now; a pause with an end may have ended since the look.
inline bool is_paused(const report::GroupQueue& group, UnixMs at, const Now& now) {
  return group.paused && (!group.paused->left || *group.paused->left > passed(at, now));
}

inline std::string paused_text(const report::GroupQueue& group, UnixMs at, const Now& now) {
  return group.paused->left ? "paused for " + io::age_text(*group.paused->left - passed(at, now)) : "paused";
}

}  // namespace weir::top
