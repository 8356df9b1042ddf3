// Traps that users of HubSpot's API have reported, one case each. tests/traps/hubspot.md names all
// of them; those of values are in the tests of the mapping language.
#include <gtest/gtest.h>

#include "core/json.hpp"
#include "tests/unit/connectors/local_hubspot.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace std::chrono_literals;
using core::Value;
using test::answer;
using test::Copy;
using test::differences;
using test::json;
using test::LocalHubspot;
using test::ScriptedTransport;

const std::vector<std::string> kNone;

TEST(HubspotTraps, T03_AClearedPropertyKeepsNothingOfWhatItWas) {
  for (const Value& cleared : {Value(""), Value()}) {
    LocalHubspot hubspot;
    hubspot.crm.create("companies", {{"name", "Acme"}});
    Copy copy(hubspot, "companies", {{"properties", "name"}});
    copy.sweep();
    ASSERT_EQ(json(copy.records.at("1")).at("properties").text_or("name"), "Acme");
    hubspot.clock.advance(1min);
    hubspot.crm.update("companies", "1", {{"name", cleared}});
    hubspot.clock.advance(1min);
    copy.poll();
    EXPECT_EQ(json(copy.records.at("1")).at("properties").text_or("name"), "");
    EXPECT_EQ(differences(copy.records, copy.listed()), kNone);
  }
}

TEST(HubspotTraps, T05_ContactsKeepTheirModificationTimeUnderAnotherName) {
  LocalHubspot hubspot;
  Copy copy(hubspot, "contacts", {{"properties", "email"}});
  hubspot.clock.advance(1min);
  hubspot.crm.create("contacts", {{"email", "a@acme.test"}});
  hubspot.clock.advance(1s);
  copy.poll();
  EXPECT_EQ(copy.records.size(), 1u);
}

