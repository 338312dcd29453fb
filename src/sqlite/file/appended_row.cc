#include "sqlite/file/appended_row.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace weir::sqlite {
namespace {

constexpr const char* kRead = "SELECT value FROM weir_meta WHERE key = 'appended' AND typeof(value) = 'blob'";
constexpr const char* kWrite = "INSERT OR REPLACE INTO weir_meta VALUES ('appended', ?)";

constexpr int kByte = 8;

/// Most significant byte first, as in all files of SQLite.
std::uint64_t taken_from(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = value << kByte | static_cast<unsigned char>(bytes[i]);
  }
  bytes.remove_prefix(sizeof value);
  return value;
}

void append(std::string& bytes, std::uint64_t value) {
  for (std::size_t i = sizeof value; i > 0; --i) {
    bytes.push_back(static_cast<char>(value >> (i - 1) * kByte));
  }
}

}  // namespace

AppendedRow::AppendedRow(Database& db) {
  Query query = db.query(kRead);
  if (!query.next()) {
    return;
  }
  for (std::string_view bytes = query.bytes(0); bytes.size() >= sizeof(Slot) && slots_.size() < kSlots;) {
    Slot& slot = slots_.emplace_back();
    slot.number = taken_from(bytes);
    slot.ms = taken_from(bytes);
    slot.seq = taken_from(bytes);
  }
}

void AppendedRow::save(Database& db) const {
  std::string bytes;
  bytes.reserve(slots_.size() * sizeof(Slot));
  for (const Slot& slot : slots_) {
    append(bytes, slot.number);
    append(bytes, slot.ms);
    append(bytes, slot.seq);
  }
  db.query(kWrite).bind_blob(bytes).run();
}

std::optional<Id> AppendedRow::id_of(const Place& place) const {
  if (place.slot >= slots_.size() || slots_[place.slot].number != place.number) {
    return std::nullopt;
  }
  return Id{slots_[place.slot].ms, slots_[place.slot].seq};
}

void AppendedRow::note(const Place& place, Id id) {
  slots_.resize(std::max(slots_.size(), place.slot + 1));
  slots_[place.slot] = {place.number, id.ms, id.seq};
}

}  // namespace weir::sqlite
