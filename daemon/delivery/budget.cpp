#include "daemon/delivery/budget.hpp"

#include <algorithm>

namespace assembly_sync::delivery {

using namespace std::chrono_literals;

Budget::Budget(double rate_per_second, BudgetLedger& ledger, core::Clock& clock)
    : rate_(rate_per_second), clock_(clock), ledger_(ledger), pacer_(rate_per_second, ledger) {}

bool Budget::better_lane_waits(core::Lane lane) const {
  return std::any_of(waiting_.begin(), waiting_.begin() + static_cast<int>(lane),
                     [](int n) { return n > 0; });
}

std::optional<core::SteadyTime> Budget::not_before(core::Lane lane) const {
  const core::SteadyTime now = clock_.steady_now();
  const core::SteadyTime when = pacer_.next_start(now);
  if (when > now) return when;
  if (turn_held_ || better_lane_waits(lane)) return now + 1ms;
  return std::nullopt;
}

std::optional<Budget::Ticket> Budget::spend(core::Lane lane, const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    ++waiting_[static_cast<std::size_t>(lane)];
  }
  std::optional<Turn> turn = wait_turn(lane, stop);
  {
    const std::lock_guard lock(mutex_);
    --waiting_[static_cast<std::size_t>(lane)];
  }
  if (!turn) return std::nullopt;
  return std::move(*turn).start();
}

std::optional<Budget::Turn> Budget::wait_turn(core::Lane lane, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::optional<core::SteadyTime> when;
    {
      const std::lock_guard lock(mutex_);
      when = not_before(lane);
      if (!when) {
        turn_held_ = true;
        return Turn(this);
      }
    }
    clock_.sleep_until(*when, stop);
  }
  return std::nullopt;
}

Budget::Turn::~Turn() {
  if (budget_ == nullptr) return;
  const std::lock_guard lock(budget_->mutex_);
  budget_->turn_held_ = false;
}

Budget::Ticket Budget::Turn::start() && {
  Budget* const budget = std::exchange(budget_, nullptr);
  const std::lock_guard lock(budget->mutex_);
  budget->turn_held_ = false;
  return budget->pacer_.started(budget->clock_.steady_now());
}

void Budget::answered(Ticket ticket) {
  const std::lock_guard lock(mutex_);
  pacer_.answered(ticket, clock_.steady_now());
}

void Budget::refused(std::optional<std::chrono::milliseconds> retry_after) {
  const std::lock_guard lock(mutex_);
  const core::SteadyTime now = clock_.steady_now();
  pacer_.refused(now, now + std::max<std::chrono::nanoseconds>(retry_after.value_or(1s), 100ms));
}

double Budget::pace_per_second() const {
  const std::lock_guard lock(mutex_);
  return pacer_.pace_per_second(clock_.steady_now());
}

std::size_t Budget::used_last_second() const {
  return ledger_.count_since(clock_.steady_now() - 1s);
}

}  // namespace assembly_sync::delivery
