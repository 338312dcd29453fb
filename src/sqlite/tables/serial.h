// Rows of weir_serial: messages that are taken one at a time for each value of a field (`work --serial`).
//
// The row of ID 0-0 has the field's name, and says that all pending messages of the group have rows for this field.
// Each pending message with the field has a row. The first message of a value may run, or be delivered again; the
// others are pending too, but nobody holds them, and their due time never comes. Removing a message from the pending
// list makes the next message of its value due. If a message is put back while a later one of its value runs, it is the
// first again, and due, but is passed over as long as somebody holds the later one.
#pragma once

#include <optional>
#include <string_view>

#include "sqlite/tables/rows.h"
#include "system/clock.h"

namespace weir::sqlite {

/// The due time of a message that waits for the one before it.
inline constexpr UnixMs kAfterAnother{INT64_MAX};

/// The serial value of a message with these fields: the field's name and value.
std::optional<std::string> serial_value_of(const Fields& fields, const std::string& field);
/// Makes rows for messages that were pending before anybody took messages by this field. Messages that waited for
/// another become due, and wait again when they are looked at. True: the rows were made now.
bool index_serial(Database& db, StreamAndGroup& at, const std::string& field);
/// Whether a message with this value, pending or about to be, waits for an earlier one.
bool waits_for_another(Database& db, const GroupRow& group, std::string_view value, Id id);
/// Whether somebody holds a later message with this value. It was given out before this one was pending again, or
/// before messages were taken by this field. Looks at no more rows than are held, or are released, whichever are fewer.
bool later_one_runs(Database& db, const GroupRow& group, std::string_view value, Id id);
void add_serial(Database& db, StreamAndGroup& at, std::string_view value, Id id);
/// The serial value of a message, if it has a row.
std::optional<std::string> serial_value(Database& db, const StreamAndGroup& at, Id id);

/// Call this when a message is no longer pending: makes the next message of its value due. Requires: a write
/// transaction; the message's pending row is gone.
void end_serial(Database& db, const StreamRow& stream, std::int64_t group, Id id);
/// The same for all messages that a consumer holds, before they are removed from the pending list.
void end_serial_of(Database& db, const StreamAndGroup& at, std::int64_t consumer);

}  // namespace weir::sqlite
