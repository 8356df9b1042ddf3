// Each unknown of writing, identity and lists, in every reading.
#include <gmock/gmock.h>

#include "tests/unit/daemon/sandbox/local_api.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using sandbox::ItemKind;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kAcme =
    R"({"type":"Company","name":"Acme","domain":"acme.test","source_specific_ids":["s"]})";
constexpr const char* kAnn =
    R"({"name":"Ann","domain":"ann@acme.test","company_domain":"acme.test"})";

Value account(LocalApi& api, const std::string& address = "/acme.test") {
  return api.get("/accounts" + address).body.at("account");
}

std::vector<std::string> names(const Value& list, const char* member = "name") {
  std::vector<std::string> out;
  for (const Value& item : list.as_list()) out.push_back(item.text_or(member));
  return out;
}

TEST(Readings, I6_LabelsLieUnderOneOfTwoPathsOrBoth) {
  const auto statuses = [](const char* assignment) {
    LocalApi api(with({assignment}));
    return std::pair(api.get("/accounts/labels").status, api.get("/account/labels").status);
  };
  EXPECT_EQ(statuses("labels_path=accounts"), std::pair(200, 404));
  EXPECT_EQ(statuses("labels_path=account"), std::pair(404, 200));
  EXPECT_EQ(statuses("labels_path=both"), std::pair(200, 200));
}

TEST(Readings, I7_ATypeInAPathHasOneOfThreeSpellings) {
  for (const auto& [assignment, segment] : {std::pair{"label_segments=snake", "company_type"},
                                            std::pair{"label_segments=lower", "companytype"},
                                            std::pair{"label_segments=pascal", "CompanyType"}}) {
    LocalApi api(with({assignment}));
    api.label("CompanyType", "Retail");
    EXPECT_EQ(api.get(std::string("/accounts/labels/") + segment).status, 200) << segment;
  }
  EXPECT_EQ(LocalApi().get("/accounts/labels/CompanyType").status, 404);
}

TEST(Readings, I8_ContactsOfACompanyAreAPageOrABareList) {
  LocalApi api(with({"company_contacts=list"}));
  api.post("/accounts", kAcme);
  api.post("/contacts", kAnn);
  EXPECT_THAT(names(api.get("/contacts/company/acme.test?limit=1").body.at("contacts")),
              ElementsAre("Ann"));
}

TEST(Readings, I9_OneUsageLogIsWrappedInOneOfFiveWays) {
  const std::string log =
      R"({"timestamp":"2025-03-20T15:30:00Z","type":"Action","content":"c","attribute":"L"})";
  const auto read = [&](const char* assignment) {
    LocalApi api(with({assignment}));
    const std::string id = api.post("/usage", log).id();
    return api.get("/usage/" + id).body;
  };
  EXPECT_EQ(read("usage_one=log").at("log").text_or("content"), "c");
  EXPECT_EQ(read("usage_one=usage").at("usage").text_or("content"), "c");
  EXPECT_EQ(read("usage_one=bare").text_or("content"), "c");
  EXPECT_THAT(names(read("usage_one=logs_list").at("logs"), "content"), ElementsAre("c"));
  EXPECT_THAT(names(read("usage_one=logs_page").at("logs").at("data"), "content"),
              ElementsAre("c"));
}

TEST(Readings, I15_I16_Q5_UpsertGoesByTheUrlUnlessItLooksAtTheBody) {
  LocalApi url;
  const std::string first = url.post("/accounts", kAcme).id();
  EXPECT_NE(url.put("/accounts/upsert",
                    R"({"type":"Company","name":"B","domain":"acme.test","removed_tags":["x"]})")
                .id(),
            first);
  LocalApi body(with({"upsert_matches=body"}));
  const std::string id = body.post("/accounts", kAcme).id();
  EXPECT_EQ(body.put("/accounts/upsert", R"({"source_specific_ids":["s"],"notes":"n"})").id(), id);
  EXPECT_EQ(account(body).text_or("notes"), "n");
}

TEST(Readings, I17_UpsertOnAnUnknownIdMayTakeIt) {
  const std::string unknown = "01945162-52fc-739b-98de-e2ac9f2eec49";
  LocalApi api(with({"upsert_id=url"}));
  EXPECT_EQ(api.put("/accounts/upsert/" + unknown, kAcme).id(), unknown);
  EXPECT_NE(api.put("/accounts/upsert/other.test",
                    R"({"type":"Company","name":"B","domain":"other.test"})")
                .id(),
            "other.test");
}

