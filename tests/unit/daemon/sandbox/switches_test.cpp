// Each unknown of the contract, both ways.
#include "tests/unit/daemon/sandbox/local_api.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using sandbox::Switches;

constexpr const char* kAcme =
    R"({"type":"Company","name":"Acme","domain":"acme.test","source_specific_ids":["s"]})";

TEST(Switches, I13_AlreadyExistsIs400Or409) {
  for (const int status : {400, 409}) {
    Switches switches;
    switches.already_exists_status = status;
    LocalApi api(switches);
    api.post("/accounts", kAcme);
    EXPECT_EQ(api.post("/accounts", kAcme).status, status);
    api.post("/add_props/accounts/acme.test", R"({"A":1})");
    EXPECT_EQ(api.post("/add_props/accounts/acme.test", R"({"A":1})").status, status);
  }
}

TEST(Switches, I10_ListElementsAreFlatOrWrapped) {
  for (const bool wrapped : {false, true}) {
    Switches switches;
    switches.wrapped_elements = wrapped;
    LocalApi api(switches);
    api.post("/accounts", kAcme);
    api.post("/contacts", R"({"name":"A","domain":"a@acme.test","company_domain":"acme.test"})");
    const Value account = api.get("/accounts").body.at("accounts").at("data").as_list().at(0);
    EXPECT_EQ((wrapped ? account.at("account") : account).text_or("name"), "Acme");
    for (const char* list : {"/contacts", "/contacts/company/acme.test"}) {
      const Value contact = api.get(list).body.at("contacts").at("data").as_list().at(0);
      EXPECT_EQ((wrapped ? contact.at("contact") : contact).text_or("name"), "A") << list;
    }
  }
}

TEST(Switches, I10_TheTypeIsReadAsAccountTypeOrType) {
  for (const bool renamed : {false, true}) {
    Switches switches;
    switches.account_type_on_read = renamed;
    LocalApi api(switches);
    api.post("/accounts", kAcme);
    const Value account = api.get("/accounts/acme.test").body.at("account");
    EXPECT_EQ(account.text_or(renamed ? "account_type" : "type"), "Company");
    EXPECT_EQ(account.find(renamed ? "type" : "account_type"), nullptr);
    EXPECT_EQ(api.model().items(sandbox::ItemKind::account).at(0).text_or("type"), "Company");
  }
}

TEST(Switches, I28_AdditionalPropertiesAreAnObjectOrAList) {
  Switches switches;
  switches.properties_as_list = true;
  LocalApi api(switches);
  api.post("/accounts", kAcme);
  api.put("/add_props/accounts/acme.test", R"({"A":1})");
  EXPECT_EQ(api.get("/add_props/accounts/acme.test").body.at("additional_properties"),
            json(R"([{"name":"A","value":1}])"));
}

TEST(Switches, Q5_UpsertMatchesTheUrlOnlyOrTheBodyToo) {
  for (const bool body_too : {false, true}) {
    Switches switches;
    switches.upsert_matches_body = body_too;
    LocalApi api(switches);
    const std::string id = api.post("/accounts", kAcme).id();
    const std::string same_domain = R"({"type":"Company","name":"B","domain":"acme.test"})";
    for (const char* address : {"", "?source_specific_id=unknown"}) {
      const LocalAnswer answer = api.put(std::string("/accounts/upsert") + address, same_domain);
      EXPECT_EQ(answer.id() == id, body_too) << address;
    }
    EXPECT_EQ(api.put("/accounts/upsert", kAcme).status, body_too ? 200 : 409);
  }
}

TEST(Switches, Q10_ADomainMayBeTakenTwiceOrNot) {
  const std::string again = R"({"type":"Company","name":"B","domain":"ACME.test"})";
  for (const bool unique : {false, true}) {
    Switches switches;
    switches.domain_unique = unique;
    LocalApi api(switches);
    const std::string id = api.post("/accounts", kAcme).id();
    EXPECT_EQ(api.post("/accounts", again).status, unique ? 409 : 200);
    EXPECT_EQ(api.get("/accounts/acme.test").body.at("account").text_or("id"), id);
    EXPECT_EQ(api.put("/accounts/" + id, R"({"domain":"acme.test"})").status, 200);
  }
}

TEST(Switches, I11_CreateAnswers200Or201AndUpdate200) {
  Switches switches;
  switches.create_status = 201;
  LocalApi api(switches);
  EXPECT_EQ(api.post("/accounts", kAcme).status, 201);
  EXPECT_EQ(api.put("/accounts/upsert?source_specific_id=s", kAcme).status, 200);
  EXPECT_EQ(api.post("/accounts/labels", R"({"type":"Tier","name":"G","color":"#000000"})").status,
            201);
}

TEST(Switches, Q22_DeletingWhatIsGoneIsAnErrorOrNot) {
  Switches switches;
  switches.delete_missing_is_error = false;
  LocalApi api(switches);
  for (const char* target :
       {"/accounts/none.test", "/contacts/none@a.test", "/usage/none", "/accounts/labels/none"}) {
    const LocalAnswer answer = api.remove(target);
    EXPECT_EQ(answer.status, 200) << target;
    EXPECT_EQ(answer.body, Value::object()) << target;
  }
}

TEST(Switches, E10_NotFoundIs404Or400) {
  LocalApi api(with({"not_found=400"}));
  for (const char* target : {"/accounts/none.test", "/contacts/none@a.test", "/usage/none",
                             "/accounts/labels/none", "/add_props/accounts/none.test"}) {
    EXPECT_EQ(api.get(target).status, 400) << target;
    EXPECT_NE(api.get(target).error().find("not found"), std::string::npos) << target;
  }
}

}  // namespace
}  // namespace assembly_sync::test
