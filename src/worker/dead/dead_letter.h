// A dead letter: a message that will not be delivered any more, and the reason.
//
// A dead letter is an entry of another stream. The message's own fields come first, unchanged, including types and
// digits. After them stand exactly these fields, in this order (all are strings except weir.deliveries):
//
//   weir.stream, weir.id       where the message was
//   weir.group, weir.consumer  who had it last
//   weir.deliveries            how often its command was begun
//   weir.reason                "exit 65", "signal 9 (Killed)", "timed out after 30s", "no field 'to'", …
//   weir.first                 when the message was appended, as its ID has it: 2026-01-31T12:00:00.000Z
//   weir.last                  when it was given up
//   weir.stderr                the last lines the command printed on standard error
//
//   {"to":"a@b.c","weir.stream":"emails","weir.id":"1-0","weir.group":"mailers", … ,"weir.stderr":"550 no such user"}
//
// A message may have fields of these names itself: only the last nine fields belong to the letter, so the message can
// always be put back exactly. A message that was put back has one more field at its end: weir.requeued, the ID that the
// message had when it was first appended; putting it back again does not change that field.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "stream/fields.h"
#include "stream/reply.h"
#include "worker/process/message.h"

namespace weir::worker {

struct Death {
  std::string group;
  std::string consumer;
  std::uint64_t deliveries = 0;
  std::string reason;
  UnixMs time{0};
  std::string last_lines;
};

Fields make_dead_letter(const Message& message, const Death& death);

struct DeadLetter {
  std::string stream;
  Id id;
  Death death;      ///< without `time`
  Fields original;  ///< the message's fields, exactly as they were
};

/// Takes a dead letter apart. Nothing: the entry is no dead letter. Throws std::runtime_error if the letter holds the
/// message as JSON, because it had thousands of fields, and the library that reads JSON is missing.
std::optional<DeadLetter> read_dead_letter(const Fields& fields);

/// Whether a letter adds a field of this name to those of the message.
bool is_letter_field(std::string_view name);

/// The fields of a message that is put back on its stream.
Fields requeued_fields(const DeadLetter& letter);

}  // namespace weir::worker
