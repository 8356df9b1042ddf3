// Accounts: rules A8-A60 of the API notes.
#include <gmock/gmock.h>

#include "tests/unit/daemon/sandbox/local_api.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;

constexpr const char* kAcme = R"({"type":"Company","name":"Acme","domain":"acme.test"})";

std::vector<std::string> names(const Value& page) {
  std::vector<std::string> out;
  for (const Value& item : page.at("data").as_list()) out.push_back(item.text_or("name"));
  return out;
}

Value account(LocalApi& api, const std::string& address) {
  const LocalAnswer answer = api.get("/accounts" + address);
  EXPECT_EQ(answer.status, 200) << answer.error();
  return answer.body.at("account");
}

TEST(Accounts, A13_A14_A15_CreateRequiresTypeNameAndDomain) {
  for (const std::string required : {"type", "name", "domain"}) {
    Value body = json(kAcme);
    body.as_object().erase(required);
    LocalApi api;
    const LocalAnswer answer = api.post("/accounts", core::dump_json(body));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error(), required + " is required");
    EXPECT_TRUE(api.model().items(sandbox::ItemKind::account).empty());
  }
}

TEST(Accounts, A8_TypeIsCompanyOrCustomerAndNoOther) {
  LocalApi api;
  EXPECT_EQ(api.post("/accounts", R"({"type":"company","name":"A","domain":"a.test"})").status,
            400);
  EXPECT_EQ(api.post("/accounts", R"({"type":"Customer","name":"A","domain":"a@a.test"})").status,
            200);
}

TEST(Accounts, A16_A17_TheDomainFitsTheType) {
  LocalApi api;
  EXPECT_THAT(api.post("/accounts", R"({"type":"Company","name":"A","domain":"a@a.test"})").error(),
              HasSubstr("domain"));
  EXPECT_THAT(api.post("/accounts", R"({"type":"Customer","name":"A","domain":"a.test"})").error(),
              HasSubstr("email"));
}

TEST(Accounts, A18_A23_CreateTakesEveryAttributeAndAnswersTheId) {
  LocalApi api;
  const std::string tier = api.label("Tier", "Gold");
  const std::string stage = api.label("Stage", "Live");
  const std::string type = api.label("CompanyType", "Retail");
  const std::string tag = api.label("AccountTag", "vip");
  Value body = json(R"({"type":"Company","name":"Acme","domain":"acme.test",
      "source_specific_ids":["s1","s2"],"image_url":"https://cdn.test/a.png","phone":["123"],
      "contract_value":100.5,"contract_type":"Month","renewal_date":"2027-12-31",
      "trial_expiration_date":"2025-07-31","notes":"n","id_in_tool":"idA","number_of_seats":20,
      "additional_properties":{"Login_count":2,"Zone":"UTC","Both":["a","b"]}})");
  body.set("tier", tier);
  body.set("stage", stage);
  body.set("company_type", type);
  body.set("tags", Value::list({tag}));
  const LocalAnswer made = api.post("/accounts", core::dump_json(body));
  ASSERT_EQ(made.status, 200) << made.error();
  EXPECT_EQ(made.body, Value::object({{"id", made.id()}}));
  Value expected = body;
  expected.set("id", made.id());
  expected.as_object().erase("type");
  expected.set("account_type", "Company");
  EXPECT_EQ(account(api, "/" + made.id()), expected);
}

TEST(Accounts, A20_A21_A22_AttributesOfTheOtherTypeAreRefused) {
  LocalApi api;
  const std::string type = api.label("CompanyType", "Retail");
  const std::string customer = R"({"type":"Customer","name":"A","domain":"a@a.test")";
  const std::string company = R"({"type":"Company","name":"A","domain":"a.test")";
  EXPECT_EQ(api.post("/accounts", customer + R"(,"number_of_seats":2})").status, 400);
  EXPECT_EQ(api.post("/accounts", customer + R"(,"company_type":")" + type + "\"}").status, 400);
  EXPECT_EQ(api.post("/accounts", company + R"(,"role":"support"})").status, 400);
  EXPECT_EQ(api.post("/accounts", customer + R"(,"role":"support"})").status, 200);
  EXPECT_EQ(api.put("/accounts/a@a.test", R"({"number_of_seats":2})").status, 400);
}

