// Randomness, injected: jitter of retries and request ids. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>

namespace assembly_sync::core {

class Random {
 public:
  virtual ~Random() = default;
  /// Uniform over all 64-bit values.
  virtual std::uint64_t next() = 0;
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
};

/// Seeded from the operating system.
std::unique_ptr<Random> make_system_random();
/// The same sequence for the same seed.
std::unique_ptr<Random> make_seeded_random(std::uint64_t seed);

}  // namespace assembly_sync::core