TEST(Readings, I19_APageMayBeShorterThanAskedForAndHaveANextOne) {
  LocalApi api(with({"page_cap=2"}));
  for (const char* name : {"A", "B", "C"}) api.company(name, std::string(name) + ".test");
  const Value first = api.get("/accounts?limit=50").body.at("accounts");
  EXPECT_THAT(names(first.at("data")), ElementsAre("A", "B"));
  EXPECT_EQ(first.at("has_next_page"), Value(true));
  const Value last = api.get("/accounts?limit=50&offset=2").body.at("accounts");
  EXPECT_THAT(names(last.at("data")), ElementsAre("C"));
  EXPECT_EQ(last.at("has_next_page"), Value(false));
}

TEST(Readings, I20_Q18_TheCursorIsANumberZeroNullOrAbsent) {
  const auto cursors = [](const char* assignment) {
    LocalApi api(with({assignment}));
    api.company("A", "a.test");
    api.company("B", "b.test");
    const Value first = api.get("/accounts?limit=1").body.at("accounts");
    const Value last = api.get("/accounts?limit=1&offset=1").body.at("accounts");
    const auto text = [](const Value& page) {
      const Value* const cursor = page.find("next_cursor");
      return cursor == nullptr ? "absent" : core::dump_json(*cursor);
    };
    return text(first) + " " + text(last);
  };
  EXPECT_EQ(cursors("next_cursor=offset"), "1 null");
  EXPECT_EQ(cursors("next_cursor=zero"), "1 0");
  EXPECT_EQ(cursors("next_cursor=null"), "null null");
  EXPECT_EQ(cursors("next_cursor=absent"), "absent absent");
}

TEST(Readings, I24_OfSeveralCompaniesTheFirstMayCount) {
  LocalApi api(with({"several_companies=first"}));
  const std::string first = api.company("A", "a.test");
  api.company("B", "b.test");
  const std::string id =
      api.post("/contacts", R"({"name":"Ann","domain":"ann@a.test","company_id":")" + first +
                                R"(","company_domain":"b.test"})")
          .id();
  EXPECT_EQ(api.get("/contacts/" + id).body.at("contact").text_or("company_id"), first);
}

TEST(Readings, I25_AttributesOfTheOtherTypeMayBeIgnored) {
  LocalApi api(with({"other_type=ignored"}));
  api.post("/accounts", R"({"type":"Company","name":"A","domain":"acme.test","role":"x"})");
  EXPECT_EQ(account(api).find("role"), nullptr);
  const LocalAnswer contact = api.post(
      "/contacts",
      R"({"name":"Ann","domain":"ann@a.test","company_domain":"acme.test","number_of_seats":1})");
  EXPECT_EQ(contact.status, 200) << contact.error();
  EXPECT_EQ(api.get("/contacts/ann@a.test").body.at("contact").find("number_of_seats"), nullptr);
}

