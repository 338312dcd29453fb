// Asks two stores the same questions, and compares their answers.
#pragma once

#include <optional>
#include <string>

#include "contract/generator.h"
#include "stream/store.h"

namespace weir::test {

struct Disagreement {
  std::size_t step = 0;
  std::string left;
  std::string right;
};

/// Runs `steps` on both, from empty, and finds the first that is answered differently. Afterwards everything that can
/// be seen of the streams is compared as well.
std::optional<Disagreement> find_disagreement(Store& left, Store& right, const Steps& steps, const Profile& profile);

/// A sequence as short as dropping steps can make it, which still disagrees.
Steps shrink(Store& left, Store& right, Steps steps, const Profile& profile);

}  // namespace weir::test
