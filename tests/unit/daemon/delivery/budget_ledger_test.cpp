#include "daemon/delivery/budget_ledger.hpp"

#include <gtest/gtest.h>

#include "tests/support/support.hpp"

namespace assembly_sync::delivery {
namespace {

using namespace std::chrono_literals;

constexpr core::SteadyTime kNow{1h};

class BudgetLedgerFile : public testing::Test {
 protected:
  std::unique_ptr<BudgetLedger> open(core::SteadyTime now) {
    return BudgetLedger::open((folder_ / "ledger").string(), now);
  }

 private:
  test::TempDir folder_;
};

TEST_F(BudgetLedgerFile, OutlivesItsProcess) {
  open(kNow)->add(kNow);
  EXPECT_EQ(open(kNow + 1ms)->start_of(0), kNow);
  EXPECT_EQ(open(kNow + 1ms)->count_since(kNow - 1s), 1U);
}

TEST_F(BudgetLedgerFile, AReaderWhoseClockWasReadBeforeTheLastStartLeavesItWhole) {
  const auto writer = open(kNow);
  writer->add(kNow + 5ms);
  const auto reader = open(kNow);
  EXPECT_EQ(reader->start_of(0), kNow + 5ms);
  EXPECT_EQ(writer->start_of(0), kNow + 5ms);
}

TEST_F(BudgetLedgerFile, StartsOfAnotherBootAreForgotten) {
  open(kNow)->add(kNow);
  EXPECT_EQ(open(core::SteadyTime{1min})->start_of(0), core::SteadyTime::min());
}

}  // namespace
}  // namespace assembly_sync::delivery