TEST(Readings, A18_AttributesThatDoNotExistMayBeIgnored) {
  LocalApi api(with({"unknown_attributes=ignored"}));
  EXPECT_EQ(
      api.post("/accounts",
               R"({"type":"Company","name":"A","domain":"acme.test","mood":"x","removed_tags":1})")
          .status,
      200);
  EXPECT_EQ(account(api).find("mood"), nullptr);
  EXPECT_EQ(
      api.post("/accounts/labels", R"({"type":"Tier","name":"G","color":"#000000","mood":"x"})")
          .status,
      200);
  EXPECT_EQ(api.model().labels().at(0).find("mood"), nullptr);
}

TEST(Readings, I26_ContactsMayBeListedAmongTheAccountsAsCustomers) {
  LocalApi api(with({"accounts_list=with_contacts"}));
  api.post("/accounts", kAcme);
  api.post("/contacts", kAnn);
  api.post("/accounts", R"({"type":"Customer","name":"Zoe","domain":"z@z.test"})");
  const Value list = api.get("/accounts").body.at("accounts").at("data");
  EXPECT_THAT(names(list), ElementsAre("Acme", "Ann", "Zoe"));
  EXPECT_THAT(names(list, "account_type"), ElementsAre("Company", "Customer", "Customer"));
  EXPECT_EQ(api.get("/accounts/ann@acme.test").status, 404);
}

TEST(Readings, I27_OfAValueAddedAndRemovedTheLaterWins) {
  const auto keys_after = [](const char* assignment) {
    LocalApi api(with({assignment}));
    api.post("/accounts", kAcme);
    api.put("/accounts/acme.test",
            R"({"source_specific_ids":["n"],"removed_source_specific_ids":["n"]})");
    return account(api).at("source_specific_ids").as_list().size();
  };
  EXPECT_EQ(keys_after("add_and_remove=add_first"), 1U);
  EXPECT_EQ(keys_after("add_and_remove=remove_first"), 2U);
}

TEST(Readings, Q6_AnUpsertMayLinkTheKeyOfItsUrl) {
  const std::string body = R"({"type":"Company","name":"A","domain":"a.test"})";
  LocalApi no;
  no.put("/accounts/upsert?source_specific_id=k", body);
  EXPECT_EQ(no.get("/accounts?source_specific_id=k").status, 404);
  LocalApi yes(with({"upsert_links_key=yes"}));
  const std::string id = yes.put("/accounts/upsert?source_specific_id=k", body).id();
  EXPECT_EQ(account(yes, "?source_specific_id=k").text_or("id"), id);
}

TEST(Readings, Q7_AnUpsertAddsTagsOrReplacesThem) {
  for (const bool replaces : {false, true}) {
    LocalApi api(with({replaces ? "upsert_tags=replace" : "upsert_tags=add"}));
    const std::string a = api.label("AccountTag", "a");
    const std::string b = api.label("AccountTag", "b");
    api.company("Acme", "acme.test", R"(,"tags":[")" + a + "\"]");
    api.put("/accounts/upsert/acme.test", R"({"tags":[")" + b + "\"]}");
    EXPECT_EQ(account(api).at("tags").as_list().size(), replaces ? 1U : 2U);
    api.put("/accounts/acme.test", R"({"tags":[")" + a + "\"]}");
    EXPECT_EQ(account(api).at("tags").as_list().size(), 2U);
  }
}

TEST(Readings, Q8_AddingThePresentAndRemovingTheAbsentMayBeErrors) {
  LocalApi api(with({"add_present=error", "remove_absent=error"}));
  api.post("/accounts", kAcme);
  const LocalAnswer present = api.put("/accounts/acme.test", R"({"source_specific_ids":["s"]})");
  EXPECT_EQ(present.status, 409);
  EXPECT_EQ(present.error(), "source specific id already exists");
  EXPECT_EQ(api.put("/accounts/acme.test", R"({"removed_source_specific_ids":["n"]})").status, 400);
  EXPECT_EQ(api.put("/accounts/acme.test", R"({"removed_tags":["n"]})").status, 400);
  EXPECT_EQ(account(api).at("source_specific_ids").as_list().size(), 1U);
}

TEST(Readings, Q9_AKeyIsUniqueAmongAccountsOrInTheOrganisation) {
  const std::string contact =
      R"({"name":"Ann","domain":"a@a.test","company_domain":"acme.test","source_specific_ids":["s"]})";
  LocalApi kind;
  kind.post("/accounts", kAcme);
  EXPECT_EQ(kind.post("/contacts", contact).status, 200);
  LocalApi organisation(with({"key_scope=organisation"}));
  organisation.post("/accounts", kAcme);
  EXPECT_EQ(organisation.post("/contacts", contact).status, 409);
}

TEST(Readings, Q17_NamesSortWithoutCaseOrByBytes) {
  const auto order = [](const char* assignment) {
    LocalApi api(with({assignment}));
    for (const char* name : {"b", "C", "a"}) api.company(name, std::string(name) + ".test");
    return names(api.get("/accounts").body.at("accounts").at("data"));
  };
  EXPECT_THAT(order("name_order=ignoring_case"), ElementsAre("a", "b", "C"));
  EXPECT_THAT(order("name_order=bytes"), ElementsAre("C", "a", "b"));
}

TEST(Readings, Q19_AnEmptyKeyIsRefusedOrListsAllButNeverDeletes) {
  LocalApi api(with({"empty_key=list"}));
  api.post("/accounts", kAcme);
  EXPECT_EQ(names(api.get("/accounts?source_specific_id=").body.at("accounts").at("data")).size(),
            1U);
  EXPECT_EQ(api.remove("/accounts?source_specific_id=").status, 400);
  EXPECT_EQ(api.put("/accounts?source_specific_id=", "{}").status, 400);
  EXPECT_EQ(api.model().items(ItemKind::account).size(), 1U);
}

