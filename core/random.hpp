// Randomness, injected: jitter of retries and request ids; and texts that nobody can guess.
// Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

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

/// 64 hexadecimal digits straight from the operating system: a token or the id of a session. Never
/// to be made of a Random, whose next values can be worked out from earlier ones. Throws
/// std::runtime_error when the system gives none.
std::string unguessable_text();

}  // namespace assembly_sync::core
