// What records of the local HubSpot hold besides their properties: deals, owner, lists; and OAuth.
#include <gtest/gtest.h>

#include "core/json.hpp"
#include "tests/unit/connectors/local_hubspot.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace std::chrono_literals;
using core::Value;
using test::Copy;
using test::json;
using test::LocalHubspot;

const core::ObjectName kCompanies{"companies"};
const Paths kDealPaths = {{"deals"}};

Value::Object deal(const std::string& amount, const char* state, const std::string& company,
                   const std::string& close = "2026-06-01T00:00:00Z") {
  const std::string text = state;
  return {{"amount_in_home_currency", amount},
          {"closedate", close},
          {"hs_is_closed", text == "open" ? "false" : "true"},
          {"hs_is_closed_won", text == "won" ? "true" : "false"},
          {"pipeline", "default"},
          {"associatedcompanyid", company}};
}

/// The member of the only company's record, however it is read.
Value member(LocalHubspot& hubspot, const char* name, const Paths& wanted,
             const char* object = "companies") {
  Copy copy(hubspot, object, wanted);
  const auto listed = copy.listed();
  EXPECT_EQ(listed, copy.read({"1"}));
  return json(listed.at("1")).at(name);
}

TEST(HubspotDeals, add_up_to_their_company) {
  LocalHubspot hubspot;
  const std::string acme = hubspot.crm.create("companies", {{"name", "Acme"}});
  hubspot.crm.create("deals", deal("0.1", "won", acme));
  hubspot.crm.create("deals", deal("0.2", "won", acme));
  hubspot.crm.create("deals", deal("9007199254740993", "won", acme));
  hubspot.crm.create("deals", deal("500", "lost", acme));
  hubspot.crm.create("deals", deal("70.50", "open", acme, "2026-09-01T00:00:00Z"));
  hubspot.crm.create("deals", deal("7", "open", acme, "2026-03-01T00:00:00Z"));
  hubspot.crm.create("deals", deal("7", "open", acme, "2025-12-01T00:00:00Z"));
  EXPECT_EQ(member(hubspot, "deals", kDealPaths), json(R"({"won_amount":"9007199254740993.3",
      "won_count":3,"open_amount":"84.5","open_count":3,"next_renewal":"2026-03-01T00:00:00Z"})"));
}

TEST(HubspotDeals, only_what_a_mapping_asks_for_is_in_the_record) {
  LocalHubspot hubspot;
  hubspot.crm.create("companies", {{"name", "Acme"}});
  EXPECT_EQ(member(hubspot, "deals", {{"deals", "won_amount"}}), json(R"({"won_amount":"0"})"));
  Copy copy(hubspot, "companies", {{"properties", "name"}});
  hubspot.transport.calls = 0;
  EXPECT_EQ(json(copy.read({"1"}).at("1")).find("deals"), nullptr);
  EXPECT_EQ(hubspot.transport.calls, 1u);
}

TEST(HubspotDeals, a_renewal_is_an_open_deal_of_the_named_pipelines) {
  LocalHubspot hubspot;
  const std::string acme = hubspot.crm.create("companies", {{"name", "Acme"}});
  hubspot.crm.create("deals", deal("7", "open", acme, "2026-03-01T00:00:00Z"));
  Value::Object renewal = deal("7", "open", acme, "2026-05-01T00:00:00Z");
  renewal["pipeline"] = "renewals";
  hubspot.crm.create("deals", renewal);
  const Paths wanted = {{"deals", "next_renewal"}};
  for (const char* name : {"Renewals", "renewals", " Renewals , default2"}) {
    hubspot.connect({{"renewal_pipelines", name}},
                    {{"access_token", core::Secret("sample-token")}});
    if (std::string(name).find("default2") == std::string::npos) {
      EXPECT_EQ(member(hubspot, "deals", wanted).text_or("next_renewal"), "2026-05-01T00:00:00Z");
      continue;
    }
    const auto read = hubspot.source->read(kCompanies, {core::RecordId("1")}, wanted,
                                           hubspot.transport, hubspot.clock.wall_now());
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ReadError::Kind::rejected);
    EXPECT_EQ(read.error().reason,
              "renewal_pipelines: HubSpot has no deal pipeline named default2");
  }
}

