#include "daemon/sandbox/sample_crm.hpp"

#include <set>

#include <gmock/gmock.h>

#include "tests/unit/daemon/sandbox/wire.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using sandbox::SampleCrm;
using sandbox::SampleCrmOptions;
using testing::ElementsAre;

class SampleCrmTest : public testing::Test {
 protected:
  std::vector<std::string> ids(const Value& answer) {
    std::vector<std::string> out;
    for (const Value& record : answer.at("results").as_list()) out.push_back(record.text_or("id"));
    return out;
  }
  WireAnswer search(const std::string& object, const std::string& body) {
    return wire.post("/crm/v3/objects/" + object + "/search", body);
  }
  std::vector<std::string> found(const std::string& filter) {
    const WireAnswer answer =
        search("companies", R"({"filterGroups":[{"filters":[)" + filter + R"(]}],"limit":200})");
    EXPECT_EQ(answer.status, 200) << answer.text;
    return ids(answer.body);
  }

  ManualClock clock;
  SampleCrm crm{SampleCrmOptions{}, clock};
  Wire wire{crm.url(), "Bearer sample-token"};
};

TEST_F(SampleCrmTest, AnotherTokenIsAnswered401) {
  for (const char* wrong : {"", "sample-token", "Bearer other"}) {
    const WireAnswer answer = Wire(crm.url(), wrong).get("/crm/v3/objects/companies");
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body.text_or("category"), "INVALID_AUTHENTICATION");
    EXPECT_EQ(answer.body.text_or("status"), "error");
    EXPECT_FALSE(answer.body.text_or("correlationId").empty());
  }
}

TEST_F(SampleCrmTest, PopulateInventsUniqueRecordsOnReservedDomains) {
  crm.populate(2000, 3000);
  std::set<std::string> domains;
  int customers = 0;
  for (const Value& company : crm.records("companies")) {
    const std::string domain = company.at("properties").text_or("domain");
    EXPECT_TRUE(domain.ends_with(".test") || domain.ends_with(".example")) << domain;
    domains.insert(domain);
    customers += company.at("properties").text_or("lifecyclestage") == "customer" ? 1 : 0;
  }
  EXPECT_EQ(domains.size(), 2000U);
  EXPECT_GT(customers, 1500);
  EXPECT_LT(customers, 1700);
  std::set<std::string> emails;
  for (const Value& contact : crm.records("contacts")) {
    emails.insert(contact.at("properties").text_or("email"));
    EXPECT_FALSE(contact.at("properties").text_or("associatedcompanyid").empty());
  }
  EXPECT_EQ(emails.size(), 3000U);
  EXPECT_TRUE(crm.take_events().empty());
}

TEST_F(SampleCrmTest, PopulateIsTheSameForTheSameSeed) {
  SampleCrm twin(SampleCrmOptions{}, clock);
  SampleCrmOptions other;
  other.seed = 2;
  SampleCrm stranger(other, clock);
  for (SampleCrm* one : {&crm, &twin, &stranger}) one->populate(20, 20);
  EXPECT_EQ(crm.records("contacts"), twin.records("contacts"));
  EXPECT_NE(crm.records("contacts"), stranger.records("contacts"));
}

TEST_F(SampleCrmTest, TheListIsPagedByIdAndLosesNothing) {
  crm.populate(23, 0);
  std::vector<std::string> seen;
  std::string after;
  do {
    const WireAnswer page =
        wire.get("/crm/v3/objects/companies?limit=10" + (after.empty() ? "" : "&after=" + after));
    ASSERT_EQ(page.status, 200);
    for (std::string& id : ids(page.body)) seen.push_back(std::move(id));
    after = page.body.at("paging").at("next").text_or("after");
  } while (!after.empty());
  ASSERT_EQ(seen.size(), 23U);
  EXPECT_EQ(seen.front(), "1");
  EXPECT_EQ(seen.back(), "23");
  EXPECT_EQ(wire.get("/crm/v3/objects/companies?limit=101").status, 400);
}

