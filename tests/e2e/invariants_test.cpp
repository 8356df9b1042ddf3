// Invariants that only the whole program can show, by number.
#include <gmock/gmock.h>

#include "tests/e2e/journal.hpp"
#include "tests/e2e/world.hpp"

namespace assembly_sync::test {
namespace {

using namespace std::chrono_literals;
using core::Value;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr auto kLatency = 150ms;
constexpr std::int64_t kLatencyUs = std::chrono::microseconds(kLatency).count();

sandbox::SandboxOptions slow_assembly() {
  sandbox::SandboxOptions options;
  options.latency = kLatency;
  return options;
}

/// A drain of 40 companies and 80 contacts with live changes in between, by webhook and backfill.
void drain(World& world) {
  world.crm().populate(40, 80);
  world.start();
  ASSERT_EQ(world.run({"backfill", "--no-wait"}).code, 0);
  const auto contacts = world.crm().records("contacts");
  for (std::size_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(wait_until([&] { return world.assembly().stats().requests >= i * 10; }));
    world.crm().update("contacts", contacts[i * 7].text_or("id"), {{"jobtitle", "Pilot"}});
    ASSERT_EQ(world.deliver_events(), 200);
  }
  ASSERT_TRUE(wait_until([&] { return world.settled() && world.wrong().empty(); }, 90s))
      << world.admin("/");
}

TEST(Invariants, Invariant3_NoSecondHasMoreCallsThanTheConfiguredRate) {
  World world({.assembly = slow_assembly()});
  drain(world);
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_LE(busiest_second(world.assembly().journal()), 30U);
  EXPECT_EQ(world.assembly().stats().refused, 0U);
}

TEST(Invariants, Invariant3_HoldsAcrossKilledAndRestartedProcesses) {
  World world({.labels = false});
  world.crm().populate(120, 0);
  world.start();
  ASSERT_EQ(world.run({"backfill", "--no-wait"}).code, 0);
  for (std::uint64_t calls = 20; calls <= 80; calls += 20) {
    ASSERT_TRUE(wait_until([&] { return world.assembly().stats().requests >= calls; }));
    world.daemon().kill();
    world.start();
  }
  ASSERT_TRUE(wait_until([&] { return world.settled() && world.wrong().empty(); }));
  EXPECT_LE(busiest_second(world.assembly().journal()), 30U);
  EXPECT_EQ(world.assembly().stats().refused, 0U);
}

TEST(Invariants, Invariant5_NoContactIsSentBeforeItsCompanyWasAnswered) {
  World world({.assembly = slow_assembly(), .labels = false});
  drain(world);
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_EQ(world.assembly().contacts().size(), 80U);
  const auto journal = world.assembly().journal();
  EXPECT_THAT(contacts_before_companies(journal, world.assembly(), kLatencyUs), IsEmpty());
  // The measure itself: asked for an hour between the two, it finds all of them.
  EXPECT_EQ(contacts_before_companies(journal, world.assembly(), 3'600'000'000).size(), 80U);
}

/// Everything that must stay inside: the secrets, and every text that the CRM holds about somebody.
std::set<std::string> forbidden(const sandbox::SampleCrm& crm) {
  std::set<std::string> texts = {kApiKey, kAccessToken, kClientSecret};
  static const std::set<std::string> kPersonal = {
      "name", "domain",        "website",  "phone",    "email",   "firstname",
      "city", "annualrevenue", "lastname", "jobtitle", "country", "industry"};
  for (const char* object : {"companies", "contacts"}) {
    for (const Value& record : crm.records(object)) {
      for (const auto& [name, value] : record.at("properties").as_object()) {
        if (!kPersonal.contains(name) || !value.is_string()) continue;
        if (value.as_string().size() >= 4) texts.insert(value.as_string());
      }
    }
  }
  return texts;
}

/// Failures of every kind that the program has words for.
void provoke_messages(World& world) {
  sandbox::SampleCrm& crm = world.crm();
  sandbox::Sandbox& assembly = world.assembly();
  const auto companies = crm.records("companies");
  const auto contacts = crm.records("contacts");
  using Kind = sandbox::Fault::Kind;
  assembly.add_fault({.kind = Kind::status, .status = 422, .path_contains = "company"});
  assembly.add_fault({.kind = Kind::status, .status = 500, .path_contains = "company"});
  assembly.add_fault({.kind = Kind::malformed, .path_contains = "contact"});
  assembly.add_fault({.kind = Kind::drop_after, .path_contains = "contact"});
  crm.add_fault("/companies/batch/read", 500, 1);
  crm.update("companies", companies[0].text_or("id"), {{"annualrevenue", "Wombatillion"}});
  crm.update("companies", companies[1].text_or("id"), {{"domain", "quokka not a domain"}});
  crm.update("contacts", contacts[0].text_or("id"), {{"email", "numbat-without-at"}});
  for (const Value& company : companies) {
    crm.update("companies", company.text_or("id"), {{"industry", "PLATYPUS_FARMING"}});
  }
  for (const Value& contact : contacts) {
    crm.update("contacts", contact.text_or("id"), {{"jobtitle", "Keeper of Echidnas"}});
  }
  const auto events = crm.take_events();
  core::HttpRequest unsigned_webhook = crm.webhook(events, "https://elsewhere.test",
                                                   world.daemon().webhook_url() + "/hooks/hubspot");
  world.transport().send(unsigned_webhook);
  ASSERT_EQ(world.deliver(events), 200);
  ASSERT_TRUE(world.wait_settled()) << world.admin("/");
  assembly.set_key_revoked(true);
  crm.update("contacts", contacts[1].text_or("id"), {{"jobtitle", "Bandicoot Whisperer"}});
  ASSERT_EQ(world.deliver_events(), 200);
  ASSERT_TRUE(wait_until([&] { return world.status().at("authorized") == Value(false); }));
}

TEST(Invariants, Invariant11_NoSecretAndNoRecordValueIsInLogMetricsOrStatus) {
  World world;
  world.crm().populate(12, 20);
  world.start();
  ASSERT_EQ(world.run({"backfill"}).code, 0);
  std::set<std::string> texts = forbidden(world.crm());
  provoke_messages(world);
  ASSERT_FALSE(HasFatalFailure());
  texts.merge(forbidden(world.crm()));

  std::string shown = world.admin("/") + world.admin("/api/status") + world.admin("/metrics") +
                      world.admin("/freshz");
  const Finished status = world.run({"status"});
  const Finished backfill = world.run({"backfill", "hubspot.companies", "--dry-run"});
  shown += status.out + status.err + backfill.out + backfill.err;
  EXPECT_EQ(world.daemon().stop(), 0);
  shown += world.daemon().log();
  EXPECT_THAT(shown, HasSubstr("event=delivery_rejected"));
  EXPECT_THAT(shown, HasSubstr("event=unauthorized"));
  EXPECT_THAT(shown, HasSubstr("event=webhook_quarantined"));
  EXPECT_GT(texts.size(), 100U);
  for (const std::string& text : texts) {
    EXPECT_EQ(shown.find(text), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace assembly_sync::test