TEST(HubspotDeals, a_changed_deal_makes_its_companies_be_read_again) {
  LocalHubspot hubspot;
  hubspot.crm.populate(5, 0);
  hubspot.clock.advance(24h);
  Copy copy(hubspot, "companies", kDealPaths);
  copy.sweep();
  hubspot.clock.advance(1min);
  const std::string won = hubspot.crm.create("deals", deal("100", "open", "3"));
  hubspot.clock.advance(1min);
  const auto notices = copy.poll();
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices.front().ref.id.str(), "3");
  EXPECT_EQ(notices.front().ref.object, kCompanies);
  EXPECT_EQ(notices.front().event, "deal");
  EXPECT_FALSE(notices.front().record);
  EXPECT_EQ(json(copy.records.at("3")).at("deals").text_or("open_amount"), "100");
  hubspot.clock.advance(30min);
  hubspot.crm.update("deals", won, {{"hs_is_closed", "true"}, {"hs_is_closed_won", "true"}});
  hubspot.clock.advance(1min);
  copy.poll();
  EXPECT_EQ(json(copy.records.at("3")).at("deals").text_or("won_amount"), "100");
  EXPECT_EQ(copy.records, copy.listed());
}

TEST(HubspotDeals, a_deal_that_was_deleted_shows_in_a_sweep) {
  LocalHubspot hubspot;
  const std::string acme = hubspot.crm.create("companies", {{"name", "Acme"}});
  const std::string won = hubspot.crm.create("deals", deal("100", "won", acme));
  Copy copy(hubspot, "companies", kDealPaths);
  copy.sweep();
  const std::string before = copy.records.at(acme);
  hubspot.crm.archive("deals", won);
  copy.sweep();
  EXPECT_NE(copy.records.at(acme), before);
  EXPECT_EQ(json(copy.records.at(acme)).at("deals").text_or("won_amount"), "0");
}

TEST(HubspotOwners, are_looked_up_whether_they_are_in_office_or_not) {
  LocalHubspot hubspot;
  for (const char* id : {"11", "12", "13"}) hubspot.crm.add_owner({.id = id, .email = "x@y.test"});
  hubspot.crm.add_owner({.id = "14", .email = "ada@y.test", .first_name = "Ada", .last_name = "L"});
  hubspot.crm.add_owner({.id = "15", .email = "old@y.test", .last_name = "Old", .archived = true});
  hubspot.crm.create("companies", {{"hubspot_owner_id", "14"}});
  const Paths wanted = {{"owner", "email"}};
  EXPECT_EQ(member(hubspot, "owner", wanted),
            json(R"({"id":"14","email":"ada@y.test","name":"Ada L"})"));
  hubspot.crm.update("companies", "1", {{"hubspot_owner_id", "15"}});
  EXPECT_EQ(member(hubspot, "owner", wanted),
            json(R"({"id":"15","email":"old@y.test","name":"Old"})"));
  hubspot.crm.update("companies", "1", {{"hubspot_owner_id", "99"}});
  EXPECT_EQ(member(hubspot, "owner", wanted), json(R"({"id":"99","email":null,"name":null})"));
  hubspot.crm.update("companies", "1", {{"hubspot_owner_id", Value()}});
  EXPECT_TRUE(member(hubspot, "owner", wanted).is_null());
}

TEST(HubspotOwners, are_read_once_in_five_minutes_and_for_one_who_is_new) {
  LocalHubspot hubspot;
  hubspot.crm.add_owner({.id = "14", .email = "ada@y.test"});
  hubspot.crm.create("companies", {{"hubspot_owner_id", "14"}});
  Copy copy(hubspot, "companies", {{"owner", "email"}});
  const auto calls = [&] {
    hubspot.transport.calls = 0;
    copy.read({"1"});
    return hubspot.transport.calls;
  };
  EXPECT_EQ(calls(), 3u);  // the record, owners, archived owners
  EXPECT_EQ(calls(), 1u);
  hubspot.clock.advance(6min);
  EXPECT_EQ(calls(), 3u);
  hubspot.crm.add_owner({.id = "15", .email = "eve@y.test"});
  hubspot.crm.update("companies", "1", {{"hubspot_owner_id", "15"}});
  EXPECT_EQ(calls(), 3u);
  EXPECT_EQ(json(copy.read({"1"}).at("1")).at("owner").text_or("email"), "eve@y.test");
  hubspot.crm.update("companies", "1", {{"hubspot_owner_id", "nobody"}});
  EXPECT_EQ(calls(), 3u);
  EXPECT_EQ(calls(), 1u);
}