TEST_F(SampleCrmTest, ValuesAreTextOrNullAndUnknownNamesAreLeftOut) {
  crm.create("companies", {{"name", "Acme"}, {"annualrevenue", "1200"}});
  const WireAnswer page = wire.get(
      "/crm/v3/objects/companies?properties=name,annualrevenue,city&properties=no_such_property");
  const Value& record = page.body.at("results").as_list().at(0);
  EXPECT_EQ(record.at("properties").at("annualrevenue"), Value("1200"));
  EXPECT_NE(record.at("properties").find("city"), nullptr);
  EXPECT_TRUE(record.at("properties").at("city").is_null());
  EXPECT_EQ(record.at("properties").find("no_such_property"), nullptr);
  EXPECT_EQ(record.at("properties").text_or("hs_object_id"), "1");
  EXPECT_EQ(record.at("properties").text_or("hs_lastmodifieddate"), record.text_or("updatedAt"));
  EXPECT_EQ(record.text_or("updatedAt"), "2026-01-01T00:00:00.500Z");
}

TEST_F(SampleCrmTest, OneListShowsLiveOrArchivedRecordsOnly) {
  const std::string kept = crm.create("companies", {{"name", "Kept"}});
  const std::string gone = crm.create("companies", {{"name", "Gone"}});
  crm.archive("companies", gone);
  EXPECT_THAT(ids(wire.get("/crm/v3/objects/companies").body), ElementsAre(kept));
  const Value archived = wire.get("/crm/v3/objects/companies?archived=true").body;
  EXPECT_THAT(ids(archived), ElementsAre(gone));
  EXPECT_TRUE(archived.at("results").as_list()[0].at("archived").as_bool());
  EXPECT_FALSE(archived.at("results").as_list()[0].text_or("archivedAt").empty());
  EXPECT_EQ(wire.get("/crm/v3/objects/companies/" + gone).status, 404);
  EXPECT_EQ(wire.get("/crm/v3/objects/companies/" + gone + "?archived=true").status, 200);
}

TEST_F(SampleCrmTest, ASingleGetResolvesMergedIdsAndABatchDoesNot) {
  const std::string a = crm.create("companies", {{"name", "A"}});
  const std::string b = crm.create("companies", {{"name", "B"}});
  const std::string survivor = crm.merge("companies", a, b);
  EXPECT_EQ(wire.get("/crm/v3/objects/companies/" + b).body.text_or("id"), survivor);
  const WireAnswer batch = wire.post(
      "/crm/v3/objects/companies/batch/read",
      R"({"properties":["name"],"inputs":[{"id":")" + survivor + R"("},{"id":")" + b + R"("}]})");
  EXPECT_EQ(batch.status, 207);
  EXPECT_THAT(ids(batch.body), ElementsAre(survivor));
  EXPECT_EQ(batch.body.at("errors").as_list()[0].at("context").at("ids"),
            Value(Value::List{Value(b)}));
}

TEST_F(SampleCrmTest, ABatchTakesAHundredIds) {
  const auto body_of = [](int count) {
    std::string inputs;
    for (int i = 1; i <= count; ++i) {
      inputs += (i > 1 ? "," : "") + (R"({"id":")" + std::to_string(i) + "\"}");
    }
    return R"({"properties":[],"inputs":[)" + inputs + "]}";
  };
  crm.populate(100, 0);
  const WireAnswer full = wire.post("/crm/v3/objects/companies/batch/read", body_of(100));
  EXPECT_EQ(full.status, 200);
  EXPECT_EQ(full.body.at("results").as_list().size(), 100U);
  EXPECT_EQ(wire.post("/crm/v3/objects/companies/batch/read", body_of(101)).status, 400);
}

