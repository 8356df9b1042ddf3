// How many requests a source may be asked in how many seconds, where its description says so: a
// bucket of tokens that all requests of the source draw from. Never more than the agreed number
// start within any such span. It waits for nobody: who finds it empty is told how long to stay
// away. The time is handed in. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "core/clock.hpp"

namespace assembly_sync::connectors::rest {

struct RateSpec {
  std::int64_t requests = 0;
  std::int64_t seconds = 0;

  /// How many may start at once: a tenth of them, and at least one. The others come as time passes,
  /// so that both together are not more than there may be.
  std::int64_t burst() const { return requests < 10 ? 1 : requests / 10; }
};

class Pace {
 public:
  /// Nothing = no limit.
  explicit Pace(std::optional<RateSpec> rate);

  /// Takes tokens for `count` requests, or says how long to wait. Whoever was told to wait, the
  /// bucket fills up before anybody gets more: who needs many would never find enough beside others
  /// who need one each, and a pause is told once instead of at every request. More than
  /// RateSpec::burst() are given to who finds it full, and are missing later.
  std::optional<std::chrono::milliseconds> take(core::WallTime now, std::int64_t count);
  /// Takes those that must be had (a login in the middle of a request); they are missing later.
  void spend(core::WallTime now, std::int64_t count);

 private:
  void refill(core::WallTime now);

  const std::optional<RateSpec> rate_;
  // In parts of a token, of which whole ones come in each millisecond.
  const std::int64_t parts_of_token_;
  const std::int64_t parts_of_ms_;
  const std::int64_t full_;
  std::mutex mutex_;  // guards what follows
  std::int64_t parts_;
  core::WallTime filled_{};
  bool fills_up_ = false;
};

}  // namespace assembly_sync::connectors::rest