TEST(HubspotOwners, whom_nobody_knows_are_looked_for_once_in_five_minutes_each) {
  LocalHubspot hubspot;
  hubspot.crm.create("companies", {{"hubspot_owner_id", "97"}});
  hubspot.crm.create("companies", {{"hubspot_owner_id", "98"}});
  Copy copy(hubspot, "companies", {{"owner", "email"}});
  const auto calls = [&](const char* id) {
    hubspot.transport.calls = 0;
    copy.read({id});
    return hubspot.transport.calls;
  };
  EXPECT_EQ(calls("1"), 3u);  // the record, owners, archived owners
  EXPECT_EQ(calls("2"), 3u);
  EXPECT_EQ(calls("1"), 1u) << "not forgotten for the other";
  EXPECT_EQ(calls("2"), 1u);
  hubspot.clock.advance(6min);
  hubspot.crm.add_owner({.id = "97", .email = "new@y.test"});
  EXPECT_EQ(calls("1"), 3u);
  EXPECT_EQ(json(copy.read({"1"}).at("1")).at("owner").text_or("email"), "new@y.test");
}

TEST(HubspotLists, are_named_in_the_order_of_the_alphabet) {
  LocalHubspot hubspot;
  hubspot.crm.add_list({.id = "7", .object_type_id = "0-1", .name = "Newsletter"});
  hubspot.crm.add_list({.id = "8", .object_type_id = "0-1", .name = "Beta"});
  hubspot.crm.add_list({.id = "9", .object_type_id = "0-2", .name = "Customers"});
  hubspot.crm.create("contacts", {{"email", "a@y.test"}});
  const Paths wanted = {{"lists"}};
  EXPECT_EQ(member(hubspot, "lists", wanted, "contacts"), json("[]"));
  for (const char* list : {"7", "8", "9"}) hubspot.crm.set_member(list, "1", true);
  EXPECT_EQ(member(hubspot, "lists", wanted, "contacts"), json(R"(["Beta","Newsletter"])"));
  hubspot.crm.set_member("8", "1", false);
  EXPECT_EQ(member(hubspot, "lists", wanted, "contacts"), json(R"(["Newsletter"])"));
}

std::map<std::string, core::Secret> refresh(const char* token) {
  return {{"refresh_token", core::Secret(token)}};
}

TEST(HubspotOAuth, tokens_are_asked_for_and_renewed) {
  LocalHubspot hubspot;
  hubspot.crm.create("companies", {{"name", "Acme"}});
  hubspot.connect({{"client_id", "sample-client"}}, refresh("sample-refresh"));
  Copy copy(hubspot, "companies", {});
  const auto calls = [&] {
    hubspot.transport.calls = 0;
    copy.read({"1"});
    return hubspot.transport.calls;
  };
  EXPECT_EQ(calls(), 2u);
  EXPECT_EQ(calls(), 1u);
  hubspot.clock.advance(30min);
  EXPECT_EQ(calls(), 2u);
  hubspot.crm.expire_tokens();
  EXPECT_EQ(calls(), 3u);  // refused, renewed, read
}

TEST(HubspotOAuth, a_refused_refresh_token_is_told_without_it) {
  LocalHubspot hubspot;
  hubspot.connect({{"client_id", "sample-client"}}, refresh("another"));
  const auto read =
      hubspot.source->list(kCompanies, {}, {}, hubspot.transport, hubspot.clock.wall_now());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ReadError::Kind::unauthorized);
  EXPECT_NE(read.error().reason.find("invalid_grant"), std::string::npos);
  EXPECT_NE(read.error().reason.find("refresh_token"), std::string::npos);
  EXPECT_EQ(read.error().reason.find("another"), std::string::npos);
}

}  // namespace
}  // namespace assembly_sync::connectors