TEST_F(SampleCrmTest, SearchFiltersByEachOperator) {
  crm.create("companies", {{"name", "Acme"}, {"annualrevenue", "900"}, {"tier", "gold"}});
  crm.create("companies", {{"name", "Beta"}, {"annualrevenue", "1000"}, {"tier", "silver"}});
  crm.create("companies", {{"name", "Gamma"}});
  const auto revenue = [](const std::string& op, const std::string& rest) {
    return R"({"propertyName":"annualrevenue","operator":")" + op + "\"" + rest + "}";
  };
  EXPECT_THAT(found(revenue("EQ", R"(,"value":"900")")), ElementsAre("1"));
  EXPECT_THAT(found(revenue("GT", R"(,"value":"900")")), ElementsAre("2"));
  EXPECT_THAT(found(revenue("GTE", R"(,"value":"900")")), ElementsAre("1", "2"));
  EXPECT_THAT(found(revenue("LT", R"(,"value":"1000")")), ElementsAre("1"));
  EXPECT_THAT(found(revenue("LTE", R"(,"value":"1000")")), ElementsAre("1", "2"));
  EXPECT_THAT(found(revenue("BETWEEN", R"(,"value":"950","highValue":"1000")")), ElementsAre("2"));
  EXPECT_THAT(found(revenue("HAS_PROPERTY", "")), ElementsAre("1", "2"));
  EXPECT_THAT(found(revenue("NOT_HAS_PROPERTY", "")), ElementsAre("3"));
  EXPECT_THAT(found(R"({"propertyName":"tier","operator":"IN","values":["gold","silver"]})"),
              ElementsAre("1", "2"));
  EXPECT_THAT(found(R"({"propertyName":"tier","operator":"EQ","value":"GOLD"})"), ElementsAre());
  EXPECT_THAT(found(R"({"propertyName":"name","operator":"EQ","value":"acme"})"), ElementsAre("1"));
}

TEST_F(SampleCrmTest, SearchComparesTimesInMilliseconds) {
  const std::string id = crm.create("companies", {{"name", "Acme"}});
  const std::int64_t now = core::to_ms(clock.wall_now());
  const auto since = [&](std::int64_t ms) {
    return found(R"({"propertyName":"hs_lastmodifieddate","operator":"GTE","value":")" +
                 std::to_string(ms) + "\"}");
  };
  EXPECT_THAT(since(now), ElementsAre(id));
  EXPECT_THAT(since(now + 1), ElementsAre());
  crm.update("companies", id, {{"city", "Cork"}});
  EXPECT_THAT(since(now + 1), ElementsAre(id));
}

TEST_F(SampleCrmTest, ContactsAreFoundByLastmodifieddateNotByTheOtherOne) {
  crm.populate(1, 3);
  const auto total = [&](const std::string& property) {
    return search("contacts", R"({"filterGroups":[{"filters":[{"propertyName":")" + property +
                                  R"(","operator":"GTE","value":"0"}]}]})")
        .body.at("total");
  };
  EXPECT_EQ(total("lastmodifieddate"), Value(3));
  EXPECT_EQ(total("hs_lastmodifieddate"), Value(0));
}

TEST_F(SampleCrmTest, SearchPagesAndSortsNumericallyById) {
  crm.populate(25, 0);
  const WireAnswer first =
      search("companies",
             R"({"sorts":[{"propertyName":"hs_object_id","direction":"ASCENDING"}],"limit":20})");
  EXPECT_EQ(first.body.at("total"), Value(25));
  EXPECT_EQ(ids(first.body).at(1), "2");
  EXPECT_EQ(ids(first.body).at(9), "10");
  EXPECT_EQ(first.body.at("paging").at("next").text_or("after"), "20");
  const WireAnswer second = search("companies", R"({"limit":20,"after":"20"})");
  EXPECT_EQ(ids(second.body).size(), 5U);
  EXPECT_EQ(second.body.find("paging"), nullptr);
  const WireAnswer newest =
      search("companies",
             R"({"sorts":[{"propertyName":"hs_lastmodifieddate","direction":"DESCENDING"}]})");
  EXPECT_EQ(ids(newest.body).front(), "25");
}

