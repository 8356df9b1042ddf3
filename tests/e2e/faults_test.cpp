// Assembly and the way to it misbehave; in the end everything is there, once, and nothing was given
// up.
#include <algorithm>

#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using sandbox::Fault;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Changes every record, so that the webhooks tell of all of them.
void touch_all(sandbox::SampleCrm& crm, const std::string& mark) {
  for (const Value& record : crm.records("companies")) {
    crm.update("companies", record.text_or("id"), {{"industry", mark}});
  }
  for (const Value& record : crm.records("contacts")) {
    crm.update("contacts", record.text_or("id"), {{"jobtitle", mark}});
  }
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

TEST(Faults, ThrottledCallsAreNoAttemptsAndEverythingArrives) {
  World world({.assembly = {.rate_per_second = 10}, .labels = false, .rate_per_second = 30});
  world.crm().populate(20, 30);
  world.start();
  touch_all(world.crm(), "MEDIA");
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled(120s)) << world.admin("/");
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_GT(world.assembly().stats().refused, 0U);
  EXPECT_EQ(world.status().at("dead"), Value(0));
  EXPECT_EQ(world.status().at("budget").at("refused").as_int(),
            static_cast<std::int64_t>(world.assembly().stats().refused));
  EXPECT_THAT(world.daemon().log(), HasSubstr("event=throttled"));
  EXPECT_THAT(world.daemon().log(), Not(HasSubstr("event=delivery_postponed")));
}

struct Case {
  const char* name;
  Fault fault;
  bool attempt = true;
};

std::ostream& operator<<(std::ostream& out, const Case& one) {
  return out << one.name;
}

class SingleFault : public testing::TestWithParam<Case> {};

TEST_P(SingleFault, OnACompanyAndAContactConvergesWithoutDuplicates) {
  World world({.labels = false, .timeout_seconds = 1});
  world.crm().populate(3, 3);
  world.start();
  for (const char* path : {"company", "contact"}) {
    Fault fault = GetParam().fault;
    fault.method = "PUT";
    fault.path_contains = path;
    world.assembly().add_fault(fault);
  }
  touch_all(world.crm(), "MEDIA");
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled()) << world.admin("/");
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_EQ(world.status().at("dead"), Value(0));
  EXPECT_EQ(count(world.daemon().log(), "event=delivery_postponed"), GetParam().attempt ? 2U : 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, SingleFault,
    testing::Values(
        Case{"Status500", {.kind = Fault::Kind::status, .status = 500}},
        Case{"Status503WithRetryAfter",
             {.kind = Fault::Kind::status, .status = 503, .retry_after = "2"}},
        Case{"DroppedBefore", {.kind = Fault::Kind::drop_before}},
        Case{"DroppedAfter", {.kind = Fault::Kind::drop_after}},
        Case{"Truncated", {.kind = Fault::Kind::truncated}},
        Case{"Malformed", {.kind = Fault::Kind::malformed}},
        Case{"AnsweredTooLate", {.kind = Fault::Kind::delay, .delay = 3s}},
        Case{"Status429", {.kind = Fault::Kind::status, .status = 429, .retry_after = "1"}, false}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(Faults, ARefusedRecordEndsAsDeadAndHoldsUpNobody) {
  World world({.labels = false});
  world.crm().populate(5, 0);
  world.start();
  touch_all(world.crm(), "MEDIA");
  const std::string victim = world.crm().records("companies")[2].text_or("id");
  world.assembly().add_fault(
      {.kind = Fault::Kind::status, .status = 422, .path_contains = company_key(victim)});
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  const auto journal = world.assembly().journal();
  EXPECT_EQ(std::count_if(journal.begin(), journal.end(),
                          [&](const sandbox::JournalEntry& entry) {
                            return entry.target.find(company_key(victim)) != std::string::npos;
                          }),
            1);  // refused once, never repeated
  EXPECT_EQ(world.status().at("dead"), Value(1));
  EXPECT_THAT(world.wrong(), testing::ElementsAre(company_key(victim) + " is missing"));
  EXPECT_THAT(world.daemon().log(), HasSubstr("event=delivery_rejected"));
}

TEST(Faults, ARevokedKeyStopsAllSendingAndLosesNothing) {
  World world({.labels = false});
  world.crm().populate(10, 20);
  world.start();
  world.assembly().set_key_revoked(true);
  touch_all(world.crm(), "MEDIA");
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(wait_until([&] { return world.status().at("authorized") == Value(false); }));
  // At 30 a second the pause before the second probe has room for hundreds of calls.
  ASSERT_TRUE(wait_until(
      [&] {
        return count(world.daemon().log(), "unauthorized") > 0 &&
               world.assembly().stats().requests >= 2;
      },
      30s));
  EXPECT_LE(world.assembly().stats().requests, 5U);
  EXPECT_EQ(world.assembly().stats().writes, 0U);
  EXPECT_THAT(world.run({"status"}).out, HasSubstr("needs you   Assembly refuses the API key"));
  EXPECT_EQ(world.status().at("dead"), Value(0));
  EXPECT_GT(world.status().at("outbox").at("pending").as_int(), 0);
  touch_all(world.crm(), "LOGISTICS");  // webhooks are taken all the while
  ASSERT_EQ(world.deliver_events(), 200);

  world.assembly().set_key_revoked(false);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_EQ(world.status().at("dead"), Value(0));
  EXPECT_EQ(world.status().at("authorized"), Value(true));
}

TEST(Faults, ACrmThatFailsIsReadAgain) {
  World world({.labels = false});
  world.crm().populate(3, 3);
  world.start();
  touch_all(world.crm(), "MEDIA");
  world.crm().add_fault("/companies/batch/read", 500, 1);
  world.crm().add_fault("/contacts/batch/read", 429, 1, {{"Retry-After", "1"}});
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(wait_until(
      [&] { return world.status().at("sources").at("hubspot").at("fresh") == Value(false); }));
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_EQ(world.status().at("dead"), Value(0));
  EXPECT_EQ(world.admin("/freshz"), "ok\n");
}

}  // namespace
}  // namespace assembly_sync::test
