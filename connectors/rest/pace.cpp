#include "connectors/rest/pace.hpp"

#include <algorithm>

namespace assembly_sync::connectors::rest {

Pace::Pace(std::optional<RateSpec> rate)
    : rate_(rate),
      parts_of_token_(rate ? rate->seconds * 1000 : 0),
      parts_of_ms_(rate ? rate->requests - rate->burst() + 1 : 0),
      full_(rate ? rate->burst() * parts_of_token_ : 0),
      parts_(full_) {}

void Pace::refill(core::WallTime now) {
  // Whoever comes with a time of a moment ago changes nothing; a clock that was set back for good
  // begins a new count. A whole span fills the bucket in any case.
  const std::int64_t span = rate_->seconds * 1000;
  if (now < filled_ && (filled_ - now).count() <= span) return;
  const std::int64_t passed = std::clamp<std::int64_t>((now - filled_).count(), 0, span);
  parts_ = std::min(full_, parts_ + passed * parts_of_ms_);
  filled_ = now;
  if (parts_ == full_) fills_up_ = false;
}

std::optional<std::chrono::milliseconds> Pace::take(core::WallTime now, std::int64_t count) {
  if (!rate_) return std::nullopt;
  const std::lock_guard lock(mutex_);
  refill(now);
  if (!fills_up_ && parts_ >= std::min(full_, count * parts_of_token_)) {
    parts_ -= count * parts_of_token_;
    return std::nullopt;
  }
  fills_up_ = true;
  return std::chrono::milliseconds((full_ - parts_ + parts_of_ms_ - 1) / parts_of_ms_);
}

void Pace::spend(core::WallTime now, std::int64_t count) {
  if (!rate_) return;
  const std::lock_guard lock(mutex_);
  refill(now);
  parts_ -= count * parts_of_token_;
}

}  // namespace assembly_sync::connectors::rest
