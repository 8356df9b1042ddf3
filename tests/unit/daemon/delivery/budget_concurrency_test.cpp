// The budget under many threads at once.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "tests/unit/daemon/delivery/delivery_world.hpp"

namespace assembly_sync::delivery {
namespace {

using namespace std::chrono_literals;
using core::Lane;

/// Time stands still, and the test knows how many threads wait for it to move.
class CountingClock final : public core::Clock {
 public:
  core::WallTime wall_now() const override { return clock_.wall_now(); }
  core::SteadyTime steady_now() const override { return clock_.steady_now(); }
  bool sleep_until(core::SteadyTime when, std::stop_token stop) override {
    ++asleep_;
    const bool woke = clock_.sleep_until(when, std::move(stop));
    --asleep_;
    return woke;
  }
  void advance(std::chrono::nanoseconds span) { clock_.advance(span); }
  int asleep() const { return asleep_; }

 private:
  test::ManualClock clock_;
  std::atomic<int> asleep_{0};
};

TEST(BudgetConcurrency, Invariant3_ManyThreadsTogetherStayBelowTheRate) {
  constexpr int kRate = 50;
  constexpr int kThreads = 8;
  constexpr int kEach = 40;
  FastClock clock(20);
  const auto ledger = BudgetLedger::in_memory();
  Budget budget(kRate, *ledger, clock);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, lane = static_cast<Lane>(i % core::kLaneCount)] {
        for (int n = 0; n < kEach; ++n) budget.answered(budget.spend(lane, {}).value());
      });
    }
  }
  ASSERT_EQ(ledger->count_since(core::SteadyTime::min()), std::size_t{kThreads * kEach});
  for (std::size_t back = 0; back + kRate < kThreads * kEach; ++back) {
    EXPECT_GT(ledger->start_of(back) - ledger->start_of(back + kRate), 1s) << back;
  }
}

TEST(BudgetConcurrency, TheBetterLaneGoesFirst) {
  CountingClock clock;
  const auto ledger = BudgetLedger::in_memory();
  Budget budget(10, *ledger, clock);
  budget.refused(10s);  // so that all are there before the first turn
  std::mutex mutex;
  std::vector<Lane> order;
  std::vector<std::jthread> threads;
  const std::vector<Lane> lanes = {Lane::audit, Lane::backfill, Lane::backfill, Lane::live,
                                   Lane::retry, Lane::live,     Lane::backfill, Lane::audit};
  for (const Lane lane : lanes) {
    threads.emplace_back([&, lane] {
      EXPECT_TRUE(budget.spend(lane, {}));
      const std::lock_guard lock(mutex);
      order.push_back(lane);
    });
  }
  const auto started = [&] {
    const std::lock_guard lock(mutex);
    return order.size();
  };
  ASSERT_TRUE(eventually([&] { return clock.asleep() == static_cast<int>(lanes.size()); }));
  for (std::size_t turn = 1; turn <= lanes.size(); ++turn) {
    // Time moves only when everybody has looked: whoever goes then goes by its lane alone.
    ASSERT_TRUE(eventually([&] {
      if (started() == turn) return true;
      if (clock.asleep() == static_cast<int>(lanes.size() - started())) clock.advance(20ms);
      return false;
    }));
  }
  threads.clear();
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end())) << testing::PrintToString(order);
}

TEST(BudgetConcurrency, AHeldTurnKeepsEverybodyElseWaiting) {
  constexpr int kThreads = 4;
  CountingClock clock;
  const auto ledger = BudgetLedger::in_memory();
  Budget budget(10, *ledger, clock);
  auto turn = budget.wait_turn(Lane::audit, {});
  ASSERT_TRUE(turn);
  std::atomic<int> started = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      EXPECT_TRUE(budget.spend(Lane::live, {}));
      ++started;
    });
  }
  for (int look = 0; look < 100; ++look) {
    EXPECT_TRUE(eventually([&] { return clock.asleep() == kThreads || started > 0; }));
    clock.advance(100ms);
  }
  EXPECT_EQ(started, 0);
  std::move(*turn).start();
  EXPECT_TRUE(eventually([&] {
    clock.advance(10ms);
    return started == kThreads;
  }));
}

TEST(BudgetConcurrency, AStopWakesEverybodyWhoWaits) {
  CountingClock clock;
  const auto ledger = BudgetLedger::in_memory();
  Budget budget(10, *ledger, clock);
  budget.refused(24h);
  std::stop_source stop;
  std::atomic<int> stopped = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        if (!budget.spend(Lane::live, stop.get_token())) ++stopped;
      });
    }
    EXPECT_TRUE(eventually([&] { return clock.asleep() == 6; }));
    stop.request_stop();
  }
  EXPECT_EQ(stopped, 6);
  EXPECT_EQ(ledger->count_since(core::SteadyTime::min()), 0U);
}

}  // namespace
}  // namespace assembly_sync::delivery
