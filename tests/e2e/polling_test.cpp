// The program asks on its own: what no webhook told, what happened while it was away, what is gone.
#include <algorithm>

#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Polling, WhatNoWebhookToldIsFoundAndAfterADowntimeAtOnce) {
  World world({.labels = false, .poll_seconds = 1});
  world.crm().populate(10, 10);
  world.start();
  ASSERT_EQ(world.run({"backfill"}).code, 0);
  ASSERT_THAT(world.wrong(), IsEmpty());
  world.crm().update("companies", "3", {{"name", "Told by nobody"}});
  world.crm().create("companies", {{"name", "New"}, {"domain", "new-one.test"}});
  EXPECT_TRUE(wait_until([&] { return world.wrong().empty(); }));

  world.daemon().kill();
  for (const char* id : {"1", "2", "4"}) {
    world.crm().update("companies", id, {{"name", std::string("While it was away ") + id}});
  }
  world.crm().take_events();  // the webhooks of that time are lost
  world.start();
  EXPECT_TRUE(wait_until([&] { return world.wrong().empty(); }));
  EXPECT_TRUE(wait_until([&] {
    return !world.status().at("sources").at("hubspot").at("catch_up").at("done").is_null();
  }));
  const Value caught = world.status().at("sources").at("hubspot").at("catch_up");
  EXPECT_EQ(caught.at("polled"), Value(3));
  EXPECT_EQ(caught.at("late_webhooks"), Value(0));
  EXPECT_LT(caught.text_or("down_from"), caught.text_or("down_to"));
  EXPECT_THAT(world.run({"status"}).out, HasSubstr("3 changes found by asking"));
  EXPECT_THAT(world.daemon().log(), HasSubstr("event=caught_up"));
  EXPECT_EQ(world.assembly().stats().refused, 0U);
}

constexpr const char* kFileConfig = R"yaml(version: 1
assembly: {base_url: "${env:ASSEMBLY_URL}", api_key: "${env:ASSEMBLY_API_KEY}"}
store: {path: store.db}
listen: {webhooks: "127.0.0.1:0", admin: "127.0.0.1:0"}
sources:
  billing: {type: csv, path: billing.csv, poll_seconds: 1, objects: {customers: {id: customer_id}}}
mappings:
  - name: billing
    from: billing.customers
    to: company
    key: concat("billing-", customer_id)
    fields: {name: company, domain: domain}
    on_delete: delete
)yaml";

/// Rows first to last - 1.
std::string rows(int first, int last, const std::string& word) {
  std::string text = "customer_id,company,domain\n";
  for (int i = first; i < last; ++i) {
    const std::string n = std::to_string(i);
    text += n + ',' + word + ' ' + n + ",c" + n + ".test\n";
  }
  return text;
}

std::size_t named(const World& world, const std::string& word) {
  const auto accounts = const_cast<World&>(world).assembly().accounts();
  return static_cast<std::size_t>(std::count_if(
      accounts.begin(), accounts.end(),
      [&](const Value& account) { return account.text_or("name").starts_with(word); }));
}

TEST(Polling, AFileIsReadWheneverItChangedAndAskedAboutWhenMuchIsGone) {
  World world;
  write_file(world.config(), kFileConfig);
  write_file(world.file("billing.csv"), rows(0, 20, "First"));
  world.start();
  ASSERT_TRUE(wait_until([&] { return named(world, "First") == 20; }));
  write_file(world.file("billing.csv"), rows(1, 21, "Second"));
  EXPECT_TRUE(wait_until([&] {
    return named(world, "Second") == 20 && world.assembly().accounts().size() == 20;
  })) << "one row is new, one is gone, the others changed";

  write_file(world.file("billing.csv"), rows(1, 5, "Second"));
  const auto shrunk = [&] { return world.status().at("sources").at("billing").at("doubted"); };
  ASSERT_TRUE(wait_until([&] { return shrunk().is_list(); }));
  EXPECT_EQ(shrunk().as_list().front().at("there"), Value(20));
  EXPECT_EQ(shrunk().as_list().front().at("absent"), Value(16));
  EXPECT_THAT(world.admin("/metrics"),
              testing::HasSubstr("assembly_sync_source_doubted{source=\"billing\"} 1"));
  const Finished dry = world.run({"backfill", "billing", "--accept-shrink", "--dry-run", "--json"});
  EXPECT_EQ(json(dry.out).at("absent").as_object().begin()->second, Value(16)) << dry.out;
  EXPECT_THAT(world.run({"status"}).out,
              HasSubstr("assembly-sync backfill billing.customers --accept-shrink"));
  const Finished unsaid = world.run({"backfill", "billing.customers"});
  EXPECT_EQ(unsaid.code, 1);
  EXPECT_THAT(unsaid.out, HasSubstr("16 of 20 records did not show"));
  EXPECT_EQ(world.assembly().accounts().size(), 20U);

  const Finished said = world.run({"backfill", "billing.customers", "--accept-shrink"});
  EXPECT_EQ(said.code, 0) << said.out << said.err;
  EXPECT_TRUE(wait_until([&] { return world.assembly().accounts().size() == 4; }));
  EXPECT_FALSE(shrunk().is_list());
}

TEST(Polling, ABackfillOnItsOwnReadsOnlyWhatItWasToldTo) {
  World world;
  std::string config = kFileConfig;
  config.replace(config.find("mappings:"), 0,
                 "  other: {type: csv, path: other.csv, poll_seconds: 1, objects: {rows: {id: "
                 "customer_id}}}\n");
  config += R"yaml(  - name: other
    from: other.rows
    to: company
    key: concat("other-", customer_id)
    fields: {name: company, domain: domain}
)yaml";
  write_file(world.config(), config);
  write_file(world.file("billing.csv"), rows(0, 40, "Told"));
  write_file(world.file("other.csv"), rows(40, 50, "Not told"));
  EXPECT_EQ(world.run({"backfill", "billing"}).code, 0);
  EXPECT_EQ(named(world, "Told"), 40U);
  EXPECT_EQ(named(world, "Not told"), 0U);
}

}  // namespace
}  // namespace assembly_sync::test
