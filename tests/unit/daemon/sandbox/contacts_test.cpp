// Contacts: rules A61-A112 of the API notes.
#include <gmock/gmock.h>

#include "tests/unit/daemon/sandbox/local_api.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using testing::HasSubstr;

class Contacts : public testing::Test {
 protected:
  std::string contact(const std::string& name, const std::string& email,
                      const std::string& more = {}) {
    const LocalAnswer made =
        api.post("/contacts", R"({"name":")" + name + R"(","domain":")" + email +
                                  R"(","company_id":")" + company + '"' + more + "}");
    EXPECT_EQ(made.status, 200) << made.error();
    return made.id();
  }
  Value read(const std::string& address) {
    const LocalAnswer answer = api.get("/contacts" + address);
    EXPECT_EQ(answer.status, 200) << answer.error();
    return answer.body.at("contact");
  }

  LocalApi api;
  std::string company = api.company("Acme", "acme.test", R"(,"source_specific_ids":["acme-1"])");
};

TEST_F(Contacts, A66_A67_CreateRequiresNameAndAnEmail) {
  const std::string reference = R"("company_domain":"acme.test"})";
  EXPECT_EQ(api.post("/contacts", R"({"domain":"a@acme.test",)" + reference).error(),
            "name is required");
  EXPECT_EQ(api.post("/contacts", R"({"name":"A",)" + reference).error(), "domain is required");
  EXPECT_THAT(api.post("/contacts", R"({"name":"A","domain":"acme.test",)" + reference).error(),
              HasSubstr("email"));
}

TEST_F(Contacts, A68_CreateRequiresACompany) {
  const LocalAnswer answer = api.post("/contacts", R"({"name":"A","domain":"a@acme.test"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.error(), HasSubstr("company_id"));
}

TEST_F(Contacts, A69_A70_A71_A74_TheCompanyIsNamedInThreeWays) {
  int number = 0;
  for (const std::string& reference :
       {R"("company_id":")" + company + '"', std::string(R"("company_domain":"acme.test")"),
        std::string(R"("company_source_specific_id":"acme-1")")}) {
    const std::string email = "a" + std::to_string(++number) + "@acme.test";
    const LocalAnswer made =
        api.post("/contacts", R"({"name":"A","domain":")" + email + "\"," + reference + "}");
    EXPECT_EQ(made.status, 200) << made.error();
    EXPECT_EQ(made.body, Value::object({{"id", made.id()}}));
    EXPECT_EQ(read("/" + email).text_or("company_id"), company);
  }
}

TEST_F(Contacts, ACompanyThatDoesNotExistIsNotFound) {
  api.post("/accounts", R"({"type":"Customer","name":"C","domain":"c@c.test"})");
  for (const char* reference :
       {R"("company_id":"x")", R"("company_domain":"none.test")",
        R"("company_source_specific_id":"none")", R"("company_domain":"c@c.test")"}) {
    const LocalAnswer answer = api.post(
        "/contacts", std::string(R"({"name":"A","domain":"a@acme.test",)") + reference + "}");
    EXPECT_EQ(answer.status, 400) << reference;
    EXPECT_EQ(answer.error(), "company not found") << reference;
  }
  EXPECT_TRUE(api.model().items(sandbox::ItemKind::contact).empty());
}

TEST_F(Contacts, I24_TwoCompanyReferencesAreRefused) {
  EXPECT_EQ(api.post("/contacts", R"({"name":"A","domain":"a@acme.test","company_id":")" + company +
                                      R"(","company_domain":"acme.test"})")
                .status,
            400);
}

TEST_F(Contacts, B3_ContactsHaveNoTypeAndNoCompanyAttributes) {
  for (const char* member :
       {R"("type":"Customer")", R"("number_of_seats":1)", R"("company_type":"x")"}) {
    EXPECT_EQ(api.post("/contacts",
                       std::string(
                           R"({"name":"A","domain":"a@acme.test","company_domain":"acme.test",)") +
                           member + "}")
                  .status,
              400)
        << member;
  }
}

