// Usage logs in every reading, and rules that need more than one endpoint.
#include <tuple>

#include <gmock/gmock.h>

#include "tests/unit/daemon/sandbox/local_api.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::ElementsAre;

std::string log_of(const std::string& more, const std::string& timestamp = "2025-03-20T15:30:00Z") {
  return R"({"timestamp":")" + timestamp + R"(","content":"c","attribute":"L",)" + more + "}";
}

int add_status(std::initializer_list<std::string_view> switches, const std::string& body) {
  return LocalApi(with(switches)).post("/usage", body).status;
}

TEST(UsageReadings, Q11_TheSameLogAgainIsASecondOrTheSame) {
  for (const bool once : {false, true}) {
    LocalApi api(with({once ? "same_log=once" : "same_log=twice"}));
    const std::string id = api.post("/usage", log_of(R"("type":"Action")")).id();
    EXPECT_EQ(api.post("/usage", log_of(R"("type":"Action")")).id() == id, once);
    EXPECT_NE(api.post("/usage", log_of(R"("type":"Action","metadata":{"n":1})")).id(), id);
  }
}

TEST(UsageReadings, Q11_AListMayHideMetadata) {
  for (const bool hidden : {false, true}) {
    LocalApi api(with({hidden ? "metadata_in_list=hidden" : "metadata_in_list=shown"}));
    const std::string id = api.post("/usage", log_of(R"("type":"Action","metadata":{"n":1})")).id();
    const Value listed = api.get("/usage").body.at("logs").at("data").as_list().at(0);
    EXPECT_EQ(listed.find("metadata") == nullptr, hidden);
    EXPECT_EQ(api.get("/usage/" + id).body.at("log").at("metadata"), json(R"({"n":1})"));
  }
}

TEST(UsageReadings, Q12_AValueIsKeptAsItCameNeverSummed) {
  LocalApi api;
  api.post("/usage", log_of(R"("type":"CumulativeMetric","value":20)"));
  api.post("/usage", log_of(R"("type":"CumulativeMetric","value":7.5)"));
  EXPECT_EQ(api.model().usage().at(0).at("value"), Value(7.5));
  EXPECT_EQ(api.model().usage().at(1).at("value"), Value(20));
}

TEST(UsageReadings, Q13_AValueIsANumberOrNotNegativeOrATextToo) {
  const std::string negative = log_of(R"("type":"Metric","value":-2.5)");
  const std::string text = log_of(R"("type":"Metric","value":"$20")");
  EXPECT_EQ(add_status({"usage_value=number"}, negative), 200);
  EXPECT_EQ(add_status({"usage_value=number"}, text), 400);
  EXPECT_EQ(add_status({"usage_value=not_negative"}, negative), 400);
  EXPECT_EQ(add_status({"usage_value=text_too"}, text), 200);
  EXPECT_EQ(add_status({"usage_value=text_too"}, log_of(R"("type":"Metric","value":[])")), 400);
}

TEST(UsageReadings, Q14_TimestampsMayHaveToBeWholeSecondsInUtc) {
  for (const char* odd : {"2025-03-20T15:30:00.5Z", "2025-03-20T15:30:00+01:00"}) {
    EXPECT_EQ(add_status({}, log_of(R"("type":"Action")", odd)), 200) << odd;
    EXPECT_EQ(add_status({"timestamps=seconds"}, log_of(R"("type":"Action")", odd)), 400) << odd;
  }
  EXPECT_EQ(add_status({"timestamps=seconds"}, log_of(R"("type":"Action")")), 200);
}

TEST(UsageReadings, Q15_LogsOfTheFutureAndValuesOfActionsMayBeRefused) {
  const std::string future = log_of(R"("type":"Action")", "2999-01-01T00:00:00Z");
  const std::string valued = log_of(R"("type":"Action","value":1)");
  EXPECT_EQ(add_status({}, future), 200);
  EXPECT_EQ(add_status({"future_logs=refused"}, future), 400);
  EXPECT_EQ(add_status({"future_logs=refused"}, valued), 200);
  EXPECT_EQ(add_status({}, valued), 200);
  EXPECT_EQ(add_status({"action_value=refused"}, valued), 400);
}

TEST(UsageReadings, Q16_OfOneTimestampTheLastOrTheFirstComesFirst) {
  LocalApi api;
  const std::string a = api.post("/usage", log_of(R"("type":"Action")")).id();
  const std::string b = api.post("/usage", log_of(R"("type":"Action")")).id();
  const auto ids = [&] {
    std::vector<std::string> out;
    const Value page = api.get("/usage").body.at("logs");
    for (const Value& log : page.at("data").as_list()) out.push_back(log.text_or("id"));
    return out;
  };
  EXPECT_THAT(ids(), ElementsAre(b, a));
  api.set_switches(with({"tie_order=first_first"}));
  EXPECT_THAT(ids(), ElementsAre(a, b));
}

