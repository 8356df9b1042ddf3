#include "daemon/sandbox/limiter.hpp"

#include <algorithm>
#include <cmath>

#include "core/random.hpp"

namespace assembly_sync::sandbox {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;

/// So many requests in so long.
struct Allowance {
  std::size_t requests = 0;
  std::int64_t span_us = kSecondUs;
};

Allowance allowance_of(double rate) {
  if (rate >= 1) return {static_cast<std::size_t>(rate), kSecondUs};
  return {1, static_cast<std::int64_t>(std::llround(static_cast<double>(kSecondUs) / rate))};
}

class Unlimited final : public Limiter {
 public:
  bool admit(std::int64_t, bool) override { return true; }
};

class SlidingLog final : public Limiter {
 public:
  explicit SlidingLog(Allowance allowance)
      : requests_(allowance.requests), window_(allowance.span_us) {}

  bool admit(std::int64_t now_us, bool refused_counts) override {
    const bool admitted = window_.count(now_us) < requests_;
    if (admitted || refused_counts) window_.add(now_us);
    return admitted;
  }

 private:
  std::size_t requests_;
  ArrivalWindow window_;
};

class FixedWindow final : public Limiter {
 public:
  FixedWindow(Allowance allowance, std::uint64_t seed)
      : allowance_(allowance),
        phase_us_(static_cast<std::int64_t>(core::make_seeded_random(seed)->next() %
                                            static_cast<std::uint64_t>(allowance.span_us))) {}

  bool admit(std::int64_t now_us, bool) override {  // a full window is as full with one more
    const std::int64_t window = (now_us + phase_us_) / allowance_.span_us;
    if (window != window_) {
      window_ = window;
      used_ = 0;
    }
    if (used_ >= allowance_.requests) return false;
    ++used_;
    return true;
  }

 private:
  Allowance allowance_;
  std::int64_t phase_us_;
  std::int64_t window_ = -1;
  std::size_t used_ = 0;
};

class TokenBucket final : public Limiter {
 public:
  TokenBucket(double rate, double burst)
      : rate_(rate), burst_(std::max(1.0, burst)), tokens_(burst_) {}

  bool admit(std::int64_t now_us, bool refused_counts) override {
    if (last_us_ >= 0) {
      const double refill = static_cast<double>(now_us - last_us_) * rate_ / kSecondUs;
      tokens_ = std::min(burst_, tokens_ + refill);
    }
    last_us_ = now_us;
    // Many small refills add up to a hair below a whole token.
    constexpr double kRounding = 1e-9;
    const bool admitted = tokens_ + kRounding >= 1;
    if (admitted) {
      tokens_ -= 1;
    } else if (refused_counts) {
      tokens_ = 0;
    }
    return admitted;
  }

 private:
  double rate_;
  double burst_;
  double tokens_;
  std::int64_t last_us_ = -1;
};

}  // namespace

ArrivalWindow::ArrivalWindow(std::int64_t span_us) : span_us_(span_us) {}

void ArrivalWindow::add(std::int64_t now_us) {
  arrivals_.push_back(now_us);
}

std::size_t ArrivalWindow::count(std::int64_t now_us) {
  while (!arrivals_.empty() && now_us - arrivals_.front() >= span_us_) arrivals_.pop_front();
  return arrivals_.size();
}

std::unique_ptr<Limiter> make_limiter(LimiterKind kind, double rate, double burst,
                                      std::uint64_t seed) {
  if (rate <= 0) return std::make_unique<Unlimited>();
  switch (kind) {
    case LimiterKind::sliding:
      return std::make_unique<SlidingLog>(allowance_of(rate));
    case LimiterKind::fixed:
      return std::make_unique<FixedWindow>(allowance_of(rate), seed);
    case LimiterKind::bucket:
      return std::make_unique<TokenBucket>(rate, burst);
  }
  return std::make_unique<Unlimited>();
}

}  // namespace assembly_sync::sandbox
