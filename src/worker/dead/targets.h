// The streams to which a message goes when it leaves its own stream.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stream/store.h"
#include "worker/dead/dead_letter.h"

namespace weir::worker {

/// The stream for the dead letters of `stream`: `given`, if not empty; else STREAM.dead, or in a cluster {STREAM}.dead,
/// which is in the stream's slot.
Result<std::string> dead_letter_stream(Store& store, const std::string& stream, const std::string& given);

/// Fails with `Failure::usage` if no transaction can use both streams: a message could not be acknowledged and put into
/// `target` at once. `option`: the option that names another stream.
Result<void> check_together(Store& store, const std::string& stream, std::string_view option,
                            const std::string& target);

/// The last entry of a stream, if it is a dead letter: a stream may have such a name by chance. Nothing: it is none.
Result<std::optional<DeadLetter>> last_letter(Store& store, const std::string& stream);

}  // namespace weir::worker
