// One webhook batch from HubSpot to Assembly: few calls on either side, every event accounted for.
#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using testing::IsEmpty;

constexpr std::size_t kCompanyCount = 15;
constexpr std::size_t kContactCount = 25;

/// 100 events: two properties of each record, a third of every second one.
void change_everything(sandbox::SampleCrm& crm) {
  std::size_t number = 0;
  for (const core::Value& record : crm.records("companies")) {
    core::Value::Object change = {{"annualrevenue", std::to_string(70'000 + number)},
                                  {"industry", "INDUSTRY_" + std::to_string(number)}};
    if (number % 2 == 0) change["country"] = "Country " + std::to_string(number);
    crm.update("companies", record.text_or("id"), change);
    ++number;
  }
  for (const core::Value& record : crm.records("contacts")) {
    core::Value::Object change = {{"jobtitle", "Level " + std::to_string(number)},
                                  {"lastname", "Person " + std::to_string(number)}};
    if (number % 2 == 0) change["firstname"] = "First " + std::to_string(number);
    crm.update("contacts", record.text_or("id"), change);
    ++number;
  }
}

std::uint64_t reads_of(const sandbox::SampleCrm& crm, const std::string& path_part) {
  std::uint64_t reads = 0;
  for (const auto& [call, count] : crm.calls()) {
    if (call.find(path_part) != std::string::npos) reads += count;
  }
  return reads;
}

TEST(WebhookBatch, HundredEventsAboutFortyRecordsCostFortyCallsAndTwoReadsAnObject) {
  World world({.labels = false});
  world.crm().populate(kCompanyCount, kContactCount);
  world.start();
  // Labels, accounts and contacts: Assembly's lists are read once, at the first start.
  constexpr std::uint64_t kLists = 3;
  ASSERT_TRUE(wait_until([&] { return world.assembly().stats().requests == kLists; }));
  change_everything(world.crm());
  const auto events = world.crm().take_events();
  ASSERT_EQ(events.size(), 100U);

  ASSERT_EQ(world.deliver(events), 200);
  ASSERT_TRUE(world.wait_settled()) << world.admin("/");

  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_LE(world.assembly().stats().requests - kLists, 40U);
  EXPECT_EQ(world.assembly().stats().refused, 0U);
  EXPECT_LE(reads_of(world.crm(), "/objects/companies"), 2U);
  EXPECT_LE(reads_of(world.crm(), "/contacts"), 2U);

  const core::Value notices = world.status().at("notices");
  std::int64_t sum = 0;
  for (const auto& [state, count] : notices.as_object()) sum += count.as_int();
  EXPECT_EQ(sum, 100);
  EXPECT_EQ(notices.at("open"), core::Value(0));
  EXPECT_EQ(notices.at("delivered"), core::Value(40));
  EXPECT_EQ(notices.at("superseded"), core::Value(60));
}

TEST(WebhookBatch, TheSameBatchAgainIsAnsweredAndChangesNothing) {
  World world({.labels = false});
  world.crm().populate(3, 3);
  world.start();
  change_everything(world.crm());
  const auto events = world.crm().take_events();
  ASSERT_EQ(world.deliver(events), 200);
  ASSERT_TRUE(world.wait_settled());
  const auto writes = world.assembly().stats().writes;

  ASSERT_EQ(world.deliver(events), 200);
  ASSERT_TRUE(wait_until([&] { return world.settled() && world.notices("unchanged") > 0; }));

  EXPECT_EQ(world.assembly().stats().writes, writes);
  EXPECT_THAT(world.wrong(), IsEmpty());
}

TEST(WebhookBatch, ABurstAboutOneRecordEndsWithItsLastState) {
  World world;
  world.crm().populate(1, 0);
  world.start();
  const std::string id = world.crm().records("companies").front().text_or("id");
  for (int i = 0; i < 50; ++i) {
    world.crm().update("companies", id, {{"annualrevenue", std::to_string(1000 + i)}});
    ASSERT_EQ(world.deliver_events(), 200);
  }
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
}

}  // namespace
}  // namespace assembly_sync::test
