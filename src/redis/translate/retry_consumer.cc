#include "redis/translate/retry_consumer.h"

#include <algorithm>
#include <bit>

#include "text/numbers.h"

namespace weir::redis {
namespace {

/// What weir 0.1.0 waited for, unless it was told otherwise.
constexpr Millis kOldHorizon{300'000};

struct Parts {
  Millis horizon{0};
  std::uint64_t laters = 0;
};

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
  constexpr int kKept = 3;  // bits below the highest
  const int dropped = std::max(static_cast<int>(std::bit_width(ms)) - 1 - kKept, 0);
  const std::uint64_t step = std::uint64_t{1} << dropped;
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
  return Released{idle,
                  parts->horizon == kWaitsForAnother ? kWaitsForAnother : std::max(parts->horizon - idle, Millis(0))};
}

std::uint64_t laters_of(std::string_view consumer) {
  return parts_of(consumer).value_or(Parts()).laters;
}

}  // namespace weir::redis
