// Budget: step 6, the only way to Assembly. Every call of every lane, reads and retries included,
// waits here for its turn; the better lane goes first. See pacer.hpp for the pace.
// Thread-safe.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "daemon/delivery/pacer.hpp"

namespace assembly_sync::delivery {

class Budget {
 public:
  Budget(double rate_per_second, BudgetLedger& ledger, core::Clock& clock);

  /// A call that may start (or has started): tell the budget when it was answered.
  using Ticket = std::uint64_t;

  /// Waits for the turn of a call in `lane` and takes it. Nothing = stopped.
  std::optional<Ticket> spend(core::Lane lane, const std::stop_token& stop);

  /// The right to start the next call now, held by one at a time; given back when it dies unused.
  class Turn {
   public:
    Turn(Turn&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn();
    Ticket start() &&;

   private:
    friend class Budget;
    explicit Turn(Budget* budget) : budget_(budget) {}
    Budget* budget_;
  };

  /// In two steps, for the dispatcher, which chooses what to send only when it is its turn: waits
  /// until a call may start. Nothing = stopped.
  std::optional<Turn> wait_turn(core::Lane lane, const std::stop_token& stop);

  void answered(Ticket ticket);
  /// A 429: every lane pauses for `retry_after`, at least a second when Assembly names no time.
  void refused(std::optional<std::chrono::milliseconds> retry_after);

  std::size_t used_last_second() const;
  double rate_per_second() const { return rate_; }
  /// Calls a second as they go now at most, with what was learned of the network and of refusals.
  double pace_per_second() const;

 private:
  bool better_lane_waits(core::Lane lane) const;  // guarded by mutex_
  /// When to look again; nothing = now is the turn. Guarded by mutex_.
  std::optional<core::SteadyTime> not_before(core::Lane lane) const;

  const double rate_;
  core::Clock& clock_;
  BudgetLedger& ledger_;
  mutable std::mutex mutex_;
  Pacer pacer_;                                  // guarded by mutex_
  std::array<int, core::kLaneCount> waiting_{};  // guarded by mutex_
  bool turn_held_ = false;                       // guarded by mutex_
};

}  // namespace assembly_sync::delivery
