#include "daemon/delivery/pacer.hpp"

#include <algorithm>
#include <deque>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/support.hpp"

namespace assembly_sync::delivery {
namespace {

using namespace std::chrono_literals;
using core::SteadyTime;
using std::chrono::nanoseconds;

/// How many of the arrivals each kind of limiter would refuse.
struct Refusals {
  int sliding = 0;
  int fixed = 0;
  int bucket5 = 0;
};

Refusals judge(std::vector<SteadyTime> arrivals, nanoseconds phase) {
  std::sort(arrivals.begin(), arrivals.end());
  Refusals refused;
  std::deque<SteadyTime> window;
  std::int64_t second = -1;
  int in_second = 0;
  double tokens = 5;
  SteadyTime last = arrivals.front();
  for (const SteadyTime t : arrivals) {
    while (!window.empty() && t - window.front() >= 1s) window.pop_front();
    if (window.size() >= 30) {
      ++refused.sliding;
    } else {
      window.push_back(t);
    }
    const auto this_second = (t.time_since_epoch() + phase).count() / 1'000'000'000;
    if (this_second != second) in_second = 0;
    second = this_second;
    if (++in_second > 30) ++refused.fixed;
    tokens = std::min(5.0, tokens + 30 * std::chrono::duration<double>(t - last).count());
    last = t;
    if (tokens < 1) {
      ++refused.bucket5;
    } else {
      tokens -= 1;
    }
  }
  return refused;
}

struct Simulation {
  std::vector<SteadyTime> starts;
  std::vector<SteadyTime> arrivals;
};

/// Calls as fast as the pacer lets them, over a way with jitter, answered after 150 ms. `late` is
/// how much later than asked the sender wakes up at most; every hundredth call or so gets stuck on
/// the way for `hiccup`.
Simulation simulate(int calls, nanoseconds jitter, nanoseconds late, unsigned seed,
                    double rate = 30, nanoseconds hiccup = 0ns) {
  std::mt19937 random(seed);
  const auto within = [&](nanoseconds range) {
    return range == 0ns ? 0ns
                        : nanoseconds(static_cast<std::int64_t>(
                              random() % static_cast<unsigned long>(range.count())));
  };
  const auto ledger = BudgetLedger::in_memory();
  Pacer pacer(rate, *ledger);
  Simulation result;
  struct Answer {
    SteadyTime at;
    std::uint64_t call;
  };
  std::deque<Answer> answers;
  SteadyTime now{10s};
  for (int i = 0; i < calls; ++i) {
    SteadyTime when = pacer.next_start(now);
    while (true) {
      const auto due =
          std::min_element(answers.begin(), answers.end(),
                           [](const Answer& a, const Answer& b) { return a.at < b.at; });
      if (due == answers.end() || due->at > when) break;
      pacer.answered(due->call, due->at);
      answers.erase(due);
      when = std::max(when, pacer.next_start(now));
    }
    now = when + within(late);
    const std::uint64_t call = pacer.started(now);
    const bool stuck = hiccup > 0ns && random() % 100 == 0;
    const SteadyTime arrival = now + 60ms + within(2 * jitter) + (stuck ? hiccup : 0ns);
    result.starts.push_back(now);
    result.arrivals.push_back(arrival);
    answers.push_back({arrival + 150ms + within(2 * jitter), call});
  }
  return result;
}

// I3, judged by our own starts: any one-second window, any lateness of the sender.
TEST(Pacer, Invariant3_NoWindowOfOneSecondSeesMoreThanTheRate) {
  for (const auto late : {0ns, nanoseconds(2ms), nanoseconds(30ms), nanoseconds(200ms)}) {
    const auto starts = simulate(3000, 0ns, late, 3).starts;
    for (std::size_t i = 30; i < starts.size(); ++i) {
      ASSERT_GT(starts[i] - starts[i - 30], 1s)
          << "late up to " << late.count() << " ns, call " << i;
    }
  }
}

TEST(Pacer, UsesNinetyNinePercentOfTheRateOnASteadyWay) {
  const auto starts = simulate(18'000, 0ns, 2ms, 1).starts;
  const double seconds = std::chrono::duration<double>(starts.back() - starts.front()).count();
  EXPECT_GE(static_cast<double>(starts.size() - 1) / seconds, 30 * 0.989);
}

TEST(Pacer, MakesUpForLateWakeUpsWithoutARefusal) {
  const auto run = simulate(6000, 0ns, 20ms, 9);
  const double seconds =
      std::chrono::duration<double>(run.starts.back() - run.starts.front()).count();
  EXPECT_GE(static_cast<double>(run.starts.size() - 1) / seconds, 30 * 0.97);
  const Refusals refused = judge(run.arrivals, 0ns);
  EXPECT_EQ(refused.sliding, 0);
  EXPECT_EQ(refused.fixed, 0);
  EXPECT_EQ(refused.bucket5, 0);
}

TEST(Pacer, IsRefusedByNoKindOfLimiterOnASteadyWay) {
  const auto run = simulate(6000, 1ms, 2ms, 5);
  for (const auto phase : {0ns, nanoseconds(250ms), nanoseconds(777ms)}) {
    const Refusals refused = judge(run.arrivals, phase);
    EXPECT_EQ(refused.fixed, 0);
    EXPECT_EQ(refused.bucket5, 0);
    EXPECT_EQ(refused.sliding, 0);
  }
}

TEST(Pacer, LearnsTheJitterOfTheWayAndStaysUnderASlidingWindow) {
  for (const auto jitter : {5ms, 25ms, 50ms}) {
    const auto run = simulate(6000, jitter, 1ms, 7);
    EXPECT_EQ(judge(run.arrivals, 0ns).sliding, 0) << jitter.count() << " ms";
    const double seconds =
        std::chrono::duration<double>(run.starts.back() - run.starts.front()).count();
    const double bound = 30 / (1 + 2 * std::chrono::duration<double>(jitter).count());
    EXPECT_GE(static_cast<double>(run.starts.size() - 1) / seconds, 0.95 * bound) << jitter.count();
  }
}

TEST(Pacer, ACallThatGetsStuckOnTheWayBunchesNothingUp) {
  for (const auto hiccup : {20ms, 60ms, 110ms}) {
    const auto run = simulate(6000, 1ms, 2ms, 11, 30, hiccup);
    EXPECT_EQ(judge(run.arrivals, 0ns).sliding, 0) << hiccup.count() << " ms";
    const double seconds =
        std::chrono::duration<double>(run.starts.back() - run.starts.front()).count();
    EXPECT_GE(static_cast<double>(run.starts.size() - 1) / seconds, 30 * 0.93) << hiccup.count();
  }
}

TEST(Pacer, ARefusalStopsEverythingForAsLongAsAssemblyAsks) {
  const auto ledger = BudgetLedger::in_memory();
  Pacer pacer(30, *ledger);
  const SteadyTime now{100s};
  pacer.started(now);
  pacer.refused(now, now + 5s);
  EXPECT_EQ(pacer.next_start(now + 1s), now + 5s);
}

TEST(Pacer, AfterARefusalACallWaitsUntilTheOneAWindowBeforeWasSeenASecondAgo) {
  const auto ledger = BudgetLedger::in_memory();
  Pacer pacer(2, *ledger);
  SteadyTime now{100s};
  const auto first = pacer.started(now);
  now += 600ms;
  pacer.started(now);
  pacer.answered(first, now + 900ms);  // answered late: it may have been seen late
  now += 900ms;
  pacer.refused(now, now);
  EXPECT_GE(pacer.next_start(now), now + 1s);
}

TEST(Pacer, AnIdlePipelineSendsAtOnce) {
  const auto ledger = BudgetLedger::in_memory();
  Pacer pacer(30, *ledger);
  EXPECT_EQ(pacer.next_start(SteadyTime{5s}), SteadyTime{5s});
  pacer.started(SteadyTime{5s});
  EXPECT_EQ(pacer.next_start(SteadyTime{20s}), SteadyTime{20s});
}

TEST(Pacer, ARateBelowOnePerSecondKeepsItsOwnWindow) {
  const auto starts = simulate(20, 0ns, 0ns, 1, 0.5).starts;
  for (std::size_t i = 1; i < starts.size(); ++i) EXPECT_GE(starts[i] - starts[i - 1], 2s);
}

// I3 across processes: the ledger outlives the one that wrote it.
TEST(BudgetLedger, Invariant3_ARestartInheritsTheStartsOfTheLastSecond) {
  const test::TempDir folder;
  const std::string path = (folder / "ledger").string();
  const SteadyTime now{50s};
  {
    const auto ledger = BudgetLedger::open(path, now);
    for (int i = 0; i < 30; ++i) ledger->add(now + i * 1ms);
  }
  const auto ledger = BudgetLedger::open(path, now + 40ms);
  EXPECT_EQ(ledger->count_since(now - 1ms), 30u);
  const Pacer pacer(30, *ledger);
  EXPECT_GT(pacer.next_start(now + 40ms), now + 1s);
}

TEST(BudgetLedger, StartsOfAnotherBootAreForgotten) {
  const test::TempDir folder;
  const std::string path = (folder / "ledger").string();
  BudgetLedger::open(path, SteadyTime{})->add(SteadyTime{1h});
  EXPECT_EQ(BudgetLedger::open(path, SteadyTime{1min})->count_since(SteadyTime::min()), 0u);
}

TEST(BudgetLedger, ADamagedFileStartsEmpty) {
  const test::TempDir folder;
  test::write_file(folder / "ledger", std::string(100'000, 'x'));
  const auto ledger = BudgetLedger::open((folder / "ledger").string(), SteadyTime{});
  EXPECT_EQ(ledger->count_since(SteadyTime::min()), 0u);
}

}  // namespace
}  // namespace assembly_sync::delivery
