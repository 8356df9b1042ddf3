// Pacer: when may the next call start? The arithmetic of the budget without any waiting, so that it
// can be tested by moving time alone.
//
// Calls go out on an absolute schedule, evenly spaced, because even spacing is the one pattern that
// satisfies a fixed window of any phase, a sliding window and a small bucket alike. The spacing is
// (1 + W)/rate, where W (seconds) is how much the way to Assembly may bunch calls up: with it no
// window anywhere can see more than the rate. W is learned from response times; until enough are
// known a careful value stands in. Whatever the schedule says, a full window of our own starts is
// never exceeded (I3). And each call looks at the one a window before it: where that was answered
// late, it was perhaps seen late, and this one keeps a full window's distance from then (the
// response-clocked guard), so that a hiccup of the machine or the way bunches nothing up. After a
// refusal (429) all calls stop for as long as Assembly asks, and for a minute the pace is slower
// and the guard unbounded.
//
// Not thread-safe: Budget guards it.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>

#include "core/clock.hpp"
#include "daemon/delivery/budget_ledger.hpp"

namespace assembly_sync::delivery {

class Pacer {
 public:
  Pacer(double rate_per_second, BudgetLedger& ledger);

  /// The earliest start of the next call, given that it is `now`.
  core::SteadyTime next_start(core::SteadyTime now) const;
  /// A call starts now; returns its number.
  std::uint64_t started(core::SteadyTime now);
  /// The call was answered (whatever the status) or given up.
  void answered(std::uint64_t call, core::SteadyTime now);
  /// Assembly refused a call with 429: nothing starts before `resume`.
  void refused(core::SteadyTime now, core::SteadyTime resume);

  /// Seconds by which calls may bunch up, as now believed.
  double jitter_seconds() const { return jitter_; }
  double rate_per_second() const { return rate_; }
  /// Calls a second with the spacing of now.
  double pace_per_second(core::SteadyTime now) const {
    return 1 / std::chrono::duration<double>(interval(now)).count();
  }

 private:
  std::chrono::nanoseconds interval(core::SteadyTime now) const;
  void learn();
  /// The earliest start at which the call one window before has surely been seen a window ago.
  core::SteadyTime guarded(core::SteadyTime now) const;

  const double rate_;
  const std::size_t window_calls_;         // calls per window
  const std::chrono::nanoseconds window_;  // one second, longer when the rate is below 1/s
  BudgetLedger& ledger_;
  core::SteadyTime scheduled_ = core::SteadyTime::min();  // of the last call
  core::SteadyTime paused_until_ = core::SteadyTime::min();
  core::SteadyTime careful_until_ = core::SteadyTime::min();  // slower pace after a 429
  std::uint64_t calls_ = 0;
  struct Call {
    core::SteadyTime start;
    core::SteadyTime answer = core::SteadyTime::max();
  };
  std::deque<Call> recent_;  // the last window_calls_ of this process, oldest first
  std::deque<std::chrono::nanoseconds> response_times_;  // the last kResponses
  std::chrono::nanoseconds fastest_{0};
  std::size_t learned_at_ = 0;
  double jitter_;
};

}  // namespace assembly_sync::delivery
