// The verbs that only show: `map`, `status`, `test`, and what a slip of the pen is answered.
#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;

constexpr const char* kRecord = R"({"id": "7", "properties": {"name": "Acme", "domain": "acme.test",
  "annualrevenue": "1200", "tier": "gold", "segments": "retail;export", "industry": "Tin"}})";

TEST(Map, ShowsTheIntentOfARecordFromStandardInput) {
  World world;
  const Finished mapped =
      world.run({"map", "hubspot.companies", "--record", "-", "--json"}, kRecord);
  ASSERT_EQ(mapped.code, 0) << mapped.err;
  const Value intents = json(mapped.out).at("intents");
  ASSERT_EQ(intents.as_list().size(), 1U);
  const Value& intent = intents.as_list().front();
  EXPECT_EQ(intent.text_or("to"), "company");
  EXPECT_EQ(intent.text_or("key"), "hubspot-company-7");
  EXPECT_EQ(intent.at("fields").text_or("name"), "Acme");
  EXPECT_EQ(intent.at("fields").text_or("tier"), "Gold");
  EXPECT_EQ(intent.at("fields").at("contract_value").as_double(), 1200);
  EXPECT_EQ(intent.at("tags"), Value(Value::List{"retail", "export"})) << mapped.out;
  EXPECT_EQ(intent.at("additional_properties").text_or("Industry"), "Tin");
  EXPECT_EQ(world.assembly().stats().requests, 0U);
  EXPECT_FALSE(std::filesystem::exists(world.store()));
}

TEST(Map, ShowsTheIntentOfARecordOfTheCrm) {
  World world;
  world.crm().populate(1, 1);
  const Value contact = world.crm().records("contacts").front();
  const Finished mapped =
      world.run({"map", "hubspot.contacts", "--id", contact.text_or("id"), "--json"});
  ASSERT_EQ(mapped.code, 0) << mapped.err;
  const Value intent = json(mapped.out).at("intents").as_list().at(0);
  EXPECT_EQ(intent.text_or("to"), "contact");
  EXPECT_EQ(intent.text_or("key"), contact_key(contact.text_or("id")));
  EXPECT_EQ(intent.at("company"),
            Value(company_key(contact.at("properties").text_or("associatedcompanyid"))));
  EXPECT_EQ(world.assembly().stats().requests, 0U);
}

TEST(Map, SaysWhyThereIsNoIntent) {
  World world({.when = "properties.lifecyclestage == \"customer\""});
  const Finished filtered =
      world.run({"map", "hubspot.companies", "--record", "-", "--json"}, kRecord);
  EXPECT_EQ(filtered.code, 0) << filtered.err;
  EXPECT_THAT(json(filtered.out).text_or("reason"), HasSubstr("filtered"));
  const Finished refused = world.run({"map", "hubspot.companies", "--record", "-", "--json"},
                                     R"({"id": "7", "properties": {"lifecyclestage": "customer",
      "name": "Acme", "domain": "acme.test", "annualrevenue": "a lot"}})");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(json(refused.out).text_or("reason"), HasSubstr("contract_value"));
}

TEST(Map, WithTraceShowsEachStep) {
  World world;
  const Finished traced =
      world.run({"map", "hubspot.companies", "--record", "-", "--trace"}, kRecord);
  EXPECT_EQ(traced.code, 0) << traced.err;
  EXPECT_THAT(traced.out, HasSubstr("lookup"));
  EXPECT_THAT(traced.out, HasSubstr("=>"));
}

TEST(Map, RefusesWhatIsNoRecordAndNoObject) {
  World world;
  EXPECT_EQ(world.run({"map", "hubspot.companies", "--record", "-"}, "{\"id\":").code, 64);
  EXPECT_EQ(world.run({"map", "hubspot.companies"}).code, 64);
  const Finished misspelt = world.run({"map", "hubspot.company", "--record", "-"}, kRecord);
  EXPECT_EQ(misspelt.code, 64);
  EXPECT_THAT(misspelt.err, HasSubstr("did you mean hubspot.companies?"));
}

void expect_keys(const Value& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys) EXPECT_NE(object.find(key), nullptr) << key;
}

void expect_status(const Value& status) {
  expect_keys(status, {"outbox", "notices", "budget", "sources", "dead", "quarantine", "config"});
  expect_keys(status.at("outbox"), {"pending", "in_flight", "lanes"});
  expect_keys(status.at("outbox").at("lanes"), {"live", "retry", "backfill", "audit"});
  expect_keys(status.at("notices"), {"open", "delivered", "unchanged", "filtered", "superseded",
                                     "orphaned", "held", "dead", "ignored"});
  expect_keys(status.at("budget"), {"per_second", "used_last_second", "refused"});
  expect_keys(status.at("sources").at("hubspot"), {"last_webhook", "last_poll", "fresh"});
  expect_keys(status.at("config"), {"version", "loaded_at"});
}

TEST(Status, HasTheKeysThatScriptsReadFromTheVerbAndFromTheDaemon) {
  World world;
  world.crm().populate(2, 2);
  EXPECT_EQ(world.run({"status"}).code, 69);  // no store yet
  world.start();
  world.crm().update("companies", world.crm().records("companies")[0].text_or("id"),
                     {{"annualrevenue", "5"}});
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(world.wait_settled());
  expect_status(world.status());

  const Finished verb = world.run({"status", "--json"});
  ASSERT_EQ(verb.code, 0) << verb.err;
  const Value status = json(verb.out);
  expect_status(status);
  EXPECT_EQ(status.at("notices"), world.status().at("notices"));
  EXPECT_FALSE(status.at("sources").at("hubspot").at("last_webhook").is_null());
  EXPECT_EQ(status.at("config").at("version"), Value(1));

  ASSERT_EQ(world.daemon().stop(), 0);
  EXPECT_EQ(json(world.run({"status", "--json"}).out).at("notices"), status.at("notices"));
}

TEST(AdminPort, AnswersHealthReadinessFreshnessAndMetrics) {
  World world;
  world.start();
  EXPECT_EQ(world.admin("/healthz"), "ok\n");
  EXPECT_EQ(world.admin("/readyz"), "ok\n");
  EXPECT_EQ(world.admin("/freshz"), "ok\n");
  EXPECT_THAT(world.admin("/metrics"), HasSubstr("\nassembly_sync_notices_open 0\n"));
  EXPECT_THAT(world.admin("/"), HasSubstr("outbox"));
}

TEST(CommandLine, AMisspeltVerbIsAnsweredWithTheRightOne) {
  World world;
  const Finished misspelt = world.run({"backfil"});
  EXPECT_EQ(misspelt.code, 64);
  EXPECT_THAT(misspelt.err, HasSubstr("did you mean backfill?"));
  EXPECT_EQ(world.run({"status", "--jsno"}).code, 64);
}

TEST(CommandLine, TestRunsTheMappingTestsOfTheConfiguration) {
  World world;
  const std::string good = read_file(world.config());
  const std::string test =
      "tests:\n  - mapping: companies\n    record: {id: \"1\", properties: {name: Acme, domain: "
      "acme.test}}\n    expect: {key: ";
  write_file(world.config(), good + test + "hubspot-company-1}\n");
  const Finished passed = world.run({"test"});
  EXPECT_EQ(passed.code, 0) << passed.err;
  EXPECT_THAT(passed.out, HasSubstr("1 passed"));
  write_file(world.config(), good + test + "hubspot-company-2}\n");
  EXPECT_EQ(world.run({"test"}).code, 1);
}

}  // namespace
}  // namespace assembly_sync::test