TEST(UsageReadings, Q26_NullInALogIsRefusedClearsOrIsIgnored) {
  const auto content_after = [](const char* assignment) {
    LocalApi api(with({assignment}));
    const std::string id = api.post("/usage", log_of(R"("type":"Action","metadata":{"n":1})")).id();
    const int status = api.put("/usage/" + id, R"({"metadata":null})").status;
    const Value log = api.get("/usage/" + id).body.at("log");
    return std::to_string(status) + (log.find("metadata") != nullptr ? " kept" : " gone");
  };
  EXPECT_EQ(content_after("null=refused"), "400 kept");
  EXPECT_EQ(content_after("null=clears"), "200 gone");
  EXPECT_EQ(content_after("null=ignored"), "200 kept");
}

TEST(Rules, A34_A88_FetchingOneIsNotPaged) {
  LocalApi api;
  api.company("Acme", "acme.test");
  api.post("/contacts", R"({"name":"A","domain":"a@acme.test","company_domain":"acme.test"})");
  for (const auto& [target, name] : {std::pair{"/accounts/acme.test?limit=1&offset=5", "account"},
                                     std::pair{"/contacts/a@acme.test?offset=5", "contact"}}) {
    const LocalAnswer answer = api.get(target);
    EXPECT_EQ(answer.status, 200);
    ASSERT_NE(answer.body.find(name), nullptr);
    EXPECT_EQ(answer.body.at(name).find("has_next_page"), nullptr);
  }
}

TEST(Rules, A36_AKeyIsNoSegmentOfAPath) {
  LocalApi api;
  api.company("Acme", "acme.test", R"(,"source_specific_ids":["crm-1"])");
  EXPECT_EQ(api.get("/accounts/crm-1").status, 404);
  EXPECT_EQ(api.get("/accounts?source_specific_id=crm-1").status, 200);
}

TEST(Rules, A45_A97_UpdateTakesWhateverCreateTakes) {
  LocalApi api;
  const std::string id = api.company("Old", "old.test");
  const std::string contact =
      api.post("/contacts", R"({"name":"A","domain":"a@old.test","company_domain":"old.test"})")
          .id();
  const Value both = json(R"({"name":"New","image_url":"https://cdn.test/a.png","phone":["123"],
      "contract_value":100.5,"contract_type":"Year","renewal_date":"2027-12-31",
      "trial_expiration_date":"2025-07-31","notes":"n","id_in_tool":"idA"})");
  Value company_only = both;
  company_only.set("type", "Company").set("domain", "acme.test").set("number_of_seats", 20);
  company_only.set("tier", api.label("Tier", "Gold"));
  company_only.set("company_type", api.label("CompanyType", "Retail"));
  Value contact_only = both;
  contact_only.set("domain", "b@old.test").set("role", "support");
  contact_only.set("stage", api.label("Stage", "Live"));
  for (const auto& [target, body, kind] :
       {std::tuple{"/accounts/" + id, company_only, sandbox::ItemKind::account},
        std::tuple{"/contacts/" + contact, contact_only, sandbox::ItemKind::contact}}) {
    ASSERT_EQ(api.put(target, core::dump_json(body)).status, 200) << target;
    const Value stored = api.model().items(kind).at(0);
    for (const auto& [name, value] : body.as_object()) EXPECT_EQ(stored.at(name), value) << name;
  }
}

TEST(Rules, A62_ContactsHaveEveryEndpointOfAccounts) {
  LocalApi api;
  api.company("Acme", "acme.test");
  const std::string ann = R"({"name":"A","domain":"a@acme.test","company_domain":"acme.test",)"
                          R"("source_specific_ids":["p"]})";
  EXPECT_EQ(api.post("/contacts", ann).status, 200);
  EXPECT_EQ(api.get("/contacts").status, 200);
  for (const char* address : {"/a@acme.test", "?source_specific_id=p"}) {
    EXPECT_EQ(api.get(std::string("/contacts") + address).status, 200);
    EXPECT_EQ(api.put(std::string("/contacts") + address, R"({"notes":"n"})").status, 200);
    EXPECT_EQ(api.put(std::string("/contacts/upsert") + address, R"({"notes":"m"})").status, 200);
  }
  EXPECT_EQ(api.remove("/contacts?source_specific_id=p").status, 200);
}

TEST(Rules, A26_A27_A77_A160_AHundredFromTheStartUnlessSaid) {
  LocalApi api;
  api.company("Acme", "acme.test");
  for (int i = 0; i < 101; ++i) {
    const std::string n = std::to_string(1000 + i);
    api.company("B" + n, "b" + n + ".test");
    api.post("/contacts", R"({"name":"P)" + n + R"(","domain":"p)" + n +
                              R"(@acme.test","company_domain":"acme.test"})");
    api.post("/usage", log_of(R"("type":"Action")"));
  }
  for (const auto& [target, name] :
       {std::pair{"/accounts", "accounts"}, std::pair{"/contacts", "contacts"},
        std::pair{"/usage", "logs"}, std::pair{"/contacts/company/acme.test", "contacts"}}) {
    const Value page = api.get(target).body.at(name);
    const Value same = api.get(std::string(target) + "?limit=100&offset=0").body.at(name);
    EXPECT_EQ(page, same) << target;
    EXPECT_EQ(page.at("data").as_list().size(), 100U) << target;
    EXPECT_EQ(page.at("has_next_page"), Value(true)) << target;
  }
}

}  // namespace
}  // namespace assembly_sync::test
