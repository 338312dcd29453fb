#include "redis/translate/retry_consumer.h"

#include <algorithm>
#include <bit>

#include "text/numbers.h"

namespace weir::redis {
namespace {

/// What weir 0.1.0 waited for, unless it was told otherwise.
constexpr Millis kOldHorizon{300'000};

std::optional<Millis> horizon_of(std::string_view consumer) {
  if (consumer == kRetryConsumer) {
    return kOldHorizon;
  }
  if (!consumer.starts_with(kRetryConsumer) || consumer[kRetryConsumer.size()] != '/') {
    return std::nullopt;
  }
  const auto ms = parse_integer(consumer.substr(kRetryConsumer.size() + 1));
  return ms && *ms >= 0 ? std::optional(Millis(*ms)) : std::nullopt;
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

std::string retry_consumer(Millis horizon) {
  return std::string(kRetryConsumer) + "/" + std::to_string(horizon.count());
}

bool is_retry_consumer(std::string_view name) {
  return horizon_of(name).has_value();
}

std::optional<Released> released_by(std::string_view consumer, Millis idle) {
  const auto horizon = horizon_of(consumer);
  if (!horizon) {
    return std::nullopt;
  }
  return Released{idle, std::max(*horizon - idle, Millis(0))};
}

}  // namespace weir::redis