TEST_F(Contacts, A72_A89_OptionalAttributesAreKept) {
  const std::string tag = api.label("AccountTag", "vip");
  const std::string id = contact("Ada", "ada@acme.test",
                                 R"(,"role":"support","phone":["1"],"tags":[")" + tag +
                                     R"("],"additional_properties":{"A":1})");
  Value expected = json(R"({"name":"Ada","domain":"ada@acme.test","role":"support","phone":["1"],
                            "additional_properties":{"A":1},"source_specific_ids":[]})");
  expected.set("id", id);
  expected.set("company_id", company);
  expected.set("tags", Value::list({tag}));
  EXPECT_EQ(read("/" + id), expected);
}

TEST_F(Contacts, A63_A64_A65_A73_A85_A86_A87_FoundByEachName) {
  const std::string id = contact("Ada", "ada@acme.test", R"(,"source_specific_ids":["c1","c2"])");
  for (const std::string& address :
       {"/" + id, std::string("/ada@acme.test"), std::string("/ada%40acme.test"),
        std::string("?source_specific_id=c1"), std::string("?source_specific_id=c2")}) {
    EXPECT_EQ(read(address).text_or("id"), id) << address;
  }
  EXPECT_EQ(api.get("/contacts/none@acme.test").error(), "contact not found");
}

TEST_F(Contacts, SourceIdsOfContactsAndAccountsAreApart) {
  const std::string id = contact("Ada", "ada@acme.test", R"(,"source_specific_ids":["acme-1"])");
  EXPECT_EQ(read("?source_specific_id=acme-1").text_or("id"), id);
  EXPECT_EQ(api.get("/accounts?source_specific_id=acme-1").body.at("account").text_or("id"),
            company);
}

TEST_F(Contacts, A75_A76_A77_A78_TheListIsPaged) {
  for (int i = 100; i < 203; ++i) {
    contact("P" + std::to_string(i), "p" + std::to_string(i) + "@acme.test");
  }
  const Value first = api.get("/contacts").body.at("contacts");
  EXPECT_EQ(first.at("data").as_list().size(), 100U);
  EXPECT_TRUE(first.at("has_next_page").as_bool());
  const Value last = api.get("/contacts?limit=10&offset=100").body.at("contacts");
  EXPECT_EQ(last.at("data").as_list().size(), 3U);
  EXPECT_FALSE(last.at("has_next_page").as_bool());
}

TEST_F(Contacts, A79_A80_A81_A82_A83_A84_ContactsOfACompanyInAllThreeForms) {
  const std::string other = api.company("Other", "other.test");
  contact("Bo", "bo@acme.test");
  contact("Al", "al@acme.test");
  api.post("/contacts", R"({"name":"X","domain":"x@other.test","company_domain":"other.test"})");
  for (const std::string& address : {"/" + company + "?", std::string("/acme.test?"),
                                     std::string("?company_source_specific_id=acme-1&")}) {
    const LocalAnswer answer = api.get("/contacts/company" + address + "limit=1&offset=1");
    ASSERT_EQ(answer.status, 200) << address;
    const Value& page = answer.body.at("contacts");
    ASSERT_EQ(page.at("data").as_list().size(), 1U) << address;
    EXPECT_EQ(page.at("data").as_list()[0].text_or("name"), "Bo") << address;
    EXPECT_FALSE(page.at("has_next_page").as_bool());
  }
  EXPECT_EQ(api.get("/contacts/company/none.test").error(), "account not found");
  EXPECT_EQ(api.get("/contacts/company").status, 400);
}

TEST_F(Contacts, A90_A91_A92_A93_A94_A95_A102_UpdateMergesByEachName) {
  const std::string id = contact("Ada", "ada@acme.test",
                                 R"(,"source_specific_ids":["c"],"additional_properties":{"A":1})");
  for (const std::string& address :
       {"/" + id, std::string("/ada@acme.test"), std::string("?source_specific_id=c")}) {
    const LocalAnswer answer = api.put(
        "/contacts" + address, R"({"additional_properties":{"B":2},"notes":")" + address + "\"}");
    EXPECT_EQ(answer.body, Value::object({{"id", id}}));
    EXPECT_EQ(read("/" + id).text_or("notes"), address);
  }
  EXPECT_EQ(read("/" + id).at("additional_properties"), json(R"({"A":1,"B":2})"));
  EXPECT_EQ(read("/" + id).text_or("company_id"), company);
}

