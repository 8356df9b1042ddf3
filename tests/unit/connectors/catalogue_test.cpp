// What sources say that their records hold.
#include <fstream>

#include <gtest/gtest.h>

#include "connectors/connector.hpp"
#include "daemon/http/client.hpp"
#include "daemon/sandbox/sample_crm.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors {
namespace {

using core::FieldType;
using test::answer;
using test::ScriptedTransport;
using Kind = ReadError::Kind;

const core::ObjectName kCompanies{"companies"};

constexpr const char* kInUse = R"json({"results":[
  {"name":"name","label":"Company name","type":"string","fieldType":"text","options":[]},
  {"name":"annualrevenue","label":"Annual revenue","type":"number","fieldType":"number"},
  {"name":"vip","label":"VIP","type":"bool","fieldType":"booleancheckbox",
   "options":[{"label":"Yes","value":"true"},{"label":"No","value":"false"}]},
  {"name":"old_flag","label":"Flag","type":"enumeration","fieldType":"booleancheckbox"},
  {"name":"renewal","label":"Renewal","type":"date","fieldType":"date"},
  {"name":"createdate","label":"Created","type":"datetime","fieldType":"date"},
  {"name":"industry","label":"Industry","type":"enumeration","fieldType":"select","options":[
    {"label":"Computer Software","value":"COMPUTER_SOFTWARE","hidden":false},
    {"label":"Old one","value":"OLD","hidden":true},
    {"value":"BARE"},{"label":"no value"}]},
  {"name":"segments","label":"Segments","type":"enumeration","fieldType":"checkbox",
   "options":[{"label":"Start-up","value":"startup"}]},
  {"name":"hubspot_owner_id","label":"Owner","type":"enumeration","fieldType":"select",
   "externalOptions":true,"options":[]},
  {"name":"shape","label":"Shape","type":"object_coordinates","fieldType":"text"},
  {"label":"without a name","type":"string"}]})json";
constexpr const char* kArchived =
    R"({"results":[{"name":"fax","label":"Fax","type":"string","archived":true}]})";

ReadResult<core::Catalogue> describe(ScriptedTransport& transport) {
  return test::make_hubspot_source()->describe(kCompanies, transport,
                                               core::from_ms(1'767'225'600'000));
}

TEST(HubspotCatalogue, asks_for_the_properties_in_use_and_for_the_archived_ones) {
  ScriptedTransport transport(
      {answer(200, kInUse), answer(200, kArchived), answer(403, "{}"), answer(403, "{}")});
  ASSERT_TRUE(describe(transport)) << "not every account has sensitive properties";
  ASSERT_EQ(transport.requests.size(), 4U);
  EXPECT_EQ(transport.requests[0].method, "GET");
  EXPECT_EQ(transport.requests[0].url,
            "http://crm.test/crm/v3/properties/companies?archived=false");
  EXPECT_EQ(transport.requests[1].url, "http://crm.test/crm/v3/properties/companies?archived=true");
  EXPECT_EQ(transport.requests[2].url,
            "http://crm.test/crm/v3/properties/companies?archived=false&dataSensitivity=sensitive");
  EXPECT_TRUE(transport.requests[3].url.ends_with("&dataSensitivity=highly_sensitive"));
  EXPECT_EQ(core::find_header(transport.requests[1].headers, "Authorization"), "Bearer pat-test");
}

TEST(HubspotCatalogue, has_the_sensitive_properties_or_none) {
  ScriptedTransport transport({answer(200, kInUse), answer(200, kArchived),
                               answer(200, R"({"results":[{"name":"iban","type":"string"}]})"),
                               answer(200, R"({"results":[]})")});
  const auto catalogue = describe(transport);
  ASSERT_TRUE(catalogue);
  EXPECT_NE(catalogue->find("iban"), nullptr);

  ScriptedTransport cut({answer(200, kInUse), answer(200, kArchived), answer(502, "")});
  const auto broken = describe(cut);
  ASSERT_FALSE(broken) << "what is only perhaps missing must not be taken for missing";
  EXPECT_EQ(broken.error().kind, Kind::transient);
}

