// `backfill`: compares before it writes, resumes, and leaves the work to a daemon that is there.
#include <gmock/gmock.h>

#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kCompanyCount = 15;
constexpr std::int64_t kContactCount = 20;
constexpr std::int64_t kAll = kCompanyCount + kContactCount;

void fill(World& world) {
  world.crm().populate(kCompanyCount, kContactCount);
  world.crm().take_events();
}

TEST(Backfill, BringsEverythingOverAndSaysSo) {
  World world;
  fill(world);
  const Finished run = world.run({"backfill", "--json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(world.wrong(), IsEmpty());
  const Value summary = json(run.out);
  for (const char* key :
       {"records", "delivered", "unchanged", "filtered", "dead", "calls", "seconds"}) {
    EXPECT_NE(summary.find(key), nullptr) << key;
  }
  EXPECT_EQ(summary.at("records"), Value(kAll));
  EXPECT_EQ(summary.at("delivered"), Value(kAll));
  EXPECT_EQ(summary.at("dead"), Value(0));
  EXPECT_GE(summary.at("calls").as_int(), kAll);
  EXPECT_EQ(world.assembly().stats().refused, 0U);
}

TEST(Backfill, EndsWhereOnlyAnotherKeyHelpsAndGoesOnWithOne) {
  World world;
  fill(world);
  world.assembly().set_key_revoked(true);
  const Finished refused = world.run({"backfill"});
  EXPECT_EQ(refused.code, 69);
  EXPECT_THAT(refused.err, HasSubstr("Assembly refuses the API key"));
  EXPECT_THAT(world.run({"status"}).out, HasSubstr("needs you   Assembly refuses the API key"));
  world.assembly().set_key_revoked(false);
  const Finished run = world.run({"backfill"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(world.wrong(), IsEmpty());
  const std::string status = world.run({"status"}).out;
  EXPECT_EQ(status.find("refuses"), std::string::npos) << status;
  EXPECT_THAT(status, HasSubstr("no daemon is running"));
}

TEST(Backfill, ASecondRunOverUnchangedDataWritesNothing) {
  World world;
  fill(world);
  ASSERT_EQ(world.run({"backfill"}).code, 0);
  const auto writes = world.assembly().stats().writes;
  const Finished again = world.run({"backfill", "--json"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(json(again.out).at("unchanged"), Value(kAll));
  EXPECT_EQ(world.assembly().stats().writes, writes);
}

TEST(Backfill, AnEmptyStoreReadsAssemblyFirstAndWritesNothingThatIsThere) {
  World world;
  fill(world);
  ASSERT_EQ(world.run({"backfill"}).code, 0);
  const auto before = world.assembly().stats();
  world.use_store("fresh.db");
  const Finished again = world.run({"backfill", "--json"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(json(again.out).at("unchanged"), Value(kAll)) << again.out;
  EXPECT_EQ(world.assembly().stats().writes, before.writes);
  EXPECT_LE(world.assembly().stats().requests - before.requests, 5U);
  EXPECT_THAT(world.wrong(), IsEmpty());
}

TEST(Backfill, AfterwardsOnlyWhatDiffersIsWritten) {
  World world;
  fill(world);
  ASSERT_EQ(world.run({"backfill"}).code, 0);
  const auto writes = world.assembly().stats().writes;
  const auto companies = world.crm().records("companies");
  world.crm().update("companies", companies[3].text_or("id"), {{"annualrevenue", "4711"}});
  world.crm().update("companies", companies[7].text_or("id"), {{"tier", "silver"}});
  world.crm().update("companies", companies[8].text_or("id"), {{"tier", "gold"}});
  world.use_store("fresh.db");
  ASSERT_EQ(world.run({"backfill"}).code, 0);
  EXPECT_LE(world.assembly().stats().writes - writes, 3U);
  EXPECT_THAT(world.wrong(), IsEmpty());
}

TEST(Backfill, ARunningDaemonExecutesIt) {
  World world;
  fill(world);
  world.start();
  const Finished run = world.run({"backfill", "--json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("the running daemon takes over"));
  EXPECT_EQ(json(run.out).at("delivered"), Value(kAll));
  EXPECT_THAT(world.daemon().log(), HasSubstr("event=backfill_done"));
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_TRUE(world.daemon().running());
}

TEST(Backfill, WithoutWaitingTheDaemonGoesOnAlone) {
  World world;
  fill(world);
  EXPECT_EQ(world.run({"backfill", "--no-wait"}).code, 75);
  world.start();
  EXPECT_EQ(world.run({"backfill", "--no-wait"}).code, 0);
  EXPECT_TRUE(wait_until([&] { return world.wrong().empty(); }));
}

TEST(Backfill, ADryRunSendsNothing) {
  World world;
  fill(world);
  const Finished run = world.run({"backfill", "--dry-run", "--json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(json(run.out).at("would_send"), Value(kAll));
  EXPECT_EQ(world.assembly().stats().writes, 0U);
  EXPECT_THAT(world.assembly().accounts(), IsEmpty());
}

TEST(Backfill, ALimitEndsItEarly) {
  World world;
  fill(world);
  const Finished run = world.run({"backfill", "hubspot.companies", "--limit", "5", "--json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(json(run.out).at("records"), Value(5));
  EXPECT_EQ(world.assembly().accounts().size(), 5U);
}

TEST(Backfill, SinceTakesOnlyWhatWasModifiedLater) {
  World world;
  fill(world);
  const Finished none = world.run({"backfill", "--since", "2999-01-01", "--json"});
  EXPECT_EQ(none.code, 0) << none.err;
  EXPECT_THAT(world.assembly().accounts(), IsEmpty());
  EXPECT_EQ(world.run({"backfill", "--since", "2026-02-30"}).code, 64);
}

TEST(Backfill, AMisspeltObjectIsNotReadAndTheRightOneNamed) {
  World world;
  const Finished run = world.run({"backfill", "hubspot.company"});
  EXPECT_EQ(run.code, 64);
  EXPECT_THAT(run.err, HasSubstr("did you mean hubspot.companies?"));
}

TEST(Backfill, AKilledRunGoesOnWhereItStopped) {
  World world;
  fill(world);
  {
    const auto killed = world.spawn({"backfill"});
    ASSERT_TRUE(wait_until([&] { return world.assembly().accounts().size() >= 5; }));
    killed->signal(9);
    EXPECT_EQ(killed->wait(std::chrono::seconds{30}), 137);
  }
  const Finished run = world.run({"backfill", "--json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("going on with run 1"));
  EXPECT_THAT(world.wrong(), IsEmpty());
  EXPECT_EQ(world.assembly().stats().refused, 0U);
}

constexpr const char* kCsvConfig = R"yaml(version: 1
assembly: {base_url: "${env:ASSEMBLY_URL}", api_key: "${env:ASSEMBLY_API_KEY}"}
store: {path: store.db}
sources:
  billing: {type: csv, path: billing.csv, objects: {customers: {id: customer_id}}}
mappings:
  - name: billing
    from: billing.customers
    to: company
    key: concat("billing-", customer_id)
    fields:
      name: company
      domain: domain | lower
      contract_value: amount | to_number
)yaml";

TEST(Backfill, ACsvFileArrivesAndItsMalformedLineIsNamed) {
  World world;
  write_file(world.config(), kCsvConfig);
  write_file(world.file("billing.csv"),
             "customer_id,company,domain,amount\r\n"
             "1,\"Ash, Birch & Co\",Ash.test,1200\r\n"
             "2,Cedar,cedar.test\r\n"
             "3,\"Douglas\r\nFir\",fir.test,9.5\r\n");
  const Finished run = world.run({"backfill", "--json"});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.err, HasSubstr("line 3: expected 4 fields, got 3"));
  const Value summary = json(run.out);
  EXPECT_EQ(summary.at("records"), Value(2));
  EXPECT_EQ(summary.at("delivered"), Value(2));
  EXPECT_EQ(summary.at("bad_rows"), Value(1));
  const auto accounts = world.assembly().accounts();
  ASSERT_EQ(accounts.size(), 2U);
  std::map<std::string, Value> by_domain;
  for (const Value& account : accounts) by_domain[account.text_or("domain")] = account;
  EXPECT_EQ(by_domain["ash.test"].text_or("name"), "Ash, Birch & Co");
  EXPECT_EQ(by_domain["ash.test"].at("contract_value").as_double(), 1200);
  EXPECT_EQ(by_domain["fir.test"].text_or("name"), "Douglas\r\nFir");
}

}  // namespace
}  // namespace assembly_sync::test
