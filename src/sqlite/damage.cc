// What is told of a database whose rows contradict each other.
//
// A page of a walk begins after the last ID of the page before. That ends only if IDs grow with positions and lie
// within the bounds that were asked for, and sums stay in their range only if the counters fit the positions. So both
// are looked at wherever rows are read.
#include <fmt/format.h>

#include "sqlite/sqlite_engine.h"

namespace weir::sqlite {

bool SqliteEngine::is_sound(const StreamRow& stream, std::string_view name) {
  const bool numbered = stream.number >= 1 && stream.number <= kMaxStreams;
  if (numbered && stream.tail >= stream.begin() && stream.tail <= stream.end() && stream.length >= 0 &&
      stream.length <= stream.tail - stream.begin()) {
    return true;
  }
  db_.note_damage(fmt::format("the stream '{}' has number {}, {} entries and ends at position {}", name, stream.number,
                              stream.length, stream.tail));
  return false;
}

/// Whether `id` may come after `before`, which then becomes it.
bool SqliteEngine::follows(std::optional<Id>& before, Id id, IdRange bounds, bool reverse) {
  const bool in_order = !before || (reverse ? id < *before : id > *before);
  if (in_order && bounds.first <= id && id <= bounds.last) {
    before = id;
    return true;
  }
  db_.note_damage(
      in_order ? fmt::format("{} stands among {} to {}", to_string(id), to_string(bounds.first), to_string(bounds.last))
               : fmt::format("{} stands {} {}", to_string(id), reverse ? "before" : "after", to_string(*before)));
  return false;
}

}  // namespace weir::sqlite
