// Rows of weir_serial: of messages that are taken one at a time for each value of a field (`work --serial`).
//
// The row of ID 0-0 has the field's name: all that is pending in the group has been looked at for it. Each message that
// is pending and has such a value has a row. The first of a value may run, or be delivered again; the others are
// pending too, held by nobody, with a due time that never comes. Who removes a message from the pending list makes the
// next of its value due.
#pragma once

#include <optional>
#include <string_view>

#include "sqlite/tables/rows.h"
#include "system/clock.h"

namespace weir::sqlite {

/// When what waits for the one before it is due.
inline constexpr UnixMs kAfterAnother{INT64_MAX};

/// The value of a message of these fields: the field's name and its value.
std::optional<std::string> serial_value_of(const Fields& fields, const std::string& field);
/// What was pending before anybody took messages by this field gets its rows; what waited for another is due then, and
/// waits again when it is met. True: that was done now.
bool index_serial(Database& db, StreamAndGroup& at, const std::string& field);
/// Whether a message with this value, which is pending or is about to be, waits for another.
bool waits_for_another(Database& db, const GroupRow& group, std::string_view value, Id id);
void add_serial(Database& db, StreamAndGroup& at, std::string_view value, Id id);
/// The value of a message that has a row.
std::optional<std::string> serial_value(Database& db, const StreamAndGroup& at, Id id);

/// The message is pending no more: the next of its value is due. Requires: a write transaction; the row of the pending
/// list is gone.
void end_serial(Database& db, const StreamRow& stream, std::int64_t group, Id id);
/// Likewise for all that a consumer holds, before they are removed from the list.
void end_serial_of(Database& db, const StreamAndGroup& at, std::int64_t consumer);

}  // namespace weir::sqlite