struct WrongAttribute {
  const char* member;
  const char* named;
};

class AccountForms : public testing::TestWithParam<WrongAttribute> {};

TEST_P(AccountForms, B1_AWrongFormIsRefusedAndTheAttributeNamed) {
  LocalApi api;
  api.label("Stage", "Live");
  const LocalAnswer answer =
      api.post("/accounts", std::string(R"({"type":"Company","name":"A","domain":"a.test",)") +
                                GetParam().member + "}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.error(), HasSubstr(GetParam().named));
}

INSTANTIATE_TEST_SUITE_P(
    B1, AccountForms,
    testing::Values(WrongAttribute{R"("phone":"123")", "phone"},
                    WrongAttribute{R"("phone":[123])", "phone"},
                    WrongAttribute{R"("contract_type":"month")", "contract_type"},
                    WrongAttribute{R"("contract_value":"100")", "contract_value"},
                    WrongAttribute{R"("number_of_seats":2.5)", "number_of_seats"},
                    WrongAttribute{R"("number_of_seats":"2")", "number_of_seats"},
                    WrongAttribute{R"("renewal_date":"2027-02-30")", "renewal_date"},
                    WrongAttribute{R"("renewal_date":"2027-02-03T00:00:00Z")", "renewal_date"},
                    WrongAttribute{R"("trial_expiration_date":1)", "trial_expiration_date"},
                    WrongAttribute{R"("tier":"no-such-label")", "tier"},
                    WrongAttribute{R"("tags":["no-such-label"])", "tags"},
                    WrongAttribute{R"("tags":"x")", "tags"},
                    WrongAttribute{R"("source_specific_ids":"s1")", "source_specific_ids"},
                    WrongAttribute{R"("source_specific_ids":[""])", "source_specific_ids"},
                    WrongAttribute{R"("additional_properties":[])", "additional_properties"},
                    WrongAttribute{R"("notes":null)", "notes"},
                    WrongAttribute{R"("removed_tags":[])", "removed_tags"},
                    WrongAttribute{R"("industry":"x")", "industry"},
                    WrongAttribute{R"("company_id":"x")", "company_id"}));

TEST(Accounts, B1_ALabelOfAnotherTypeIsRefused) {
  LocalApi api;
  const std::string stage = api.label("Stage", "Live");
  const LocalAnswer answer = api.post(
      "/accounts", R"({"type":"Company","name":"A","domain":"a.test","tier":")" + stage + "\"}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.error(), HasSubstr("Tier"));
}

TEST(Accounts, F4_ABodyMustBeJsonAndSaySo) {
  LocalApi api;
  EXPECT_EQ(api.post("/accounts", "{\"type\":").status, 400);
  EXPECT_EQ(api.post("/accounts", "[]").status, 400);
  EXPECT_THAT(api.post("/accounts", "").error(), HasSubstr("Content-Type"));
}

TEST(Accounts, A9_A10_A11_A12_A31_A32_A33_AnAccountIsFoundByEachOfItsNames) {
  LocalApi api;
  const std::string id =
      api.company("Acme", "acme.test", R"(,"source_specific_ids":["crm 1/a","crm-2"])");
  for (const std::string& address :
       {"/" + id, std::string("/acme.test"), std::string("/ACME.test"),
        std::string("?source_specific_id=crm%201%2Fa"), std::string("?source_specific_id=crm-2")}) {
    EXPECT_EQ(account(api, address).text_or("id"), id) << address;
  }
}

TEST(Accounts, A35_OneAccountStandsUnderAccount) {
  LocalApi api;
  const std::string id = api.company("Acme", "acme.test");
  const LocalAnswer answer = api.get("/accounts/" + id);
  EXPECT_EQ(answer.body.as_object().size(), 1U);
  EXPECT_NE(answer.body.find("account"), nullptr);
}

TEST(Accounts, E7_AMissingAccountIs404) {
  LocalApi api;
  for (const char* address : {"/nobody.test", "?source_specific_id=none"}) {
    const LocalAnswer answer = api.get(std::string("/accounts") + address);
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.error(), "account not found");
  }
}

