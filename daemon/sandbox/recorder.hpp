// What the sandbox remembers of the requests: the journal and the counters. Bounded: the oldest
// entries go when there are too many or their bodies weigh too much. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "daemon/sandbox/limiter.hpp"
#include "daemon/sandbox/sandbox.hpp"

namespace assembly_sync::sandbox {

class Recorder {
 public:
  /// Counts an arrival and gives it its number.
  std::uint64_t arrive(std::int64_t now_us);
  void finish(JournalEntry entry, bool refused);

  std::vector<JournalEntry> journal() const { return {entries_.begin(), entries_.end()}; }
  /// At most `count` entries with a number above `number`.
  std::vector<JournalEntry> after(std::uint64_t number, std::size_t count) const;
  void clear_journal();
  const Sandbox::Stats& stats() const { return stats_; }

 private:
  std::deque<JournalEntry> entries_;
  std::size_t bytes_ = 0;
  Sandbox::Stats stats_;
  ArrivalWindow last_second_{1'000'000};
};

}  // namespace assembly_sync::sandbox
