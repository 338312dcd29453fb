// If `weir dead` found nothing, finds out what was meant: the letter may well exist under another name.
#pragma once

#include <optional>

#include "worker/dead/dead.h"

namespace weir::worker {

/// Requires: nothing was found of what `options` ask for. `letters`: the stream of dead letters.
///
/// Nothing: no advice. Asks the store, and reads all letters if necessary.
Result<std::optional<Advice>> advice_for(Store& store, const DeadOptions& options, const std::string& letters);

/// Advice if some of `ids` belong to no letters: they may be the IDs of messages.
Result<std::optional<Advice>> advice_for_ids(Store& store, const DeadOptions& options, const std::string& letters,
                                             const std::vector<Id>& ids);

/// The name in a condition that no letter has as a field, while all letters have it with the prefix `weir.`. Nothing:
/// there is no such name, or there are no letters.
Result<std::optional<std::string>> name_without_prefix(Store& store, const DeadOptions& options,
                                                       const std::string& letters);

/// What to write instead of such a name.
Advice advice_for_name(const std::string& name);

}  // namespace weir::worker