TEST(HubspotTraps, T06_TenThousandRecordsOfOneTimeNeitherLoopNorGetLost) {
  LocalHubspot hubspot;
  Copy copy(hubspot, "contacts", {});
  hubspot.clock.advance(1min);
  for (int i = 0; i < 10'001; ++i) hubspot.crm.create("contacts", {{"firstname", "a"}});
  hubspot.clock.advance(1s);
  copy.poll();
  EXPECT_EQ(copy.records.size(), 10'001u);
}

TEST(HubspotTraps, T07_AShortPageIsNotTheLastOne) {
  const auto found = [](const char* id, const char* ms, const std::string& more) {
    return answer(200, std::string(R"({"results":[{"id":")") + id +
                           R"(","properties":{"hs_lastmodifieddate":")" + ms + "\"}}]" + more +
                           '}');
  };
  std::vector<core::HttpRequest> searches;
  ScriptedTransport transport([&](const core::HttpRequest& request) -> ScriptedTransport::Answer {
    if (!request.url.ends_with("/search")) return answer(200, R"({"results":[]})");
    searches.push_back(request);
    if (searches.size() > 1) return found("2", "1767225600500", "");
    return found("1", "1767225600000", R"(,"paging":{"next":{"after":"200"}})");
  });
  const auto source = test::make_hubspot_source();
  const core::ObjectName companies("companies");
  const core::WallTime now = core::from_ms(1'767'225'660'000);
  const auto first =
      source->changes(companies, source->changes_since(companies, core::from_ms(1'767'225'000'000)),
                      {}, transport, now);
  ASSERT_TRUE(first) << first.error().reason;
  EXPECT_TRUE(first->more) << "one row of 200, and yet there are others";
  const auto second = source->changes(companies, first->next, {}, transport, now);
  ASSERT_TRUE(second) << second.error().reason;
  ASSERT_EQ(searches.size(), 2u);
  EXPECT_NE(searches[0].body, searches[1].body);
  ASSERT_EQ(second->notices.size(), 1u);
  EXPECT_EQ(second->notices[0].ref.id.str(), "2");
}

TEST(HubspotTraps, T08_RowsThatAreSeenLateAreFound) {
  LocalHubspot hubspot;
  Copy copy(hubspot, "companies", {{"properties", "name"}});
  hubspot.crm.set_search_lag(3min);
  for (int i = 0; i < 5; ++i) {
    hubspot.clock.advance(1min);
    hubspot.crm.create("companies", {{"name", "n"}});
    copy.poll();
  }
  hubspot.clock.advance(4min);
  copy.poll();
  EXPECT_EQ(differences(copy.records, copy.listed()), kNone);
}

TEST(HubspotTraps, T09_AnotherCompanyOfAContactShowsAlthoughNoDateMoves) {
  LocalHubspot hubspot;
  hubspot.crm.populate(2, 1);
  Copy copy(hubspot, "contacts", {{"associations", "company"}});
  copy.sweep();
  const std::string was = json(copy.records.at("1")).at("associations").text_or("company");
  hubspot.crm.set_primary_company("1", was == "1" ? "2" : "1");
  copy.sweep();
  EXPECT_NE(json(copy.records.at("1")).at("associations").text_or("company"), was);
}

TEST(HubspotTraps, T10_ManyPropertiesMakeNoUrlTooLong) {
  LocalHubspot hubspot;
  hubspot.crm.populate(150, 0);
  Paths wanted = {{"properties", "name"}};
  for (int i = 0; i < 1500; ++i) wanted.insert({"properties", "a_long_name_" + std::to_string(i)});
  hubspot.transport.before = [](const core::HttpRequest& request) {
    EXPECT_LE(request.url.size(), 8192u);
    if (request.url.ends_with("/search")) {
      EXPECT_LE(request.body.size(), 3000u);
    }
  };
  Copy copy(hubspot, "companies", wanted);
  copy.sweep();
  EXPECT_EQ(copy.records.size(), 150u);
  hubspot.clock.advance(1min);
  hubspot.crm.merge("companies", "1", "2");
  hubspot.clock.advance(1min);
  copy.poll();
  EXPECT_EQ(differences(copy.records, copy.listed()), kNone);
  EXPECT_EQ(copy.read({"1"}).begin()->first, "151");
}

TEST(HubspotTraps, T11_MergedRecordsNeitherStayTwiceNorDangle) {
  for (const auto rule : {sandbox::CrmMergeRule::new_record, sandbox::CrmMergeRule::primary}) {
    sandbox::SampleCrmOptions options;
    options.merge_rule = rule;
    LocalHubspot hubspot(options);
    hubspot.crm.populate(1, 4);
    Copy copy(hubspot, "contacts", {{"properties", "email"}});
    copy.sweep();
    hubspot.clock.advance(1min);
    const std::string survivor = hubspot.crm.merge("contacts", "1", "2");
    hubspot.crm.merge("contacts", survivor, "3");
    hubspot.clock.advance(1min);
    copy.poll();
    EXPECT_EQ(copy.records.size(), 2u);
    EXPECT_EQ(differences(copy.records, copy.listed()), kNone);
  }
}

TEST(HubspotTraps, T12_CompaniesOfOneDomainAreTwoRecords) {
  LocalHubspot hubspot;
  hubspot.crm.create("companies", {{"domain", "acme.test"}});
  hubspot.crm.create("companies", {{"domain", "acme.test"}});
  Copy copy(hubspot, "companies", {{"properties", "domain"}});
  copy.sweep();
  EXPECT_EQ(copy.records.size(), 2u);
}

TEST(HubspotTraps, T13_AMergedCompanyOfTwoDomainsShowsOneOfThemHoweverItIsRead) {
  for (const auto rule : {sandbox::CrmMergeRule::new_record, sandbox::CrmMergeRule::primary}) {
    sandbox::SampleCrmOptions options;
    options.merge_rule = rule;
    LocalHubspot hubspot(options);
    hubspot.crm.create("companies", {{"domain", "acme.test"}});
    hubspot.crm.create("companies", {{"domain", "acme.example"}});
    Copy copy(hubspot, "companies", {{"properties", "domain"}});
    copy.sweep();
    hubspot.clock.advance(1min);
    const std::string survivor = hubspot.crm.merge("companies", "1", "2");
    hubspot.crm.update("companies", survivor, {{"hs_additional_domains", "acme.example"}});
    for (int round = 0; round < 3; ++round) {
      hubspot.clock.advance(1min);
      copy.poll();
      ASSERT_EQ(copy.records.size(), 1u) << "nothing keeps the other domain alive";
      EXPECT_EQ(json(copy.records.at(survivor)).at("properties").text_or("domain"), "acme.test");
      EXPECT_EQ(copy.read({"1", "2"}), copy.records);
      EXPECT_EQ(differences(copy.records, copy.listed()), kNone);
    }
  }
}

TEST(HubspotTraps, T15_CompaniesWithoutADomainAndContactsWithoutAnAddressAreRead) {
  LocalHubspot hubspot;
  for (const auto& [object, name] :
       {std::pair{"companies", "domain"}, std::pair{"contacts", "email"}}) {
    hubspot.crm.create(object, {});
    Copy copy(hubspot, object, {{"properties", name}});
    copy.sweep();
    ASSERT_EQ(copy.records.size(), 1u);
    EXPECT_TRUE(json(copy.records.at("1")).at("properties").at(name).is_null());
  }
}

TEST(HubspotTraps, T16_TheTextCompanyIsNotTheCompanyAContactBelongsTo) {
  LocalHubspot hubspot;
  hubspot.crm.create("companies", {{"name", "Acme"}});
  hubspot.crm.create("contacts", {{"company", "Another Ltd"}, {"associatedcompanyid", "1"}});
  Copy copy(hubspot, "contacts", {{"properties", "company"}, {"associations", "company"}});
  const Value record = json(copy.listed().at("1"));
  EXPECT_EQ(record.at("properties").text_or("company"), "Another Ltd");
  EXPECT_EQ(record.at("associations").text_or("company"), "1");
}

TEST(HubspotTraps, T17_AContactHasManyCompaniesAndOneOrNoPrimaryOne) {
  LocalHubspot hubspot;
  hubspot.crm.populate(3, 1);
  hubspot.crm.set_primary_company("1", "1");
  hubspot.crm.set_primary_company("1", "2");
  hubspot.crm.set_primary_company("1", "3");
  Copy copy(hubspot, "contacts", {{"associations", "company"}});
  EXPECT_EQ(json(copy.listed().at("1")).at("associations"),
            json(R"({"company":"3","companies":["1","2","3"]})"));
  hubspot.crm.set_primary_company("1", std::nullopt);
  EXPECT_EQ(json(copy.listed().at("1")).at("associations"),
            json(R"({"company":null,"companies":["1","2"]})"));
}

TEST(HubspotTraps, T18_LabelsOfStagesWithNumbersForNamesComeFromTheDefinitions) {
  LocalHubspot hubspot;
  hubspot.crm.define_property("companies", "lifecyclestage",
                              {.label = "Lifecycle stage",
                               .type = "enumeration",
                               .field_type = "radio",
                               .options = "customer=Customer;49387219=Churned"});
  const auto catalogue = hubspot.source->describe(core::ObjectName("companies"), hubspot.transport,
                                                  hubspot.clock.wall_now());
  ASSERT_TRUE(catalogue);
  EXPECT_EQ(catalogue->fields.at("lifecyclestage").options.at("49387219"), "Churned");
}

TEST(HubspotTraps, T18_DealsCountByWhatTheirStagesMeanAndPipelinesByEitherName) {
  LocalHubspot hubspot;
  hubspot.crm.create("companies", {{"name", "Acme"}});
  const auto deal = [&](const char* stage, const char* closed, const char* won) {
    hubspot.crm.create("deals", {{"dealstage", stage},
                                 {"amount", "5"},
                                 {"hs_is_closed", closed},
                                 {"hs_is_closed_won", won},
                                 {"pipeline", "renewals"},
                                 {"closedate", "2026-05-01T00:00:00Z"},
                                 {"associatedcompanyid", "1"}});
  };
  deal("49387219", "true", "true");  // the account's own stages, of which each is some number
  deal("49387220", "true", "false");
  deal("closedwon", "false", "false");  // was renamed, and means nothing any more
  for (const char* pipeline : {"renewals", "Renewals"}) {
    hubspot.connect({{"renewal_pipelines", pipeline}},
                    {{"access_token", core::Secret("sample-token")}});
    Copy copy(hubspot, "companies", {{"deals"}});
    EXPECT_EQ(json(copy.listed().at("1")).at("deals"),
              json(R"({"won_amount":"5","won_count":1,"open_amount":"5","open_count":1,)"
                   R"("next_renewal":"2026-05-01T00:00:00Z"})"));
  }
}

TEST(HubspotTraps, T19_OwnersOfOldRecordsMayBeArchived) {
  LocalHubspot hubspot;
  hubspot.crm.add_owner({.id = "7", .email = "gone@acme.test", .archived = true});
  hubspot.crm.create("companies", {{"hubspot_owner_id", "7"}});
  Copy copy(hubspot, "companies", {{"owner", "email"}});
  EXPECT_EQ(json(copy.listed().at("1")).at("owner").text_or("email"), "gone@acme.test");
}

TEST(HubspotTraps, T20_AmountsOfSeveralCurrenciesAreSummedInTheAccountsOwn) {
  LocalHubspot hubspot;
  hubspot.crm.create("companies", {{"name", "Acme"}});
  const auto won = [&](Value::Object deal) {
    deal["hs_is_closed"] = "true";
    deal["hs_is_closed_won"] = "true";
    deal["associatedcompanyid"] = "1";
    hubspot.crm.create("deals", std::move(deal));
  };
  won({{"amount", "100"}, {"deal_currency_code", "USD"}, {"amount_in_home_currency", "92.50"}});
  won({{"amount", "50"}, {"deal_currency_code", "EUR"}, {"amount_in_home_currency", "50"}});
  won({{"amount", "7"}});                                 // an account of one currency
  won({{"amount", "9"}, {"deal_currency_code", "GBP"}});  // no rate: not to be mixed in
  Copy copy(hubspot, "companies", {{"deals", "won_amount"}});
  EXPECT_EQ(json(copy.listed().at("1")).at("deals").text_or("won_amount"), "149.5");
}

}  // namespace
}  // namespace assembly_sync::connectors
