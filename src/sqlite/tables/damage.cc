#include "sqlite/tables/damage.h"

#include <fmt/format.h>

namespace weir::sqlite {

bool is_sound(Database& db, const StreamRow& stream, std::string_view name) {
  const bool numbered = stream.number >= 1 && stream.number <= kMaxStreams;
  if (numbered && stream.tail >= stream.begin() && stream.tail <= stream.end() && stream.length >= 0 &&
      stream.length <= stream.tail - stream.begin()) {
    return true;
  }
  db.note_damage(fmt::format("the stream '{}' has number {}, {} entries and ends at position {}", name, stream.number,
                             stream.length, stream.tail));
  return false;
}

bool follows(Database& db, std::optional<Id>& before, Id id, IdRange bounds, bool reverse) {
  const bool in_order = !before || (reverse ? id < *before : id > *before);
  if (in_order && bounds.first <= id && id <= bounds.last) {
    before = id;
    return true;
  }
  db.note_damage(
      in_order ? fmt::format("{} stands among {} to {}", to_string(id), to_string(bounds.first), to_string(bounds.last))
               : fmt::format("{} stands {} {}", to_string(id), reverse ? "before" : "after", to_string(*before)));
  return false;
}

}  // namespace weir::sqlite
