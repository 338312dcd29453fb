// What was meant where `weir dead` found nothing: by other names a letter may well be there.
#pragma once

#include <optional>

#include "worker/dead/dead.h"

namespace weir::worker {

/// Requires: nothing was found of what `options` ask for. `letters`: the stream of the dead letters.
///
/// Nothing: there is no such thing. Asks the store, and reads all letters if it has to.
Result<std::optional<Advice>> advice_for(Store& store, const DeadOptions& options, const std::string& letters);

/// Likewise where some of `ids` are those of no letters: they may be those of messages.
Result<std::optional<Advice>> advice_for_ids(Store& store, const DeadOptions& options, const std::string& letters,
                                             const std::vector<Id>& ids);

/// The name of a condition that no letter has as a field, while all have it after `weir.`; nothing: there is none, or
/// there are no letters.
Result<std::optional<std::string>> name_without_prefix(Store& store, const DeadOptions& options,
                                                       const std::string& letters);

/// What to write instead of such a name.
Advice advice_for_name(const std::string& name);

}  // namespace weir::worker
