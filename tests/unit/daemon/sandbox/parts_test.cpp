// Additional properties, labels, usage logs: rules A113-A169 of the API notes.
#include <gmock/gmock.h>

#include "tests/unit/daemon/sandbox/local_api.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;

class Properties : public testing::Test {
 protected:
  Value read(const std::string& address) {
    return api.get("/add_props/accounts" + address).body.at("additional_properties");
  }
  LocalApi api;
  std::string id = api.company("Acme", "acme.test",
                               R"(,"source_specific_ids":["s"],"additional_properties":{"Old":1})");
};

TEST_F(Properties, A114_A116_A117_A119_CreateByEachName) {
  int number = 0;
  for (const std::string& address :
       {"/" + id, std::string("/acme.test"), std::string("?source_specific_id=s")}) {
    const std::string name = "New Property " + std::to_string(++number);
    const LocalAnswer answer =
        api.post("/add_props/accounts" + address, "{\"" + name + "\":[\"a\",\"b\"]}");
    EXPECT_EQ(answer.body, Value::object({{"id", id}})) << answer.error();
    EXPECT_EQ(read(address).at(name), json(R"(["a","b"])"));
  }
}

TEST_F(Properties, A118_Q24_CreateOfAPresentOneAlreadyExistsAndChangesNothing) {
  const LocalAnswer answer = api.post("/add_props/accounts/" + id, R"({"New":1,"Old":2})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(answer.error(), HasSubstr("already exists"));
  EXPECT_EQ(read("/" + id), json(R"({"Old":1})"));
}

TEST_F(Properties, A120_A121_GetAnswersTheIdAndTheMap) {
  EXPECT_EQ(api.get("/add_props/accounts?source_specific_id=s").body,
            Value::object({{"id", id}, {"additional_properties", json(R"({"Old":1})")}}));
}

TEST_F(Properties, A122_A123_A124_A125_UpdateChangesAndAdds) {
  EXPECT_EQ(api.put("/add_props/accounts/" + id, R"({"Old":"x","New":7})").id(), id);
  EXPECT_EQ(read("/" + id), json(R"({"Old":"x","New":7})"));
}

TEST_F(Properties, A126_A127_A128_Q25_DeleteTakesNamesInItsBody) {
  api.put("/add_props/accounts/" + id, R"({"A":1,"B":2})");
  const LocalAnswer answer =
      api.remove("/add_props/accounts/acme.test", R"({"properties":["Old","A","none"]})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, Value::object());
  EXPECT_EQ(read("/" + id), json(R"({"B":2})"));
  EXPECT_EQ(api.remove("/add_props/accounts/acme.test").status, 400);
  EXPECT_EQ(api.remove("/add_props/accounts/acme.test", R"({"B":1})").status, 400);
}

TEST_F(Properties, A113_A115_EachItemHasItsOwn) {
  const std::string other = api.company("Other", "other.test");
  const std::string contact =
      api.post("/contacts", R"({"name":"A","domain":"a@acme.test","company_domain":"acme.test"})")
          .id();
  EXPECT_EQ(api.post("/add_props/contacts/a@acme.test", R"({"Old":9})").id(), contact);
  EXPECT_EQ(read("/" + id), json(R"({"Old":1})"));
  EXPECT_EQ(read("/" + other), json("{}"));
  EXPECT_EQ(api.get("/add_props/contacts/none@acme.test").status, 404);
}

TEST(Labels, A130_A131_A132_A133_CreateRequiresTypeNameAndColor) {
  LocalApi api;
  const std::string whole = R"({"type":"Tier","name":"Gold","color":"#545A92","description":"d"})";
  for (const std::string required : {"type", "name", "color"}) {
    Value body = json(whole);
    body.as_object().erase(required);
    EXPECT_EQ(api.post("/accounts/labels", core::dump_json(body)).error(),
              required + " is required");
  }
  for (const auto& [name, wrong] : {std::pair{"type", "tier"}, std::pair{"color", "545A92"},
                                    std::pair{"color", "#54"}, std::pair{"owner", "x"}}) {
    Value body = json(whole);
    body.set(name, wrong);
    EXPECT_EQ(api.post("/accounts/labels", core::dump_json(body)).status, 400) << name;
  }
  EXPECT_EQ(api.post("/accounts/labels", whole).status, 200);
}

TEST(Labels, A135_A136_A137_A138_A139_AllOfATypeOrOne) {
  LocalApi api;
  const std::string tier = api.label("Tier", "Gold");
  const std::string tag = api.label("AccountTag", "vip");
  api.label("CompanyType", "Retail");
  api.label("Stage", "Live");
  const auto count = [&](const std::string& segment) {
    return api.get("/accounts/labels" + segment).body.at("labels").as_list().size();
  };
  EXPECT_EQ(count(""), 4U);
  for (const char* segment : {"/tier", "/stage", "/company_type", "/tag"}) {
    EXPECT_EQ(count(segment), 1U) << segment;
  }
  EXPECT_EQ(
      api.get("/accounts/labels/" + tier).body.at("labels").as_list().at(0),
      Value::object({{"id", tier}, {"type", "Tier"}, {"name", "Gold"}, {"color", "#545A92"}}));
  EXPECT_EQ(api.get("/accounts/labels/none").status, 404);
}

TEST(Labels, A140_A142_A143_A144_A145_UpdateAndDelete) {
  LocalApi api;
  const std::string id = api.label("Tier", "Gold");
  EXPECT_EQ(api.put("/accounts/labels/" + id, R"({"name":"Platinum"})").id(), id);
  EXPECT_EQ(api.model().labels().at(0).text_or("name"), "Platinum");
  EXPECT_EQ(api.model().labels().at(0).text_or("color"), "#545A92");
  EXPECT_EQ(api.remove("/accounts/labels/" + id).body, Value::object());
  EXPECT_EQ(api.remove("/accounts/labels/" + id).status, 404);
  EXPECT_EQ(api.put("/accounts/labels/" + id, R"({"name":"x"})").status, 404);
}

TEST(Labels, Q23_ADeletedLabelIsTakenOffAccounts) {
  LocalApi api;
  const std::string tier = api.label("Tier", "Gold");
  const std::string tag = api.label("AccountTag", "vip");
  api.company("Acme", "acme.test", R"(,"tier":")" + tier + R"(","tags":[")" + tag + "\"]");
  api.remove("/accounts/labels/" + tier);
  api.remove("/accounts/labels/" + tag);
  const Value account = api.get("/accounts/acme.test").body.at("account");
  EXPECT_EQ(account.find("tier"), nullptr);
  EXPECT_TRUE(account.at("tags").as_list().empty());
}

class Usage : public testing::Test {
 protected:
  std::string add(const std::string& path, const std::string& timestamp,
                  const std::string& content = "logged in") {
    const LocalAnswer answer =
        api.post("/usage" + path, R"({"timestamp":")" + timestamp +
                                      R"(","type":"Action","attribute":"Login","content":")" +
                                      content + "\"}");
    EXPECT_EQ(answer.status, 200) << answer.error();
    return answer.id();
  }
  std::vector<std::string> ids(const std::string& path) {
    std::vector<std::string> out;
    const Value page = api.get("/usage" + path).body.at("logs");
    for (const Value& log : page.at("data").as_list()) {
      out.push_back(log.text_or("id"));
    }
    return out;
  }
  LocalApi api;
  std::string company = api.company("Acme", "acme.test", R"(,"source_specific_ids":["s"])");
};

