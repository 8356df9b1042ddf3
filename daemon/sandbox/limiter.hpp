// The sandbox's rate limits (A170, A171), in the three readings that the API's documentation
// leaves open (Q1): a sliding log, a fixed window, a token bucket. Pure: time is passed in, in
// microseconds of any steady clock, never going backwards. Not thread-safe; the sandbox's mutex
// guards it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "daemon/sandbox/sandbox.hpp"

namespace assembly_sync::sandbox {

/// Counts arrivals within the last `span`: an arrival leaves exactly `span` after it came.
class ArrivalWindow {
 public:
  explicit ArrivalWindow(std::int64_t span_us);
  void add(std::int64_t now_us);
  std::size_t count(std::int64_t now_us);

 private:
  std::int64_t span_us_;
  std::deque<std::int64_t> arrivals_;
};

class Limiter {
 public:
  virtual ~Limiter() = default;
  /// True when a request arriving now is admitted. Whether a refused one counts too is open (Q3);
  /// the sandbox's stats count both.
  virtual bool admit(std::int64_t now_us, bool refused_counts) = 0;
};

/// `rate` is in requests per second; 0 or less admits everything. A rate below 1 admits one request
/// in 1/rate seconds. `burst` is the bucket's size; `seed` sets the phase of the fixed window.
std::unique_ptr<Limiter> make_limiter(LimiterKind kind, double rate, double burst,
                                      std::uint64_t seed);

}  // namespace assembly_sync::sandbox