TEST(Accounts, Q19_Q20_NoNameAndTwoNamesAreRefused) {
  LocalApi api;
  api.company("Acme", "acme.test", R"(,"source_specific_ids":["s"])");
  EXPECT_EQ(api.remove("/accounts").status, 400);
  EXPECT_EQ(api.put("/accounts", "{}").status, 400);
  EXPECT_EQ(api.get("/accounts?source_specific_id=").status, 400);
  EXPECT_EQ(api.get("/accounts/acme.test?source_specific_id=s").status, 400);
  EXPECT_EQ(api.model().items(sandbox::ItemKind::account).size(), 1U);
}

TEST(Accounts, A24_A29_A30_TheListHasCompaniesFirstAndEachTypeByName) {
  LocalApi api;
  api.post("/accounts", R"({"type":"Customer","name":"Aaron","domain":"a@a.test"})");
  api.company("zebra", "z.test");
  api.company("Apple", "apple.test");
  api.company("banana", "b.test");
  api.post("/accounts", R"({"type":"Customer","name":"Zoe","domain":"z@z.test"})");
  EXPECT_EQ(names(api.get("/accounts").body.at("accounts")),
            (std::vector<std::string>{"Apple", "banana", "zebra", "Aaron", "Zoe"}));
  api.put("/accounts/z.test", R"({"name":"Aachen"})");
  EXPECT_EQ(names(api.get("/accounts").body.at("accounts")).front(), "Aachen");
}

TEST(Accounts, A25_A26_A27_A28_TheListIsPagedByLimitAndOffset) {
  LocalApi api;
  for (int i = 100; i < 205; ++i) {
    api.company("C" + std::to_string(i), "c" + std::to_string(i) + ".test");
  }
  const Value first = api.get("/accounts").body.at("accounts");
  EXPECT_EQ(first.at("data").as_list().size(), 100U);
  EXPECT_TRUE(first.at("has_next_page").as_bool());
  EXPECT_EQ(first.at("next_cursor"), Value(100));
  const Value last = api.get("/accounts?limit=50&offset=100").body.at("accounts");
  EXPECT_EQ(names(last), (std::vector<std::string>{"C200", "C201", "C202", "C203", "C204"}));
  EXPECT_FALSE(last.at("has_next_page").as_bool());
  EXPECT_TRUE(last.at("next_cursor").is_null());
  EXPECT_TRUE(api.get("/accounts?offset=500").body.at("accounts").at("data").as_list().empty());
}

TEST(Accounts, E8_AnUnreadablePageIsRefused) {
  LocalApi api;
  for (const char* query : {"limit=0", "limit=1001", "limit=ten", "offset=-1", "limit="}) {
    EXPECT_EQ(api.get(std::string("/accounts?") + query).status, 400) << query;
  }
}