TEST(Readings, Q20_OfTwoIdentifiersThePathMayWin) {
  LocalApi api(with({"two_identifiers=path"}));
  const std::string id = api.post("/accounts", kAcme).id();
  EXPECT_EQ(account(api, "/acme.test?source_specific_id=none").text_or("id"), id);
  EXPECT_EQ(api.get("/accounts/none.test?source_specific_id=s").status, 404);
}

TEST(Readings, Q21_WhatIsMissingMayBeReadAsNullOrNothing) {
  for (const bool null : {false, true}) {
    LocalApi api(with({null ? "not_found=null" : "not_found=empty"}));
    for (const auto& [target, name] :
         {std::pair{"/accounts/none.test", "account"},
          std::pair{"/contacts/none@a.test", "contact"},
          std::pair{"/accounts/labels/none", "labels"}, std::pair{"/usage/none", "log"}}) {
      const LocalAnswer answer = api.get(target);
      EXPECT_EQ(answer.status, 200) << target;
      EXPECT_EQ(answer.body, null ? Value::object({{name, Value()}}) : Value::object()) << target;
    }
    EXPECT_EQ(api.put("/accounts/none.test", "{}").status, 404);
    EXPECT_EQ(api.remove("/accounts/none.test").status, 404);
  }
}

TEST(Readings, Q23_ADeletedCompanyMayTakeItsContactsAndLogsAlong) {
  LocalApi api(with({"company_delete=cascades", "logs_of_deleted=deleted"}));
  api.post("/accounts", kAcme);
  api.post("/contacts", kAnn);
  const std::string log =
      R"({"timestamp":"2025-03-20T15:30:00Z","type":"Action","content":"c","attribute":"L"})";
  api.post("/usage/accounts/acme.test", log);
  api.post("/usage/contacts/ann@acme.test", log);
  api.post("/usage", log);
  api.remove("/accounts/acme.test");
  EXPECT_THAT(api.model().items(ItemKind::contact), IsEmpty());
  EXPECT_EQ(api.model().usage().size(), 1U);
}

TEST(Readings, Q23_ADeletedLabelMayStayOnAccounts) {
  LocalApi api(with({"label_delete=keeps"}));
  const std::string tier = api.label("Tier", "Gold");
  api.company("Acme", "acme.test", R"(,"tier":")" + tier + '"');
  api.remove("/accounts/labels/" + tier);
  EXPECT_EQ(account(api).text_or("tier"), tier);
}

TEST(Readings, Q24_ACreateOfNewAndPresentPropertiesMayMakeTheNewOnes) {
  LocalApi api(with({"property_create=partial"}));
  api.company("Acme", "acme.test", R"(,"additional_properties":{"Old":1})");
  EXPECT_EQ(api.post("/add_props/accounts/acme.test", R"({"New":1,"Old":2})").status, 409);
  EXPECT_EQ(account(api).at("additional_properties"), json(R"({"New":1,"Old":1})"));
}

TEST(Readings, Q25_DeletingAnAbsentPropertyMayBeAnErrorThatChangesNothing) {
  LocalApi api(with({"property_delete_absent=error"}));
  api.company("Acme", "acme.test", R"(,"additional_properties":{"A":1})");
  const LocalAnswer answer =
      api.remove("/add_props/accounts/acme.test", R"({"properties":["A","none"]})");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.error(), "property not found: none");
  EXPECT_EQ(account(api).at("additional_properties"), json(R"({"A":1})"));
}

TEST(Readings, Q26_NullIsRefusedClearsOrIsIgnored) {
  const auto notes_after = [](const char* assignment) {
    LocalApi api(with({assignment}));
    api.company("Acme", "acme.test", R"(,"notes":"old")");
    const int status = api.put("/accounts/acme.test", R"({"notes":null})").status;
    return std::to_string(status) + " " + account(api).text_or("notes", "none");
  };
  EXPECT_EQ(notes_after("null=refused"), "400 old");
  EXPECT_EQ(notes_after("null=clears"), "200 none");
  EXPECT_EQ(notes_after("null=ignored"), "200 old");
  LocalApi api(with({"null=clears"}));
  api.post("/accounts", kAcme);
  EXPECT_EQ(api.put("/accounts/acme.test", R"({"name":null})").error(), "name is required");
  EXPECT_EQ(api.put("/accounts/acme.test", R"({"source_specific_ids":null})").status, 200);
  EXPECT_THAT(account(api).at("source_specific_ids").as_list(), IsEmpty());
}

