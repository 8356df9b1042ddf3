// What the mapping's policies do to an account in Assembly: nulls, properties that go, two sources
// that feed one account.
#include <gmock/gmock.h>

#include "daemon/sandbox/switches.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::IsEmpty;

constexpr const char* kBilling = R"yaml(  billing:
    type: csv
    path: billing.csv
    objects: {customers: {id: customer_id}}
)yaml";

/// A second source that makes accounts of its own, with every policy.
constexpr const char* kSubscribers = R"yaml(
  - name: subscribers
    from: billing.customers
    to: company
    key: concat("billing-", customer_id)
    properties_mode: mirror
    fields:
      name: name
      domain: domain
      notes: {expr: "if(not_empty(notes), notes)", on_null: clear}
      id_in_tool: {expr: "if(not_empty(tool), tool)", on_null: keep}
    additional_properties:
      Plan: if(not_empty(plan), plan)
      Seats: if(not_empty(seats), seats)
)yaml";

/// A second source that only adds to what HubSpot makes.
constexpr const char* kInvoices = R"yaml(
  - name: invoices
    from: billing.customers
    to: company
    match: {domain: domain}
    fields:
      contract_value: amount | to_number
      tags: label | split(";")
)yaml";

Value only_account(World& world) {
  const auto accounts = world.assembly().accounts();
  EXPECT_EQ(accounts.size(), 1U);
  return accounts.empty() ? Value() : accounts.front();
}

TEST(Policies, WhatTheRecordNoLongerHasIsClearedRemovedOrKept) {
  sandbox::SandboxOptions clears;
  clears.switches.null_means = sandbox::NullMeans::clears;
  World world({.assembly = clears, .labels = false, .sources = kBilling, .mappings = kSubscribers});
  write_file(world.file("billing.csv"),
             "customer_id,name,domain,notes,tool,plan,seats\n"
             "1,Ash,ash.test,hello,T1,Gold,5\n");
  ASSERT_EQ(world.run({"backfill", "billing"}).code, 0);
  Value account = only_account(world);
  EXPECT_EQ(account.text_or("notes"), "hello");
  EXPECT_EQ(account.at("additional_properties"),
            Value(Value::Object{{"Plan", "Gold"}, {"Seats", "5"}}));

  write_file(world.file("billing.csv"),
             "customer_id,name,domain,notes,tool,plan,seats\n"
             "1,Ash,ash.test,,,Silver,\n");
  ASSERT_EQ(world.run({"backfill", "billing"}).code, 0);
  account = only_account(world);
  EXPECT_THAT(account.text_or("notes"), IsEmpty());
  EXPECT_EQ(account.text_or("id_in_tool"), "T1");
  EXPECT_EQ(account.at("additional_properties"), Value(Value::Object{{"Plan", "Silver"}}));

  const std::size_t writes = world.writes().size();
  ASSERT_EQ(world.run({"backfill", "billing"}).code, 0);
  EXPECT_EQ(world.writes().size(), writes);
}

TEST(Policies, TwoSourcesFeedOneAccountAndEachOwnsItsPart) {
  World world({.sources = kBilling, .mappings = kInvoices});
  write_file(world.file("billing.csv"),
             "customer_id,domain,amount,label\n"
             "9,ash.test,1200,Paying\n");
  // Billing comes first and waits for the account.
  EXPECT_EQ(world.run({"backfill", "billing"}).code, 0);
  EXPECT_THAT(world.assembly().accounts(), IsEmpty());
  const std::string ash = world.crm().create("companies", {{"name", "ash"},
                                                           {"domain", "ash.test"},
                                                           {"lifecyclestage", "customer"},
                                                           {"segments", "Retail"}});
  ASSERT_EQ(world.run({"backfill", "hubspot"}).code, 0);
  Value account = only_account(world);
  EXPECT_EQ(account.at("contract_value"), Value(1200));
  EXPECT_EQ(account.at("tags").as_list().size(), 2U);

  world.crm().update("companies", ash, {{"name", "Ash Ltd"}, {"segments", ""}});
  ASSERT_EQ(world.run({"backfill", "hubspot"}).code, 0);
  account = only_account(world);
  EXPECT_EQ(account.text_or("name"), "Ash Ltd");
  EXPECT_EQ(account.at("contract_value"), Value(1200));
  EXPECT_EQ(account.at("tags").as_list().size(), 1U);
}

}  // namespace
}  // namespace assembly_sync::test
