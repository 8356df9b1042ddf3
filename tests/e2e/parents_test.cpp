// A contact and its company: fetched when unknown, sent first, waited for when there is none.
#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kCustomersOnly = "properties.lifecyclestage == \"customer\"";

std::string add_company(sandbox::SampleCrm& crm, const std::string& name,
                        const std::string& stage = "customer") {
  return crm.create("companies",
                    {{"name", name}, {"domain", name + ".test"}, {"lifecyclestage", stage}});
}

std::string add_contact(sandbox::SampleCrm& crm, const std::string& name,
                        const std::string& company) {
  return crm.create("contacts", {{"firstname", name},
                                 {"lastname", "Doe"},
                                 {"email", name + "@people.test"},
                                 {"associatedcompanyid", company}});
}

/// What the CRM says of contacts only.
std::vector<Value> contact_events(sandbox::SampleCrm& crm) {
  std::vector<Value> events = crm.take_events();
  std::erase_if(events, [](const Value& event) {
    return !event.text_or("subscriptionType").starts_with("contact.");
  });
  return events;
}

TEST(Parents, AnUnknownCompanyIsFetchedAndSentBeforeItsContact) {
  World world({.labels = false});
  world.start();
  const std::string company = add_company(world.crm(), "ash");
  const std::string contact = add_contact(world.crm(), "ada", company);
  ASSERT_EQ(world.deliver(contact_events(world.crm())), 200);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
  const auto writes = world.writes();
  ASSERT_EQ(writes.size(), 2U);
  EXPECT_EQ(position_of(writes, company_key(company)), 0);
  EXPECT_EQ(position_of(writes, contact_key(contact)), 1);
}

TEST(Parents, AContactWaitsForACompanyThatAssemblyDelays) {
  World world({.labels = false});
  world.start();
  const std::string company = add_company(world.crm(), "ash");
  const std::string contact = add_contact(world.crm(), "ada", company);
  world.assembly().add_fault({.kind = sandbox::Fault::Kind::status,
                              .status = 500,
                              .path_contains = "company",
                              .count = 2});
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_LT(position_of(world.writes(), company_key(company)),
            position_of(world.writes(), contact_key(contact)));
}

TEST(Parents, AContactOfAFilteredCompanyIsOrphanedUntilTheCompanyPasses) {
  World world({.labels = false, .when = kCustomersOnly});
  world.start();
  const std::string company = add_company(world.crm(), "birch", "lead");
  const std::string contact = add_contact(world.crm(), "bob", company);
  ASSERT_EQ(world.deliver(contact_events(world.crm())), 200);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_GE(world.notices("orphaned"), 1);
  EXPECT_GE(world.notices("filtered"), 1);
  EXPECT_THAT(world.writes(), IsEmpty());

  world.crm().update("companies", company, {{"lifecyclestage", "customer"}});
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_EQ(position_of(world.writes(), company_key(company)), 0);
  EXPECT_EQ(position_of(world.writes(), contact_key(contact)), 1);
}

TEST(Parents, AContactOfADeletedCompanyIsOrphanedUntilItGetsAnother) {
  World world({.labels = false});
  world.start();
  const std::string gone = add_company(world.crm(), "cedar");
  const std::string contact = add_contact(world.crm(), "cleo", gone);
  const auto events = contact_events(world.crm());
  world.crm().archive("companies", gone);
  ASSERT_EQ(world.deliver(events), 200);
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_GE(world.notices("orphaned"), 1);
  EXPECT_THAT(world.writes(), IsEmpty());

  const std::string other = add_company(world.crm(), "douglas");
  world.crm().set_primary_company(contact, other);
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_LT(position_of(world.writes(), company_key(other)),
            position_of(world.writes(), contact_key(contact)));
}

TEST(Parents, AContactThatChangesItsCompanyIsMoved) {
  World world({.labels = false});
  world.start();
  const std::string before = add_company(world.crm(), "elm");
  const std::string contact = add_contact(world.crm(), "eve", before);
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  ASSERT_THAT(world.wrong(), IsEmpty());

  const std::string after = add_company(world.crm(), "fir");
  world.crm().set_primary_company(contact, after);
  ASSERT_EQ(world.deliver(contact_events(world.crm())), 200);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
}

TEST(Parents, AContactWhoseCompanyAssemblyRefusesIsOrphanedUntilTheCompanyIsTaken) {
  World world({.labels = false});
  world.start();
  const std::string company = add_company(world.crm(), "gum");
  const std::string contact = add_contact(world.crm(), "gus", company);
  world.assembly().add_fault(
      {.kind = sandbox::Fault::Kind::status, .status = 422, .path_contains = "company"});
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.writes(), IsEmpty());
  EXPECT_GE(world.status().at("dead").as_int(), 1);

  world.crm().update("companies", company, {{"annualrevenue", "10"}});
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_LT(position_of(world.writes(), company_key(company)),
            position_of(world.writes(), contact_key(contact)));
}

}  // namespace
}  // namespace assembly_sync::test
