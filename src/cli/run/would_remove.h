// What would be removed, for --dry-run.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/run/settings.h"
#include "stream/store.h"

namespace weir::cli {

/// A store in which something is tried. In a file it is done and undone; a server undoes nothing that it has done:
/// there it is reckoned.
struct Trial {
  std::unique_ptr<Store> store;
  bool server = false;
};

/// Fails where there is no database: none is made only to try.
Result<Trial> open_trial(const Settings& settings);

/// How many entries would go, by one after another of the same stream. Fails with `Failure::refused` where that cannot
/// be reckoned.
Result<std::uint64_t> would_trim(Trial& trial, std::span<const Xtrim> trims);

/// What they would answer.
Result<Outcomes> would_remove(Trial& trial, const Xdelex& request);
Result<Outcomes> would_remove(Trial& trial, const Xackdel& request);

/// Which of the entries there are, in their order, each once.
Result<std::vector<Id>> those_there(Store& store, const std::string& stream, std::vector<Id> ids);

}  // namespace weir::cli