TEST(Readings, Q27_PropertiesMayHaveToBeSimple) {
  LocalApi any;
  any.post("/accounts", kAcme);
  EXPECT_EQ(any.put("/add_props/accounts/acme.test", R"({"A":{"b":[true,null]}})").status, 200);
  LocalApi simple(with({"property_values=simple"}));
  simple.post("/accounts", kAcme);
  for (const char* wrong : {R"({"A":{}})", R"({"A":true})", R"({"A":null})", R"({"A":[[]]})"}) {
    EXPECT_EQ(simple.put("/add_props/accounts/acme.test", wrong).status, 400) << wrong;
  }
  EXPECT_EQ(simple.put("/add_props/accounts/acme.test", R"({"A":"x","B":1,"C":["x",2]})").status,
            200);
  EXPECT_EQ(simple.put("/accounts/acme.test", R"({"additional_properties":{"A":true}})").status,
            400);
}

TEST(Readings, Q28_DomainsMatchWithoutCaseExactlyOrAreStoredSmall) {
  const auto read = [](const char* assignment) {
    LocalApi api(with({assignment}));
    api.company("Acme", "Acme.test");
    return std::to_string(api.get("/accounts/ACME.test").status) + " " +
           api.model().items(ItemKind::account).at(0).text_or("domain");
  };
  EXPECT_EQ(read("domain_case=ignored"), "200 Acme.test");
  EXPECT_EQ(read("domain_case=exact"), "404 Acme.test");
  EXPECT_EQ(read("domain_case=lowered"), "200 acme.test");
}

TEST(Readings, Q29_ColorsMayBeFreeAndNamesUniqueWithinAType) {
  LocalApi api(with({"color=free", "label_names=unique"}));
  EXPECT_EQ(api.post("/accounts/labels", R"({"type":"Tier","name":"G","color":"green"})").status,
            200);
  const std::string stage = api.label("Stage", "G");
  EXPECT_FALSE(stage.empty());
  EXPECT_EQ(api.post("/accounts/labels", R"({"type":"Tier","name":"G","color":"red"})").status,
            409);
  EXPECT_EQ(api.put("/accounts/labels/" + stage, R"({"type":"Tier"})").status, 409);
  EXPECT_EQ(api.put("/accounts/labels/" + stage, R"({"name":"G"})").status, 200);
}

TEST(Readings, Q30_LabelsAreReadAsIdsOrObjectsAndWrongOnesMayBeIgnored) {
  LocalApi api(with({"labels_on_read=object", "wrong_label=ignored"}));
  const std::string tier = api.label("Tier", "Gold");
  const std::string tag = api.label("AccountTag", "vip");
  api.company(
      "Acme", "acme.test",
      R"(,"stage":")" + tier + R"(","tier":")" + tier + R"(","tags":["none",")" + tag + "\"]");
  const Value read = account(api);
  EXPECT_EQ(read.at("tier").text_or("name"), "Gold");
  EXPECT_EQ(read.at("tier").text_or("id"), tier);
  EXPECT_EQ(read.find("stage"), nullptr);
  EXPECT_THAT(names(read.at("tags")), ElementsAre("vip"));
}

TEST(Readings, SwitchesChangeWhileThingsAreStored) {
  LocalApi api;
  api.company("b", "B.test");
  api.company("C", "c.test");
  api.set_switches(with({"name_order=bytes", "domain_case=exact"}));
  EXPECT_THAT(names(api.get("/accounts").body.at("accounts").at("data")), ElementsAre("C", "b"));
  EXPECT_EQ(api.get("/accounts/b.test").status, 404);
  EXPECT_EQ(api.get("/accounts/B.test").status, 200);
  api.set_switches({});
  EXPECT_THAT(names(api.get("/accounts").body.at("accounts").at("data")), ElementsAre("b", "C"));
  EXPECT_EQ(api.get("/accounts/b.test").status, 200);
}

}  // namespace
}  // namespace assembly_sync::test