TEST(Accounts, A41_A42_A43_A50_UpdateChangesWhatIsGivenAndMergesProperties) {
  LocalApi api;
  const std::string id =
      api.company("Acme", "acme.test",
                  R"(,"notes":"old","contract_value":1,"additional_properties":{"A":1,"B":2})");
  const LocalAnswer answer =
      api.put("/accounts/" + id, R"({"notes":"new","additional_properties":{"B":3,"C":"x"}})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, Value::object({{"id", id}}));
  const Value after = account(api, "/" + id);
  EXPECT_EQ(after.text_or("notes"), "new");
  EXPECT_EQ(after.at("contract_value"), Value(1));
  EXPECT_EQ(after.text_or("name"), "Acme");
  EXPECT_EQ(after.at("additional_properties"), json(R"({"A":1,"B":3,"C":"x"})"));
}

TEST(Accounts, A38_A39_A40_I1_I2_UpdateByEachName) {
  LocalApi api;
  const std::string id = api.company("Acme", "acme.test", R"(,"source_specific_ids":["s"])");
  int seats = 0;
  for (const std::string& address :
       {"/" + id, std::string("/acme.test"), std::string("?source_specific_id=s")}) {
    ++seats;
    api.put("/accounts" + address, R"({"number_of_seats":)" + std::to_string(seats) + "}");
    EXPECT_EQ(account(api, "/" + id).at("number_of_seats"), Value(seats)) << address;
  }
}

TEST(Accounts, A46_A47_TagsAreAddedAndRemoved) {
  LocalApi api;
  const std::string a = api.label("AccountTag", "a");
  const std::string b = api.label("AccountTag", "b");
  const std::string id = api.company("Acme", "acme.test", R"(,"tags":[")" + a + "\"]");
  api.put("/accounts/" + id, R"({"tags":[")" + b + "\",\"" + a + "\"]}");
  EXPECT_EQ(account(api, "/" + id).at("tags"), Value(Value::List{Value(a), Value(b)}));
  api.put("/accounts/" + id, R"({"removed_tags":[")" + a + "\"]}");
  EXPECT_EQ(account(api, "/" + id).at("tags"), Value(Value::List{Value(b)}));
}

TEST(Accounts, A48_A49_Q8_SourceIdsAreAddedAndRemoved) {
  LocalApi api;
  const std::string id = api.company("Acme", "acme.test", R"(,"source_specific_ids":["s1"])");
  EXPECT_EQ(api.put("/accounts/" + id, R"({"source_specific_ids":["s1","s2"]})").status, 200);
  EXPECT_EQ(account(api, "?source_specific_id=s2").text_or("id"), id);
  EXPECT_EQ(api.put("/accounts/" + id, R"({"removed_source_specific_ids":["s1","none"]})").status,
            200);
  EXPECT_EQ(api.get("/accounts?source_specific_id=s1").status, 404);
  EXPECT_EQ(account(api, "?source_specific_id=s2").text_or("id"), id);
}

TEST(Accounts, Q9_ASourceIdOfAnotherAccountAlreadyExists) {
  LocalApi api;
  api.company("Acme", "acme.test", R"(,"source_specific_ids":["s"])");
  const LocalAnswer answer =
      api.post("/accounts",
               R"({"type":"Company","name":"B","domain":"b.test","source_specific_ids":["s"]})");
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(answer.error(), HasSubstr("already exists"));
}

TEST(Accounts, ARefusedUpdateChangesNothing) {
  LocalApi api;
  const std::string id = api.company("Acme", "acme.test", R"(,"notes":"old")");
  const Value before = account(api, "/" + id);
  EXPECT_EQ(api.put("/accounts/" + id, R"({"notes":"new","phone":"1"})").status, 400);
  EXPECT_EQ(api.put("/accounts/" + id, R"({"notes":"new","domain":"a@b.test"})").status, 400);
  EXPECT_EQ(account(api, "/" + id), before);
}

TEST(Accounts, A37_AMovedDomainIsFoundUnderTheNewOneOnly) {
  LocalApi api;
  const std::string id = api.company("Acme", "acme.test");
  api.put("/accounts/" + id, R"({"domain":"new.test"})");
  EXPECT_EQ(api.get("/accounts/acme.test").status, 404);
  EXPECT_EQ(account(api, "/new.test").text_or("id"), id);
}

TEST(Accounts, A52_A53_A55_UpsertCreatesWhenNothingMatches) {
  LocalApi api;
  for (const char* address :
       {"", "?source_specific_id=s", "/other.test", "/01945162-52fc-739b-98de-e2ac9f2eec49"}) {
    const LocalAnswer answer = api.put(std::string("/accounts/upsert") + address, kAcme);
    EXPECT_EQ(answer.status, 200) << address;
    EXPECT_EQ(account(api, "/" + answer.id()).text_or("domain"), "acme.test") << address;
  }
  EXPECT_EQ(api.model().items(sandbox::ItemKind::account).size(), 4U);
}

