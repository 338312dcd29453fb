#include "sqlite/file/appended_row.h"

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
  std::string_view bytes = query.bytes(0);
  for (Slot& slot : slots_) {
    if (bytes.size() < sizeof slot) {
      break;
    }
    slot.number = taken_from(bytes);
    slot.ms = taken_from(bytes);
    slot.seq = taken_from(bytes);
  }
}

void AppendedRow::save(Database& db) const {
  std::string bytes;
  for (std::size_t i = slots_.size(); i > 0; --i) {
    if (slots_[i - 1].number != 0) {
      bytes.reserve(i * sizeof(Slot));
      for (std::size_t slot = 0; slot < i; ++slot) {
        append(bytes, slots_[slot].number);
        append(bytes, slots_[slot].ms);
        append(bytes, slots_[slot].seq);
      }
      break;
    }
  }
  db.query(kWrite).bind_blob(bytes).run();
}

std::optional<Id> AppendedRow::id_of(const Place& place) const {
  const Slot& slot = slots_[place.slot];
  return slot.number == place.number ? std::optional(Id{slot.ms, slot.seq}) : std::nullopt;
}

}  // namespace weir::sqlite
