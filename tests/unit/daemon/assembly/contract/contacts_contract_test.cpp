// Contacts through the client.
#include <gmock/gmock.h>

#include "tests/unit/daemon/assembly/contract/contract.hpp"

namespace assembly_sync::assembly {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

TEST_P(AssemblyContract, A61_A69_A70_A71_A74_I24_AContactNamesItsCompanyInOneOfThreeWays) {
  const AssemblyId owner = company();
  int number = 0;
  for (const auto& [attribute, value] :
       std::vector<std::pair<std::string, std::string>>{{"company_id", owner.str()},
                                                        {"company_domain", "acme.test"},
                                                        {"company_source_specific_id", "c-1"}}) {
    const std::string email = "p" + std::to_string(++number) + "@acme.test";
    const Outcome outcome =
        client_.create(kContacts, {{"name", "Ann"}, {"domain", email}, {attribute, value}});
    const AssemblyId id = id_of(outcome, kContacts, by_domain(email.c_str()));
    EXPECT_EQ(stored(kContacts, id).text_or("company_id"), owner.str()) << attribute;
  }
}

TEST_P(AssemblyContract, A72_A73_CreateTakesEveryAttributeAndItsKeysIdentifyIt) {
  company();
  Value::Object body{{"name", "Ann"},
                     {"domain", "ann@acme.test"},
                     {"source_specific_ids", Value::list({"s1", "s2"})},
                     {"image_url", "https://cdn.test/a.png"},
                     {"phone", Value::list({"123"})},
                     {"contract_value", 100},
                     {"contract_type", "Year"},
                     {"renewal_date", "2027-12-31"},
                     {"trial_expiration_date", "2025-07-31"},
                     {"notes", "n"},
                     {"id_in_tool", "idA"},
                     {"role", "support"},
                     {"additional_properties", Value::object({{"Zone", "UTC"}})}};
  Value::Object sent = body;
  sent["company_domain"] = "acme.test";
  const AssemblyId id =
      id_of(client_.create(kContacts, sent), kContacts, by_domain("ann@acme.test"));
  const Value kept = stored(kContacts, id);
  for (const auto& [name, value] : body) EXPECT_EQ(kept.at(name), value) << name;
  for (const char* key : {"s1", "s2"}) EXPECT_EQ(get(kContacts, by_key(key))->id, id);
}

TEST_P(AssemblyContract, A63_A64_A65_A85_A86_A87_A89_I21_FoundByIdAddressAndKey) {
  company();
  const AssemblyId id = contact("p/1 +&?", "ann+x@acme.test");
  for (const Identifier& identifier :
       {by_id(id), by_domain("ann+x@acme.test"), by_key("p/1 +&?")}) {
    const auto found = get(kContacts, identifier);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, id);
    EXPECT_EQ(found->name, "Ann");
    EXPECT_THAT(found->keys, ElementsAre(Key("p/1 +&?")));
  }
}

TEST_P(AssemblyContract, A75_A76_A78_EveryContactIsOnOnePage) {
  company();
  for (int i = 0; i < 5; ++i) {
    const std::string n = std::to_string(i);
    contact(("p-" + n).c_str(), ("p" + n + "@acme.test").c_str());
  }
  EXPECT_THAT(domains_of(all(kContacts)),
              UnorderedElementsAre("p0@acme.test", "p1@acme.test", "p2@acme.test", "p3@acme.test",
                                   "p4@acme.test"));
}

TEST_P(AssemblyContract, A79_A80_A81_A82_A83_A84_I8_ContactsOfACompanyByEachIdentifier) {
  const AssemblyId id = company();
  company("c-2", "other.test");
  for (int i = 0; i < 3; ++i) {
    const std::string n = std::to_string(i);
    contact(("p-" + n).c_str(), ("p" + n + "@acme.test").c_str());
  }
  contact("x", "x@other.test", {{"company_source_specific_id", "c-2"}});
  for (const Identifier& identifier : {by_id(id), by_domain("acme.test"), by_key("c-1")}) {
    EXPECT_THAT(domains_of(all_contacts_of(identifier)),
                UnorderedElementsAre("p0@acme.test", "p1@acme.test", "p2@acme.test"));
  }
  const auto nobody = client_.contacts_of(by_key("nobody"), 10, 0);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(kind_of(nobody.error()), tells_missing() ? "rejected not_found" : "rejected invalid");
}

TEST_P(AssemblyContract, I26_ContactsAndAccountsAreNotTakenForEachOther) {
  company();
  const AssemblyId id = contact();
  EXPECT_FALSE(get(kAccounts, by_id(id)));
  EXPECT_FALSE(get(kContacts, by_domain("acme.test")));
  const std::size_t listed = all(kAccounts).size();
  EXPECT_EQ(listed, switches().contacts_among_accounts ? 2U : 1U);
  EXPECT_EQ(all(kContacts).size(), 1U);
}

