// What a message has to be like: FIELD=VALUE and the like.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "stream/fields.h"
#include "stream/result.h"

namespace weir {

/// `FIELD=VALUE`, `FIELD!=VALUE`, or with a POSIX extended regular expression `FIELD~REGEX`, `FIELD!~REGEX`. The first
/// of these signs parts the two sides.
///
/// A field that a message has several times is meant if one of its values is; `!=` and `!~` say the opposite of `=` and
/// `~`, so they hold for a message that has no such field. Values are compared byte for byte, as Redis sees them.
class Condition {
 public:
  /// Fails with `Failure::usage`: what is wrong with it, without its text.
  static Result<Condition> parse(std::string_view text);

  bool holds(const Fields& fields) const;
  const std::string& name() const { return name_; }
  bool is_negated() const { return negated_; }

 private:
  class Pattern;

  bool fits(std::string_view value) const;

  std::string name_;
  std::string value_;
  std::shared_ptr<const Pattern> pattern_;  ///< null: the value itself
  bool negated_ = false;
};

/// Whether all of them hold.
bool all_hold(std::span<const Condition> conditions, const Fields& fields);

}  // namespace weir