TEST(Accounts, I17_UpsertOnAnUnknownIdMakesAnIdOfItsOwn) {
  LocalApi api;
  const std::string unknown = "01945162-52fc-739b-98de-e2ac9f2eec49";
  EXPECT_NE(api.put("/accounts/upsert/" + unknown, kAcme).id(), unknown);
}

TEST(Accounts, A54_UpsertUpdatesWhatItsAddressNames) {
  LocalApi api;
  const std::string id = api.company("Acme", "acme.test", R"(,"source_specific_ids":["s"])");
  for (const std::string& address :
       {"/" + id, std::string("/acme.test"), std::string("?source_specific_id=s")}) {
    EXPECT_EQ(api.put("/accounts/upsert" + address, R"({"notes":")" + address + "\"}").id(), id);
    EXPECT_EQ(account(api, "/" + id).text_or("notes"), address);
  }
}

TEST(Accounts, I15_UpsertTakesTheAttributesOfUpdateWhetherItCreatesOrUpdates) {
  LocalApi api;
  const std::string body =
      R"({"type":"Company","name":"A","domain":"a.test","source_specific_ids":["s"],)"
      R"("removed_tags":["x"],"removed_source_specific_ids":["y"]})";
  const std::string id = api.put("/accounts/upsert?source_specific_id=s", body).id();
  EXPECT_FALSE(id.empty());
  EXPECT_EQ(api.put("/accounts/upsert?source_specific_id=s", body).id(), id);
}

TEST(Accounts, A56_UpsertThatMustCreateNeedsTheRequiredAttributes) {
  LocalApi api;
  EXPECT_EQ(api.put("/accounts/upsert?source_specific_id=s", R"({"notes":"x"})").status, 400);
}

TEST(Accounts, Q6_UpsertBySourceIdLinksItOnlyWhenTheBodyListsIt) {
  LocalApi api;
  api.put("/accounts/upsert?source_specific_id=s", kAcme);
  EXPECT_EQ(api.get("/accounts?source_specific_id=s").status, 404);
}

TEST(Accounts, A57_A58_A59_A60_DeleteByEachName) {
  LocalApi api;
  for (int i = 0; i < 3; ++i) {
    const std::string id = api.company("Acme", "acme.test", R"(,"source_specific_ids":["s"])");
    const std::string addresses[] = {"/" + id, "/acme.test", "?source_specific_id=s"};
    const LocalAnswer answer = api.remove("/accounts" + addresses[i]);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, Value::object());
    EXPECT_TRUE(api.model().items(sandbox::ItemKind::account).empty());
  }
}

TEST(Accounts, Q22_DeletingAMissingAccountIs404) {
  LocalApi api;
  EXPECT_EQ(api.remove("/accounts/none.test").status, 404);
}

TEST(Router, UnknownPathsAndMethodsAreRefused) {
  LocalApi api;
  for (const char* target : {"/", "/nothing", "/accounts/a/b", "/account/labels", "/accounts//a",
                             "/accounts/%zz", "/add_props/labels/x", "/usage/accounts/a/b"}) {
    EXPECT_EQ(api.get(target).status, 404) << target;
  }
  EXPECT_EQ(api.call("PATCH", "/accounts/a.test", "{}").status, 405);
  EXPECT_EQ(api.get("/accounts/upsert").status, 405);
  EXPECT_EQ(api.post("/accounts/x", kAcme).status, 405);
}

TEST(Router, I21_AnEscapedSlashStaysInsideItsSegment) {
  LocalApi api;
  EXPECT_EQ(api.get("/accounts/a%2Fb").error(), "account not found");
}

}  // namespace
}  // namespace assembly_sync::test
