// Conditions on the fields of a message, such as FIELD=VALUE.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "stream/fields.h"
#include "stream/result.h"

namespace weir {

/// `FIELD=VALUE`, `FIELD!=VALUE`, or with a POSIX extended regular expression `FIELD~REGEX`, `FIELD!~REGEX`. The first
/// of these operators ends the field's name.
///
/// Of a field that a message has several times, one fitting value is enough. `!=` and `!~` are the opposite of `=` and
/// `~`, so they hold for a message without the field. Values are compared byte for byte, as Redis sees them.
class Condition {
 public:
  /// Fails with `Failure::usage`. The error says what is wrong, and does not repeat `text`.
  static Result<Condition> parse(std::string_view text);

  bool holds(const Fields& fields) const;
  const std::string& name() const { return name_; }
  bool is_negated() const { return negated_; }

 private:
  class Pattern;

  bool fits(std::string_view value) const;

  std::string name_;
  std::string value_;
  std::shared_ptr<const Pattern> pattern_;  ///< null: the value is compared with `value_`
  bool negated_ = false;
};

/// Whether all `conditions` hold.
bool all_hold(std::span<const Condition> conditions, const Fields& fields);

}  // namespace weir