TEST_F(Usage, A147_A148_A149_A150_RequiredAttributes) {
  const std::string whole = R"({"timestamp":"2025-03-20T15:30:00Z","type":"Action",)"
                            R"("content":"c","attribute":"Login","metadata":{"k":"v"}})";
  for (const std::string required : {"timestamp", "type", "content", "attribute"}) {
    Value body = json(whole);
    body.as_object().erase(required);
    EXPECT_EQ(api.post("/usage", core::dump_json(body)).error(), required + " is required");
  }
  for (const auto& [name, wrong] : {std::pair<const char*, Value>{"timestamp", "yesterday"},
                                    {"type", "Message"},
                                    {"content", 7},
                                    {"value", "20"},
                                    {"metadata", "x"},
                                    {"event_id", "1"}}) {
    Value body = json(whole);
    body.set(name, wrong);
    EXPECT_EQ(api.post("/usage", core::dump_json(body)).status, 400) << name;
  }
}

TEST_F(Usage, A151_A152_MetricsNeedAValue) {
  const std::string start =
      R"({"timestamp":"2025-03-20T15:30:00Z","content":"c","attribute":"Spend","type":)";
  EXPECT_EQ(api.post("/usage", start + R"("Metric"})").status, 400);
  EXPECT_EQ(api.post("/usage", start + R"("CumulativeMetric"})").status, 400);
  EXPECT_EQ(api.post("/usage", start + R"("Metric","value":20})").status, 200);
  EXPECT_EQ(api.post("/usage", start + R"("Action"})").status, 200);
}