TEST_F(SampleCrmTest, SearchReachesTenThousandRows) {
  crm.populate(10'001, 0);
  const WireAnswer last = search("companies", R"({"limit":200,"after":"9800"})");
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.body.at("total"), Value(10'001));
  EXPECT_EQ(last.body.at("paging").at("next").text_or("after"), "10000");
  const WireAnswer beyond = search("companies", R"({"limit":200,"after":"10000"})");
  EXPECT_EQ(beyond.status, 400);
  EXPECT_EQ(beyond.body.text_or("category"), "VALIDATION_ERROR");
}

TEST_F(SampleCrmTest, SearchRefusesWhatHubSpotRefuses) {
  const std::string filter = R"({"propertyName":"name","operator":"EQ","value":"a"})";
  const std::string unknown_property = R"({"propertyName":"nope","operator":"EQ","value":"a"})";
  const std::string unknown_operator = R"({"propertyName":"name","operator":"LIKE","value":"a"})";
  std::string seven = filter;
  for (int i = 0; i < 6; ++i) seven += "," + filter;
  std::string six_groups;
  for (int i = 0; i < 6; ++i) six_groups += std::string(i > 0 ? "," : "") + R"({"filters":[]})";
  for (const std::string& body :
       {R"({"filterGroups":[{"filters":[)" + seven + "]}]}",
        R"({"filterGroups":[)" + six_groups + "]}", std::string(R"({"limit":201})"),
        std::string(R"({"sorts":["name","domain"]})"), std::string("[]"), std::string("{"),
        std::string(R"({"colour":"red"})"), R"({"query":")" + std::string(3000, 'x') + "\"}",
        R"({"filterGroups":[{"filters":[)" + unknown_property + "]}]}",
        R"({"filterGroups":[{"filters":[)" + unknown_operator + "]}]}"}) {
    EXPECT_EQ(search("companies", body).status, 400) << body.substr(0, 100);
  }
}

TEST_F(SampleCrmTest, SearchNeverFindsArchivedRecords) {
  const std::string id = crm.create("companies", {{"name", "Acme"}});
  crm.archive("companies", id);
  EXPECT_EQ(search("companies", "{}").body.at("total"), Value(0));
  crm.restore("companies", id);
  EXPECT_EQ(search("companies", "{}").body.at("total"), Value(1));
}

TEST_F(SampleCrmTest, AssociationsCarryThePrimaryAndThePlainType) {
  const std::string a = crm.create("companies", {{"name", "A"}});
  const std::string b = crm.create("companies", {{"name", "B"}});
  const std::string ada =
      crm.create("contacts", {{"email", "ada@a.test"}, {"associatedcompanyid", a}});
  crm.set_primary_company(ada, b);
  const std::string loner = crm.create("contacts", {{"email", "x@a.test"}});
  const WireAnswer answer =
      wire.post("/crm/v4/associations/contacts/companies/batch/read",
                R"({"inputs":[{"id":")" + ada + R"("},{"id":")" + loner + R"("}]})");
  EXPECT_EQ(answer.status, 207);
  ASSERT_EQ(answer.body.at("results").as_list().size(), 1U);
  const auto& to = answer.body.at("results").as_list()[0].at("to").as_list();
  ASSERT_EQ(to.size(), 2U);
  EXPECT_EQ(to[0].at("toObjectId"), Value(1));
  ASSERT_EQ(to[0].at("associationTypes").as_list().size(), 1U);
  EXPECT_EQ(to[0].at("associationTypes").as_list()[0].at("typeId"), Value(279));
  EXPECT_EQ(to[1].at("toObjectId"), Value(2));
  ASSERT_EQ(to[1].at("associationTypes").as_list().size(), 2U);
  EXPECT_EQ(to[1].at("associationTypes").as_list()[0].at("typeId"), Value(1));
  EXPECT_EQ(answer.body.at("errors").as_list()[0].at("context").at("fromObjectId"),
            Value(Value::List{Value(loner)}));
}

TEST_F(SampleCrmTest, AssociationsOfACompanyWithManyContactsArePaged) {
  crm.populate(1, 501);
  const auto read = [&](const std::string& after) {
    return wire
        .post("/crm/v4/associations/companies/contacts/batch/read",
              R"({"inputs":[{"id":"1")" + after + "}]}")
        .body.at("results")
        .as_list()
        .at(0);
  };
  const Value first = read("");
  EXPECT_EQ(first.at("to").as_list().size(), 500U);
  const std::string after = first.at("paging").at("next").text_or("after");
  const Value second = read(R"(,"after":")" + after + "\"");
  EXPECT_EQ(second.at("to").as_list().size(), 1U);
  EXPECT_EQ(second.find("paging"), nullptr);
}

