// The last minutes of the queue and the budget, a sample a second, for the chart of the overview:
// so a first visit sees where things come from, not only where they are. Kept in memory, bounded.
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

#include "core/value.hpp"

namespace assembly_sync::console {

inline constexpr std::size_t kSamples = 300;

class Series {
 public:
  /// Takes what the chart needs of a status document (answers::status), as of `now_ms`.
  void add(const core::Value& status, std::int64_t now_ms);
  /// The oldest first: [{at_ms, used, pending, in_flight}].
  core::Value samples() const;

 private:
  struct Sample {
    std::int64_t at_ms;
    std::int64_t used;
    std::int64_t pending;
    std::int64_t in_flight;
  };
  mutable std::mutex mutex_;
  std::deque<Sample> samples_;  // guarded by mutex_
};

}  // namespace assembly_sync::console
