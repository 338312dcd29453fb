// Collects what a verification finds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/upkeep.h"

namespace weir::sqlite {

/// For each rule the first findings are told one by one, and the others only counted: a file may be wrong in a million
/// places.
class Findings {
 public:
  void begin(std::string_view rule, bool can_be_mended) {
    rule_ = rule;
    can_be_mended_ = can_be_mended;
  }
  void add(std::optional<std::string> stream, std::optional<std::string> group, std::string what);

  /// How many places break the rule.
  std::uint64_t count(std::string_view rule) const;
  std::uint64_t total() const;
  /// Whether this finding is among these, or may be among those that are only counted.
  bool may_have(const Finding& sought) const;
  /// Drops the findings of a rule, which have been mended.
  void forget(std::string_view rule);
  const std::vector<Finding>& told() const { return told_; }

 private:
  static constexpr std::uint64_t kMostTold = 20;

  std::string rule_;
  bool can_be_mended_ = false;
  std::vector<Finding> told_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace weir::sqlite
