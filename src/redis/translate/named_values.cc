#include "redis/translate/named_values.h"

#include <algorithm>
#include <unordered_set>

namespace weir::redis {

NamedValues::NamedValues(Value pairs) : pairs_(pairs) {
  pairs.expect(pairs.size() % 2 == 0);
}

Value NamedValues::named(std::string_view name) {
  asked_.push_back(name);
  return pairs_.named(name);
}

ExtraFields NamedValues::others() const {
  ExtraFields others;
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i + 1 < pairs_.size(); i += 2) {
    const std::string_view name = pairs_[i].text();
    if (std::ranges::find(asked_, name) == asked_.end() && seen.insert(name).second) {
      others.push_back({std::string(name), pairs_[i + 1].plain()});
    }
  }
  return others;
}

}  // namespace weir::redis