TEST_F(Contacts, A97_AnUpdateMovesTheContactToAnotherCompany) {
  const std::string other = api.company("Other", "other.test");
  const std::string id = contact("Ada", "ada@acme.test");
  api.put("/contacts/" + id, R"({"company_domain":"other.test"})");
  EXPECT_EQ(read("/" + id).text_or("company_id"), other);
  EXPECT_TRUE(
      api.get("/contacts/company/acme.test").body.at("contacts").at("data").as_list().empty());
  EXPECT_EQ(api.get("/contacts/company/other.test").body.at("contacts").at("data").as_list().size(),
            1U);
}

TEST_F(Contacts, A98_A99_A100_A101_ListsAreAddedToAndRemovedFrom) {
  const std::string tag = api.label("AccountTag", "vip");
  const std::string id = contact("Ada", "ada@acme.test", R"(,"source_specific_ids":["c1"])");
  api.put("/contacts/" + id, R"({"source_specific_ids":["c2"],"tags":[")" + tag + "\"]}");
  EXPECT_EQ(read("/" + id).at("source_specific_ids"), json(R"(["c1","c2"])"));
  EXPECT_EQ(read("/" + id).at("tags").as_list().size(), 1U);
  api.put("/contacts/" + id,
          R"({"removed_source_specific_ids":["c1"],"removed_tags":[")" + tag + "\"]}");
  EXPECT_EQ(read("/" + id).at("source_specific_ids"), json(R"(["c2"])"));
  EXPECT_TRUE(read("/" + id).at("tags").as_list().empty());
}

TEST_F(Contacts, A103_A104_A105_A106_A107_UpsertCreatesThenUpdates) {
  const std::string body =
      R"({"name":"Ada","domain":"ada@acme.test","company_source_specific_id":"acme-1",)"
      R"("source_specific_ids":["c"]})";
  const std::string id = api.put("/contacts/upsert?source_specific_id=c", body).id();
  EXPECT_FALSE(id.empty());
  EXPECT_EQ(api.put("/contacts/upsert?source_specific_id=c", body).id(), id);
  EXPECT_EQ(api.put("/contacts/upsert/" + id, R"({"notes":"x"})").id(), id);
  EXPECT_EQ(api.put("/contacts/upsert/ada@acme.test", R"({"notes":"y"})").id(), id);
  EXPECT_EQ(api.model().items(sandbox::ItemKind::contact).size(), 1U);
  EXPECT_EQ(api.put("/contacts/upsert", R"({"name":"Bo","domain":"bo@acme.test",)"
                                        R"("company_domain":"acme.test"})")
                .status,
            200);
  EXPECT_EQ(api.model().items(sandbox::ItemKind::contact).size(), 2U);
}

TEST_F(Contacts, A108_UpsertThatMustCreateNeedsTheRequiredAttributes) {
  EXPECT_EQ(
      api.put("/contacts/upsert?source_specific_id=c", R"({"name":"Ada","domain":"ada@acme.test"})")
          .status,
      400);
}

TEST_F(Contacts, A109_A110_A111_A112_DeleteByEachName) {
  for (int i = 0; i < 3; ++i) {
    const std::string id = contact("Ada", "ada@acme.test", R"(,"source_specific_ids":["c"])");
    const std::string addresses[] = {"/" + id, "/ada@acme.test", "?source_specific_id=c"};
    const LocalAnswer answer = api.remove("/contacts" + addresses[i]);
    EXPECT_EQ(answer.body, Value::object());
    EXPECT_TRUE(api.model().items(sandbox::ItemKind::contact).empty());
  }
}

TEST_F(Contacts, Q23_DeletingACompanyLeavesItsContacts) {
  const std::string id = contact("Ada", "ada@acme.test");
  api.remove("/accounts/" + company);
  EXPECT_EQ(read("/" + id).text_or("company_id"), company);
  EXPECT_EQ(api.get("/contacts/company/acme.test").status, 404);
}

}  // namespace
}  // namespace assembly_sync::test
