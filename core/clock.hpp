// The two clocks, injected: wall time for what is stored and shown, steady time for durations and
// pacing. They have different types, so they can't be mixed. Nothing but SystemClock and the
// composition root reads the operating system's time.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

namespace assembly_sync::core {

using Millis = std::chrono::milliseconds;
/// UTC, millisecond resolution.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Millis>;
/// CLOCK_MONOTONIC: the same for all processes until the machine restarts.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall_now() const = 0;
  virtual SteadyTime steady_now() const = 0;
  /// Returns false when `stop` was requested before `when`.
  virtual bool sleep_until(SteadyTime when, std::stop_token stop) = 0;

  bool sleep_for(std::chrono::nanoseconds span, std::stop_token stop) {
    return sleep_until(steady_now() + span, std::move(stop));
  }
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  WallTime wall_now() const override;
  SteadyTime steady_now() const override;
  bool sleep_until(SteadyTime when, std::stop_token stop) override;
};

inline std::int64_t to_ms(WallTime time) {
  return time.time_since_epoch().count();
}
inline WallTime from_ms(std::int64_t ms) {
  return WallTime{Millis{ms}};
}

/// `2026-01-31T10:00:00.123Z`
std::string format_utc(WallTime time);

}  // namespace assembly_sync::core
