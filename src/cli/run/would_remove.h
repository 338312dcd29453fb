// Finds out what would be removed, for --dry-run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/run/settings.h"
#include "stream/store.h"

namespace weir::cli {

/// A store on which a removal is tried. In a file, it is done and undone; a server cannot undo, so there we compute the
/// result.
struct Trial {
  std::unique_ptr<Store> store;
  bool server = false;
};

/// Fails if there is no database: none is made only to try.
Result<Trial> open_trial(const Settings& settings);

/// How many entries the request would remove. Fails with `Failure::refused` if that cannot be computed.
Result<std::uint64_t> would_trim(Trial& trial, const Xtrim& request);

/// What the request would answer.
Result<Outcomes> would_remove(Trial& trial, const Xdelex& request);
Result<Outcomes> would_remove(Trial& trial, const Xackdel& request);

/// Those of the entries that exist, in their order, each once.
Result<std::vector<Id>> those_there(Store& store, const std::string& stream, std::vector<Id> ids);

}  // namespace weir::cli