TEST_F(Usage, A155_A156_A157_A158_I5_LogsAreTiedToTheItemInTheUrl) {
  const std::string contact =
      api.post("/contacts", R"({"name":"A","domain":"a@acme.test","company_domain":"acme.test",)"
                            R"("source_specific_ids":["c"]})")
          .id();
  const std::string loose = add("", "2025-01-01T00:00:00Z");
  const std::string of_account = add("/accounts/" + company, "2025-01-02T00:00:00Z");
  const std::string of_contact = add("/contacts?source_specific_id=c", "2025-01-03T00:00:00Z");
  EXPECT_EQ(ids(""), (std::vector<std::string>{of_contact, of_account, loose}));
  for (const std::string& address :
       {"/" + company, std::string("/acme.test"), std::string("?source_specific_id=s")}) {
    EXPECT_EQ(ids("/accounts" + address), std::vector<std::string>{of_account}) << address;
  }
  for (const std::string& address : {"/" + contact, std::string("/a@acme.test")}) {
    EXPECT_EQ(ids("/contacts" + address), std::vector<std::string>{of_contact}) << address;
  }
  EXPECT_EQ(api.get("/usage/accounts/none.test").status, 404);
}

TEST_F(Usage, A159_A160_A161_A162_NewestFirstAndPaged) {
  const std::string old = add("", "2025-01-01T00:00:00Z");
  const std::string late = add("", "2025-01-01T01:00:00+00:30");
  const std::string newest = add("", "2026-01-01T00:00:00Z");
  EXPECT_EQ(ids(""), (std::vector<std::string>{newest, late, old}));
  EXPECT_EQ(ids("?limit=1&offset=1"), std::vector<std::string>{late});
  EXPECT_TRUE(api.get("/usage?limit=1").body.at("logs").at("has_next_page").as_bool());
}

TEST_F(Usage, Q11_TheSameLogTwiceIsTwoLogs) {
  EXPECT_NE(add("", "2025-01-01T00:00:00Z"), add("", "2025-01-01T00:00:00Z"));
  EXPECT_EQ(api.model().usage().size(), 2U);
}

TEST_F(Usage, A163_A164_A165_A166_A167_UpdateIsPartialButReplacesMetadata) {
  const std::string id =
      api.post("/usage", R"({"timestamp":"2025-03-20T15:30:00Z","type":"Action","content":"c",)"
                         R"("attribute":"Login","metadata":{"a":1,"b":2}})")
          .id();
  EXPECT_EQ(api.put("/usage/" + id, R"({"content":"d","metadata":{"c":3}})").id(), id);
  const Value log = api.get("/usage/" + id).body.at("log");
  EXPECT_EQ(log.text_or("content"), "d");
  EXPECT_EQ(log.text_or("attribute"), "Login");
  EXPECT_EQ(log.at("metadata"), json(R"({"c":3})"));
  EXPECT_EQ(api.put("/usage/" + id, R"({"type":"Metric"})").status, 400);
}

TEST_F(Usage, A168_A169_Delete) {
  const std::string id = add("", "2025-01-01T00:00:00Z");
  EXPECT_EQ(api.remove("/usage/" + id).body, Value::object());
  EXPECT_EQ(api.get("/usage/" + id).status, 404);
  EXPECT_EQ(api.remove("/usage/" + id).status, 404);
  EXPECT_TRUE(ids("").empty());
}

}  // namespace
}  // namespace assembly_sync::test