TEST(HubspotCatalogue, gives_each_property_its_label_type_and_options) {
  ScriptedTransport transport(
      {answer(200, kInUse), answer(200, kArchived), answer(400, "{}"), answer(400, "{}")});
  const auto catalogue = describe(transport);
  ASSERT_TRUE(catalogue);
  EXPECT_EQ(catalogue->root, "properties");
  EXPECT_TRUE(catalogue->texts);
  EXPECT_EQ(catalogue->fields.size(), 11U);
  const std::pair<const char*, FieldType> kTypes[] = {{"name", FieldType::text},
                                                      {"annualrevenue", FieldType::number},
                                                      {"vip", FieldType::boolean},
                                                      {"old_flag", FieldType::boolean},
                                                      {"renewal", FieldType::date},
                                                      {"createdate", FieldType::datetime},
                                                      {"industry", FieldType::choice},
                                                      {"segments", FieldType::choices},
                                                      {"hubspot_owner_id", FieldType::text},
                                                      {"shape", FieldType::text}};
  for (const auto& [name, type] : kTypes) {
    ASSERT_NE(catalogue->find(name), nullptr) << name;
    EXPECT_EQ(core::to_text(catalogue->find(name)->type), core::to_text(type)) << name;
    EXPECT_FALSE(catalogue->find(name)->archived) << name;
  }
  const core::Field& industry = *catalogue->find("industry");
  EXPECT_EQ(industry.label, "Industry");
  const std::map<std::string, std::string, std::less<>> options = {
      {"COMPUTER_SOFTWARE", "Computer Software"}, {"OLD", "Old one"}, {"BARE", "BARE"}};
  EXPECT_EQ(industry.options, options);
  ASSERT_NE(catalogue->find("fax"), nullptr);
  EXPECT_TRUE(catalogue->find("fax")->archived);
}

TEST(HubspotCatalogue, a_refusal_names_the_scope_to_add) {
  const struct {
    const char* body;
    const char* scopes;
  } kCases[] = {
      {R"({"category":"MISSING_SCOPES","errors":[{"message":"x","context":
          {"requiredGranularScopes":["crm.schemas.companies.read","crm.objects.companies.read"],
           "requiredScopes":["contacts"]}}]})",
       "add crm.schemas.companies.read or crm.objects.companies.read to the scopes"},
      {R"({"category":"MISSING_SCOPES","context":{"missingScopes":["crm.schemas.companies.read"]}})",
       "add crm.schemas.companies.read to the scopes"},
      {R"({"category":"MISSING_SCOPES","errors":[{"context":{"requiredScopes":["contacts"]}}]})",
       "add contacts to the scopes"},
      {R"({"category":"MISSING_SCOPES","errors":[{"context":{"requiredScopes":["Ada <a@b.test>"]}}]})",
       "answered 403 MISSING_SCOPES"},
      {R"({"category":"MISSING_SCOPES"})", "answered 403 MISSING_SCOPES"}};
  for (const auto& row : kCases) {
    ScriptedTransport transport({answer(403, row.body)});
    const auto catalogue = describe(transport);
    ASSERT_FALSE(catalogue);
    EXPECT_EQ(catalogue.error().kind, Kind::rejected);
    EXPECT_NE(catalogue.error().reason.find(row.scopes), std::string::npos)
        << catalogue.error().reason;
    EXPECT_EQ(catalogue.error().reason.find("Ada"), std::string::npos);
  }
}

TEST(HubspotCatalogue, an_answer_without_properties_is_tried_again) {
  for (const char* body : {"{}", R"({"results":{}})", "<html>"}) {
    ScriptedTransport transport({answer(200, body)});
    const auto catalogue = describe(transport);
    ASSERT_FALSE(catalogue) << body;
    EXPECT_EQ(catalogue.error().kind, Kind::transient);
  }
}

