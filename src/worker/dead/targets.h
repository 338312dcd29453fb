// The streams to which a message goes when it leaves its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stream/store.h"
#include "worker/dead/dead_letter.h"

namespace weir::worker {

/// The stream that takes the dead letters of `stream`: the one that was `given`, if it is not empty; else STREAM.dead,
/// or in a cluster {STREAM}.dead, which is in the stream's slot.
Result<std::string> dead_letter_stream(Store& store, const std::string& stream, const std::string& given);

/// Fails with `Failure::usage` where no transaction takes both: a message could not be acknowledged and go to `target`
/// at once. `option`: with which another stream can be named.
Result<void> check_together(Store& store, const std::string& stream, std::string_view option,
                            const std::string& target);

/// What the last entry of a stream is; nothing: no dead letter. A stream may happen to be called as one of these.
Result<std::optional<DeadLetter>> last_letter(Store& store, const std::string& stream);

}  // namespace weir::worker
