// The clock of the machine is set back an hour, and right again.
#include <iostream>

#include <gmock/gmock.h>

#include "tests/e2e/drills/drill.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using testing::HasSubstr;
using testing::IsEmpty;

class ClockDrill : public testing::Test {
 protected:
  ClockDrill()
      : world_({.labels = false,
                .rate_per_second = 200,
                .variables = {{"LD_PRELOAD", DRILL_CLOCK},
                              {"DRILL_CLOCK_FILE", offset_.string()},
                              {"ASAN_OPTIONS", "verify_asan_link_order=0"}}}) {
    set_clock(0);
    world_.crm().populate(10, 20);
  }
  void set_clock(int seconds) { write_file(offset_, std::to_string(seconds) + "\n"); }

  TempDir folder_;
  const std::filesystem::path offset_ = folder_ / "offset";
  World world_;
};

TEST_F(ClockDrill, WhatWaitsForATimeDoesNotWaitAnHourLonger) {
  world_.start();
  // Assembly is down: everything waits for its next attempt.
  world_.assembly().add_fault({.kind = sandbox::Fault::Kind::status, .status = 503, .count = 30});
  ASSERT_EQ(post(world_, touch_all(world_, "MEDIA")).status, 200);
  ASSERT_TRUE(wait_until(
      [&] { return world_.status().at("outbox").at("lanes").at("retry").as_int() >= 5; }));
  set_clock(-3600);
  ASSERT_TRUE(world_.wait_settled(180s)) << world_.admin("/");
  show_log(world_, "event=clock_set_back");
  EXPECT_THAT(world_.daemon().log(), HasSubstr("event=clock_set_back"));
  EXPECT_THAT(world_.wrong(), IsEmpty());
  EXPECT_EQ(world_.status().at("dead"), Value(0));
}

TEST_F(ClockDrill, ASignatureOfAnotherTimeIsNotBelievedAndTheSenderComesAgain) {
  world_.start();
  ASSERT_EQ(post(world_, touch_all(world_, "BEFORE")).status, 200);
  ASSERT_TRUE(world_.wait_settled());
  set_clock(-3600);
  const std::vector<Value> events = touch_all(world_, "DURING");
  const Answered refused = post(world_, events);
  std::cout << "--- the clock is an hour behind: webhooks are answered " << refused.status << '\n';
  show(world_, "and the operator sees");
  show_log(world_, "event=webhook_quarantined");
  EXPECT_NE(refused.status, 200);
  EXPECT_GT(world_.status().at("quarantine").as_int(), 0);
  set_clock(0);
  ASSERT_TRUE(wait_until([&] { return post(world_, events).status == 200; }));
  ASSERT_TRUE(world_.wait_settled());
  EXPECT_THAT(world_.wrong(), IsEmpty());
}

TEST_F(ClockDrill, AStartWithAnEarlierClockGoesOn) {
  world_.start();
  world_.assembly().add_fault({.kind = sandbox::Fault::Kind::status, .status = 503, .count = 30});
  ASSERT_EQ(post(world_, touch_all(world_, "MEDIA")).status, 200);
  ASSERT_TRUE(wait_until(
      [&] { return world_.status().at("outbox").at("lanes").at("retry").as_int() >= 5; }));
  ASSERT_EQ(world_.daemon().stop(), 0);
  set_clock(-3600);
  world_.start();
  ASSERT_TRUE(world_.wait_settled(180s)) << world_.admin("/");
  EXPECT_THAT(world_.wrong(), IsEmpty());
}

}  // namespace
}  // namespace assembly_sync::test
