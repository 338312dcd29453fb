#include "redis/translate/retry_consumer.h"

#include <algorithm>
#include <bit>

#include "text/numbers.h"

namespace weir::redis {
namespace {

/// How long weir 0.1.0 waited by default.
constexpr Millis kOldHorizon{300'000};

struct Parts {
  Millis horizon{0};
  std::uint64_t laters = 0;
};

/// Waits that people write are whole seconds. (No rounded value is one.)
bool is_exact(std::uint64_t ms) {
  return ms % 1000 == 0;
}

/// The distance between two values to which waits are rounded up.
std::uint64_t step_at(std::uint64_t ms) {
  constexpr int kKept = 3;  // bits below the highest one
  return std::uint64_t{1} << std::max(static_cast<int>(std::bit_width(ms)) - 1 - kKept, 0);
}

/// The most by which rounding may have lengthened a wait.
Millis most_added(Millis horizon) {
  const auto ms = static_cast<std::uint64_t>(horizon.count());
  return Millis(is_exact(ms) ? 0 : static_cast<Millis::rep>(step_at(ms - 1) - 1));
}

std::optional<Parts> parts_of(std::string_view consumer) {
  if (consumer == kRetryConsumer) {
    return Parts{kOldHorizon};
  }
  if (!consumer.starts_with(kRetryConsumer) || consumer[kRetryConsumer.size()] != '/') {
    return std::nullopt;
  }
  const auto numbers = consumer.substr(kRetryConsumer.size() + 1);
  const auto slash = numbers.find('/');
  const auto ms = parse_integer(numbers.substr(0, slash));
  const auto laters =
      slash == std::string_view::npos ? std::optional<std::int64_t>(0) : parse_integer(numbers.substr(slash + 1));
  if (!ms || *ms < 0 || !laters || *laters < 0) {
    return std::nullopt;
  }
  return Parts{Millis(*ms), static_cast<std::uint64_t>(*laters)};
}

}  // namespace

Millis retry_horizon(Millis wait) {
  const auto ms = static_cast<std::uint64_t>(std::max<Millis::rep>(wait.count(), 0));
  if (is_exact(ms)) {
    return Millis(static_cast<Millis::rep>(ms));
  }
  const std::uint64_t step = step_at(ms);
  const std::uint64_t rounded = (ms + step - 1) / step * step;
  return Millis(static_cast<Millis::rep>(std::min<std::uint64_t>(rounded, INT64_MAX)));
}

std::string retry_consumer(Millis horizon, std::uint64_t laters) {
  const std::string name = std::string(kRetryConsumer) + "/" + std::to_string(horizon.count());
  return laters == 0 ? name : name + "/" + std::to_string(laters);
}

bool is_retry_consumer(std::string_view name) {
  return parts_of(name).has_value();
}

std::optional<Released> released_by(std::string_view consumer, Millis idle) {
  const auto parts = parts_of(consumer);
  if (!parts) {
    return std::nullopt;
  }
  if (parts->horizon == kWaitsForAnother) {
    return Released{idle, kWaitsForAnother};
  }
  return Released{std::max(idle - most_added(parts->horizon), Millis(0)), std::max(parts->horizon - idle, Millis(0))};
}

std::uint64_t laters_of(std::string_view consumer) {
  return parts_of(consumer).value_or(Parts()).laters;
}

}  // namespace weir::redis
