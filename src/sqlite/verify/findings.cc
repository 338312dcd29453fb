#include "sqlite/verify/findings.h"

#include <algorithm>

namespace weir::sqlite {

void Findings::add(std::optional<std::string> stream, std::optional<std::string> group, std::string what) {
  if (++counts_[rule_] > kMostTold) {
    ++told_.back().more;
    return;
  }
  told_.push_back({rule_, std::move(stream), std::move(group), std::move(what), can_be_mended_});
}

std::uint64_t Findings::count(std::string_view rule) const {
  const auto found = counts_.find(rule);
  return found == counts_.end() ? 0 : found->second;
}

std::uint64_t Findings::total() const {
  std::uint64_t sum = 0;
  for (const auto& [rule, count] : counts_) {
    sum += count;
  }
  return sum;
}

bool Findings::may_have(const Finding& sought) const {
  const auto is_same = [&](const Finding& finding) {
    return finding.rule == sought.rule && finding.stream == sought.stream && finding.group == sought.group &&
           finding.what == sought.what;
  };
  return count(sought.rule) > kMostTold || std::ranges::any_of(told_, is_same);
}

void Findings::forget(std::string_view rule) {
  if (const auto found = counts_.find(rule); found != counts_.end()) {
    counts_.erase(found);
  }
  std::erase_if(told_, [&](const Finding& finding) { return finding.rule == rule; });
}

}  // namespace weir::sqlite