TEST(HubspotCatalogue, other_objects_are_not_asked_for) {
  ScriptedTransport transport(std::vector<core::HttpResponse>{});
  const auto catalogue =
      test::make_hubspot_source()->describe(core::ObjectName("deals"), transport, core::from_ms(0));
  ASSERT_FALSE(catalogue);
  EXPECT_EQ(catalogue.error().kind, Kind::rejected);
  EXPECT_TRUE(transport.requests.empty());
}

TEST(HubspotCatalogue, is_read_from_the_local_hubspot) {
  core::SystemClock clock;
  sandbox::SampleCrm crm({.access_token = "pat-test"}, clock);
  crm.define_property("companies", "fax",
                      {.label = "Fax", .type = "string", .field_type = "text", .archived = true});
  http::PooledTransport transport(clock);
  SourceSettings settings;
  settings.name = core::SourceName("hubspot");
  settings.texts = {{"base_url", crm.url()}};
  settings.secrets = {{"access_token", core::Secret("pat-test")}};
  crm.define_property(
      "companies", "iban",
      {.label = "IBAN", .type = "string", .field_type = "text", .sensitivity = "sensitive"});
  const auto source = find_type("hubspot")->make(settings);
  const auto catalogue = source->describe(kCompanies, transport, clock.wall_now());
  ASSERT_TRUE(catalogue) << catalogue.error().reason;
  EXPECT_EQ(catalogue->find("industry")->options.at("COMPUTER_SOFTWARE"), "Computer Software");
  EXPECT_EQ(catalogue->find("segments")->type, FieldType::choices);
  EXPECT_TRUE(catalogue->find("fax")->archived);
  EXPECT_EQ(catalogue->find("iban")->label, "IBAN");

  crm.set_scope("crm.schemas.companies.read", false);
  const auto refused = source->describe(kCompanies, transport, clock.wall_now());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().reason.find("add crm.schemas.companies.read to"), std::string::npos);
}

TEST(CsvCatalogue, holds_the_columns_of_the_first_row_as_texts) {
  const test::TempDir folder;
  std::ofstream(folder / "t.csv") << "id,Company Name,,id\n1,Acme,x,y\n";
  SourceSettings settings;
  settings.name = core::SourceName("table");
  settings.texts = {{"path", (folder / "t.csv").string()}};
  settings.objects = {{.name = core::ObjectName("rows"), .id = "id"}};
  const auto source = find_type("csv")->make(settings);
  ScriptedTransport none(std::vector<core::HttpResponse>{});
  EXPECT_EQ(source->catalogue_root(), "");
  const auto catalogue = source->describe(core::ObjectName("rows"), none, core::from_ms(0));
  ASSERT_TRUE(catalogue) << catalogue.error().reason;
  EXPECT_EQ(catalogue->root, "");
  ASSERT_EQ(catalogue->fields.size(), 2U);
  EXPECT_EQ(catalogue->find("Company Name")->label, "Company Name");
  EXPECT_EQ(catalogue->find("Company Name")->type, FieldType::text);
  EXPECT_FALSE(source->describe(core::ObjectName("other"), none, core::from_ms(0)));
  std::filesystem::remove(folder / "t.csv");
  const auto gone = source->describe(core::ObjectName("rows"), none, core::from_ms(0));
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.error().reason.find("no such file"), std::string::npos);
}

TEST(WebhookCatalogue, a_source_that_says_nowhere_what_it_sends_has_none) {
  SourceSettings settings;
  settings.name = core::SourceName("product");
  settings.objects = {{.name = core::ObjectName("logins"), .id = "id"}};
  settings.verify = {.scheme = "standard-webhooks",
                     .secrets = {core::Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}};
  const auto source = find_type("webhook")->make(settings);
  ScriptedTransport none(std::vector<core::HttpResponse>{});
  EXPECT_FALSE(source->catalogue_root());
  const auto catalogue = source->describe(core::ObjectName("logins"), none, core::from_ms(0));
  ASSERT_FALSE(catalogue);
  EXPECT_EQ(catalogue.error().kind, Kind::rejected);
}

}  // namespace
}  // namespace assembly_sync::connectors