TEST_F(SampleCrmTest, AListShowsAssociationsWhenAsked) {
  crm.populate(1, 1);
  const Value plain = wire.get("/crm/v3/objects/contacts").body.at("results").as_list().at(0);
  EXPECT_EQ(plain.find("associations"), nullptr);
  const Value full = wire.get("/crm/v3/objects/contacts?associations=companies")
                         .body.at("results")
                         .as_list()
                         .at(0);
  EXPECT_EQ(full.at("associations").at("companies").at("results").as_list().at(0),
            Value::object({{"id", "1"}, {"type", "contact_to_company"}}));
}

TEST_F(SampleCrmTest, PropertiesAndOwnersAreListed) {
  const WireAnswer properties = wire.get("/crm/v3/properties/companies");
  std::set<std::string> names;
  for (const Value& one : properties.body.at("results").as_list())
    names.insert(one.text_or("name"));
  EXPECT_TRUE(names.contains("annualrevenue"));
  EXPECT_TRUE(names.contains("tier"));
  EXPECT_TRUE(wire.get("/crm/v3/owners").body.at("results").as_list().empty());
}

TEST_F(SampleCrmTest, AUrlWithTooManyPropertiesIsAnswered414) {
  EXPECT_EQ(wire.get("/crm/v3/objects/companies?properties=" + std::string(16'000, 'x')).status,
            414);
}

TEST_F(SampleCrmTest, UnknownPathsAre404InHubSpotsShape) {
  for (const char* target : {"/crm/v3/objects/tickets", "/crm/v3/objects/companies/99",
                             "/crm/v3/objects/companies/abc", "/nothing"}) {
    const WireAnswer answer = wire.get(target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_EQ(answer.body.text_or("status"), "error") << target;
  }
}

TEST_F(SampleCrmTest, OptionsHaveValuesAndLabels) {
  const WireAnswer answer = wire.get("/crm/v3/properties/companies");
  for (const Value& one : answer.body.at("results").as_list()) {
    if (one.text_or("name") != "industry") continue;
    const Value& option = one.at("options").as_list().at(0);
    EXPECT_EQ(option.text_or("value"), "COMPUTER_SOFTWARE");
    EXPECT_EQ(option.text_or("label"), "Computer Software");
    return;
  }
  FAIL() << "there is no industry";
}

TEST_F(SampleCrmTest, ArchivedPropertiesAreListedByThemselvesAndNotShown) {
  crm.populate(1, 0);
  crm.define_property("companies", "city",
                      {.label = "City", .type = "string", .field_type = "text", .archived = true});
  const auto names = [&](const std::string& archived) {
    std::set<std::string> out;
    const WireAnswer answer = wire.get("/crm/v3/properties/companies?archived=" + archived);
    for (const Value& one : answer.body.at("results").as_list()) out.insert(one.text_or("name"));
    return out;
  };
  EXPECT_EQ(names("true"), std::set<std::string>{"city"});
  EXPECT_FALSE(names("false").contains("city"));
  const WireAnswer record = wire.get("/crm/v3/objects/companies/1?properties=name,city");
  EXPECT_EQ(record.body.at("properties").find("city"), nullptr);
}

TEST_F(SampleCrmTest, ATokenWithoutAScopeIsToldWhich) {
  crm.set_scope("crm.schemas.companies.read", false);
  const WireAnswer refused = wire.get("/crm/v3/properties/companies");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body.text_or("category"), "MISSING_SCOPES");
  EXPECT_EQ(refused.body.at("errors").as_list().at(0).at("context").at("requiredGranularScopes"),
            Value(Value::List{"crm.schemas.companies.read"}));
  EXPECT_EQ(wire.get("/crm/v3/properties/contacts").status, 200);
  EXPECT_EQ(wire.get("/crm/v3/objects/companies").status, 200);
  crm.set_scope("crm.schemas.companies.read", true);
  EXPECT_EQ(wire.get("/crm/v3/properties/companies").status, 200);
  crm.set_scope("crm.objects.contacts.read", false);
  EXPECT_EQ(wire.post("/crm/v3/objects/contacts/batch/read", "{}").status, 403);
}

TEST_F(SampleCrmTest, CallsAreCountedByPathWithoutIds) {
  crm.populate(2, 0);
  wire.get("/crm/v3/objects/companies/1");
  wire.get("/crm/v3/objects/companies/2?properties=name");
  wire.get("/crm/v3/objects/companies");
  EXPECT_THAT(crm.calls(), ElementsAre(std::pair("GET /crm/v3/objects/companies", 1),
                                       std::pair("GET /crm/v3/objects/companies/{id}", 2)));
}

TEST_F(SampleCrmTest, FaultsAreUsedUp) {
  crm.add_fault("/search", 429, 1, {{"Retry-After", "1"}});
  EXPECT_EQ(wire.get("/crm/v3/objects/companies").status, 200);
  const WireAnswer limited = search("companies", "{}");
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.body.text_or("policyName"), "SECONDLY");
  EXPECT_EQ(core::find_header(limited.headers, "Retry-After"), "1");
  EXPECT_EQ(search("companies", "{}").status, 200);
}

TEST_F(SampleCrmTest, AWebhookIsCompactAndSignedForThePublicUrl) {
  crm.create("companies", {{"name", "Acme"}});
  const core::HttpRequest hook =
      crm.webhook(crm.take_events(), "https://sync.example.test/hooks/hubspot",
                  "http://127.0.0.1:1/hooks/hubspot");
  EXPECT_EQ(hook.method, "POST");
  EXPECT_EQ(hook.url, "http://127.0.0.1:1/hooks/hubspot");
  EXPECT_EQ(hook.body.find(' '), std::string::npos);
  EXPECT_TRUE(core::parse_json(hook.body)->is_list());
  EXPECT_EQ(core::find_header(hook.headers, "X-HubSpot-Request-Timestamp"), "1767225600500");
  EXPECT_EQ(core::find_header(hook.headers, "X-HubSpot-Signature-Version"), "v1");
  EXPECT_EQ(core::find_header(hook.headers, "X-HubSpot-Signature")->size(), 64U);
  EXPECT_EQ(core::find_header(hook.headers, "X-HubSpot-Signature-v3")->size(), 44U);
  EXPECT_TRUE(crm.take_events().empty());
}

TEST_F(SampleCrmTest, MisusedControlsThrow) {
  EXPECT_THROW(crm.create("tickets", {}), std::invalid_argument);
  EXPECT_THROW(crm.archive("companies", "9"), std::invalid_argument);
  EXPECT_THROW(crm.merge("companies", "1", "2"), std::invalid_argument);
  EXPECT_THROW(crm.populate(0, 1), std::invalid_argument);
  EXPECT_FALSE(crm.update("companies", "9", {}));
}

}  // namespace
}  // namespace assembly_sync::test