TEST_P(AssemblyContract, A90_A91_A92_A93_A94_A95_A102_UpdateByEachIdentifierMerges) {
  company();
  const AssemblyId id = contact("p-1", "ann@acme.test",
                                {{"additional_properties", Value::object({{"A", 1}, {"B", 1}})}});
  int number = 1;
  for (const Identifier& identifier : {by_id(id), by_domain("ann@acme.test"), by_key("p-1")}) {
    const Outcome outcome =
        client_.update(kContacts, identifier,
                       {{"notes", "n" + std::to_string(++number)},
                        {"additional_properties", Value::object({{"B", number}, {"C", "x"}})}});
    ASSERT_EQ(kind_of(outcome), "delivered");
    EXPECT_EQ(std::get<Delivered>(outcome).id, id);
    const Value kept = stored(kContacts, id);
    EXPECT_EQ(kept.text_or("notes"), "n" + std::to_string(number));
    EXPECT_EQ(kept.text_or("name"), "Ann");
    EXPECT_EQ(kept.at("additional_properties"),
              Value::object({{"A", 1}, {"B", number}, {"C", "x"}}));
  }
}

TEST_P(AssemblyContract, A97_A98_A99_A100_A101_TagsAndKeysAreAddedAndRemoved) {
  company();
  company("c-2", "other.test");
  const AssemblyId tag = label(LabelType::account_tag, "vip");
  const AssemblyId id = contact();
  client_.update(kContacts, id,
                 {{"tags", Value::list({tag.str()})},
                  {"source_specific_ids", Value::list({"p-2"})},
                  {"company_source_specific_id", "c-2"}});
  Value kept = stored(kContacts, id);
  EXPECT_EQ(kept.at("tags"), Value::list({tag.str()}));
  EXPECT_EQ(kept.at("source_specific_ids"), Value::list({"p-1", "p-2"}));
  EXPECT_EQ(kept.text_or("company_id"), get(kAccounts, by_key("c-2"))->id.str());
  client_.update(kContacts, id,
                 {{"removed_tags", Value::list({tag.str()})},
                  {"removed_source_specific_ids", Value::list({"p-1"})}});
  kept = stored(kContacts, id);
  EXPECT_TRUE(kept.at("tags").as_list().empty());
  EXPECT_EQ(kept.at("source_specific_ids"), Value::list({"p-2"}));
}

TEST_P(AssemblyContract, A103_A105_A106_A107_UpsertCreatesThenChangesTheSame) {
  company();
  const AssemblyId id = contact();
  const Outcome again =
      client_.upsert(kContacts, by_domain("ann@acme.test"), {{"role", "support"}});
  ASSERT_EQ(kind_of(again), "delivered");
  EXPECT_EQ(std::get<Delivered>(again).id, id);
  EXPECT_EQ(sandbox_.contacts().size(), 1U);
  EXPECT_EQ(stored(kContacts, id).text_or("role"), "support");
}

TEST_P(AssemblyContract, A108_AnUpsertThatHasToCreateNeedsNameDomainAndCompany) {
  company();
  for (const char* required : {"name", "domain", "company_source_specific_id"}) {
    Value::Object body{
        {"name", "Ann"}, {"domain", "ann@acme.test"}, {"company_source_specific_id", "c-1"}};
    body.erase(required);
    EXPECT_EQ(kind_of(client_.upsert(kContacts, Key("p-1"), body)), "rejected invalid");
  }
  const Outcome stranger = client_.upsert(
      kContacts, Key("p-1"),
      {{"name", "Ann"}, {"domain", "ann@acme.test"}, {"company_source_specific_id", "nobody"}});
  EXPECT_TRUE(std::holds_alternative<Rejected>(stranger));
  EXPECT_TRUE(sandbox_.contacts().empty());
}

TEST_P(AssemblyContract, A109_A110_A111_A112_DeleteByEachIdentifier) {
  company();
  for (int i = 0; i < 3; ++i) {
    const AssemblyId id = contact();
    const Identifier identifiers[] = {by_id(id), by_domain("ann@acme.test"), by_key("p-1")};
    EXPECT_EQ(kind_of(client_.remove(kContacts, identifiers[i])), "delivered");
    EXPECT_TRUE(sandbox_.contacts().empty());
  }
  EXPECT_EQ(sandbox_.accounts().size(), 1U);
}

}  // namespace
}  // namespace assembly_sync::assembly
