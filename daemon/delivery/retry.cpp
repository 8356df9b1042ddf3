#include "daemon/delivery/retry.hpp"

#include <algorithm>

namespace assembly_sync::delivery {

std::optional<std::chrono::milliseconds> next_attempt(int attempts, core::Random& random) {
  constexpr std::int64_t kLongestMs = 3'600'000;
  if (attempts >= kMostAttempts) return std::nullopt;
  const int doublings = std::clamp(attempts - 1, 0, 12);
  const std::int64_t pause = std::min<std::int64_t>(kLongestMs, std::int64_t{1000} << doublings);
  const double jitter = 0.8 + 0.4 * random.unit();
  return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(pause) * jitter));
}

}  // namespace assembly_sync::delivery
