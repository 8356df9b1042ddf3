// Accounts through the client.
#include <algorithm>

#include <gmock/gmock.h>

#include "tests/unit/daemon/assembly/contract/contract.hpp"

namespace assembly_sync::assembly {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

const AssemblyId kUnknown("01945162-52fc-739b-98de-e2ac9f2eec49");

Value::Object acme(const char* domain = "acme.test") {
  return {{"type", "Company"}, {"name", "Acme"}, {"domain", domain}};
}

TEST_P(AssemblyContract, A18_A19_A23_CreateTakesEveryAttributeAndItsKeysIdentifyIt) {
  Value::Object body = acme();
  body.merge(Value::Object{{"source_specific_ids", Value::list({"s1", "s2"})},
                           {"image_url", "https://cdn.test/a.png"},
                           {"phone", Value::list({"123"})},
                           {"contract_value", 100.5},
                           {"contract_type", "Month"},
                           {"renewal_date", "2027-12-31"},
                           {"trial_expiration_date", "2025-07-31"},
                           {"notes", "n"},
                           {"id_in_tool", "idA"},
                           {"number_of_seats", 20},
                           {"additional_properties", Value::object({{"Zone", "UTC"}})}});
  const AssemblyId id = id_of(client_.create(kAccounts, body), kAccounts, by_domain("acme.test"));
  const Value kept = stored(kAccounts, id);
  for (const auto& [name, value] : body) EXPECT_EQ(kept.at(name), value) << name;
  for (const char* key : {"s1", "s2"}) EXPECT_EQ(get(kAccounts, by_key(key))->id, id) << key;
}

TEST_P(AssemblyContract, A8_A16_A17_A22_ACustomerHasAnAddressAndARole) {
  Value::Object body{
      {"type", "Customer"}, {"name", "Bo"}, {"domain", "bo@b.test"}, {"role", "support"}};
  upsert(kAccounts, "k", body);
  const auto customer = get(kAccounts, by_domain("bo@b.test"));
  ASSERT_TRUE(customer);
  EXPECT_EQ(customer->type, "Customer");
  EXPECT_EQ(customer->attributes.text_or("role"), "support");
  body["domain"] = "b.test";
  EXPECT_EQ(kind_of(client_.create(kAccounts, body)), "rejected invalid");
  EXPECT_EQ(kind_of(client_.create(kAccounts, acme("a@b.test"))), "rejected invalid");
}

TEST_P(AssemblyContract, A9_A10_A11_A12_A31_A32_A33_A35_A36_FoundByIdDomainAndKey) {
  const AssemblyId id = company();
  for (const Identifier& identifier : {by_id(id), by_domain("acme.test"), by_key("c-1")}) {
    const auto account = get(kAccounts, identifier);
    ASSERT_TRUE(account);
    EXPECT_EQ(account->id, id);
    EXPECT_EQ(account->type, "Company");
    EXPECT_EQ(account->name, "Acme");
    EXPECT_EQ(account->domain, "acme.test");
    EXPECT_THAT(account->keys, ElementsAre(Key("c-1")));
  }
  EXPECT_FALSE(get(kAccounts, by_domain("c-1")));
}

TEST_P(AssemblyContract, Q21_WhatIsNotThereIsNotFoundByAnyIdentifier) {
  for (const Collection collection : {kAccounts, kContacts}) {
    for (const Identifier& identifier :
         {by_id(kUnknown), by_domain("nobody@acme.test"), by_key("nobody")}) {
      const auto answer = client_.get(collection, identifier);
      const auto properties = client_.properties(collection, identifier);
      if (tells_missing()) {
        EXPECT_TRUE(answer && !*answer);
        EXPECT_TRUE(properties && !*properties);
      } else {
        EXPECT_EQ(kind_of(answer.error()), "rejected invalid");
      }
    }
  }
}

TEST_P(AssemblyContract, A24_A25_A28_I18_I19_I20_Q18_PagesTogetherHoldEveryAccountOnce) {
  std::vector<std::string> wanted;
  for (int i = 0; i < 7; ++i) {
    wanted.push_back("acme" + std::to_string(i) + ".test");
    company(("c-" + std::to_string(i)).c_str(), wanted.back().c_str());
  }
  EXPECT_THAT(domains_of(all(kAccounts)), testing::UnorderedElementsAreArray(wanted));
  const auto beyond = client_.list(kAccounts, 3, 100);
  ASSERT_TRUE(beyond);
  EXPECT_FALSE(beyond->has_next_page);
  EXPECT_EQ(beyond->received, 0U);
}

TEST_P(AssemblyContract, A37_A38_A39_A40_A41_A50_I1_I2_I14_UpdateByEachIdentifierIsPartial) {
  const AssemblyId id = company("c-1", "acme.test", {{"contract_value", 5}});
  int seats = 0;
  for (const Identifier& identifier : {by_id(id), by_domain("acme.test"), by_key("c-1")}) {
    const Outcome outcome = client_.update(kAccounts, identifier, {{"number_of_seats", ++seats}});
    ASSERT_EQ(kind_of(outcome), "delivered");
    EXPECT_EQ(std::get<Delivered>(outcome).id, id);
    const Value kept = stored(kAccounts, id);
    EXPECT_EQ(kept.at("number_of_seats"), Value(seats));
    EXPECT_EQ(kept.at("contract_value"), Value(5));
    EXPECT_EQ(kept.text_or("name"), "Acme");
  }
}

TEST_P(AssemblyContract, A42_A43_UpdateMergesProperties) {
  const AssemblyId id =
      company("c-1", "acme.test", {{"additional_properties", Value::object({{"A", 1}, {"B", 2}})}});
  client_.update(kAccounts, id, {{"additional_properties", Value::object({{"B", 3}, {"C", "x"}})}});
  EXPECT_EQ(stored(kAccounts, id).at("additional_properties"),
            Value::object({{"A", 1}, {"B", 3}, {"C", "x"}}));
}

TEST_P(AssemblyContract, A46_A47_Q30_TagsAreAddedRemovedAndReadBackAsIds) {
  const AssemblyId a = label(LabelType::account_tag, "a");
  const AssemblyId b = label(LabelType::account_tag, "b");
  const AssemblyId tier = label(LabelType::tier, "Gold");
  const AssemblyId id = company("c-1", "acme.test", {{"tags", Value::list({a.str()})}});
  client_.update(kAccounts, id, {{"tags", Value::list({b.str()})}, {"tier", tier.str()}});
  Value read = get(kAccounts, by_id(id))->attributes;
  EXPECT_THAT(read.at("tags").as_list(), UnorderedElementsAre(Value(a.str()), Value(b.str())));
  EXPECT_EQ(read.text_or("tier"), tier.str());
  client_.update(kAccounts, id, {{"removed_tags", Value::list({a.str()})}});
  read = get(kAccounts, by_id(id))->attributes;
  EXPECT_THAT(read.at("tags").as_list(), ElementsAre(Value(b.str())));
}

TEST_P(AssemblyContract, A48_A49_KeysAreAddedAndRemoved) {
  const AssemblyId id = company();
  client_.update(kAccounts, id, {{"source_specific_ids", Value::list({"c-2"})}});
  EXPECT_THAT(get(kAccounts, by_key("c-2"))->keys, ElementsAre(Key("c-1"), Key("c-2")));
  client_.update(kAccounts, id, {{"removed_source_specific_ids", Value::list({"c-1"})}});
  EXPECT_FALSE(get(kAccounts, by_key("c-1")));
  EXPECT_EQ(get(kAccounts, by_key("c-2"))->id, id);
}

TEST_P(AssemblyContract, A51_A53_A54_A55_Q6_AnUpsertByKeyCreatesThenChangesTheSame) {
  const AssemblyId id = company();
  EXPECT_FALSE(id.empty());
  EXPECT_EQ(stored(kAccounts, id).at("source_specific_ids"), Value::list({"c-1"}));
  Value::Object body = acme();
  body["name"] = "Acme 2";
  const Outcome again = client_.upsert(kAccounts, Key("c-1"), body);
  ASSERT_EQ(sandbox_.accounts().size(), 1U);
  if (switches().adding_present_is_error) {
    // The key is refused as linked already: a read-back shows that, and the id leads on (Q6, Q8).
    EXPECT_EQ(kind_of(again), tells_present() ? "rejected already_exists" : "rejected invalid");
    EXPECT_EQ(get(kAccounts, by_key("c-1"))->id, id);
    EXPECT_EQ(kind_of(client_.update(kAccounts, id, body)), "delivered");
  } else {
    ASSERT_EQ(kind_of(again), "delivered");
    EXPECT_EQ(std::get<Delivered>(again).id, id);
  }
  EXPECT_EQ(sandbox_.accounts()[0].text_or("name"), "Acme 2");
}

TEST_P(AssemblyContract, I3_UpsertByDomainCreatesThenChangesTheSame) {
  const Value::Object body{{"type", "Company"}, {"name", "Acme"}};
  const AssemblyId id = id_of(client_.upsert(kAccounts, by_domain("acme.test"), body), kAccounts,
                              by_domain("acme.test"));
  const Outcome again = client_.upsert(kAccounts, by_domain("acme.test"), {{"notes", "x"}});
  ASSERT_EQ(kind_of(again), "delivered");
  EXPECT_EQ(std::get<Delivered>(again).id, id);
  EXPECT_EQ(sandbox_.accounts().size(), 1U);
}

TEST_P(AssemblyContract, I17_UpsertOnAnUnknownIdIsKnownByTheAnswersId) {
  const AssemblyId id =
      id_of(client_.upsert(kAccounts, by_id(kUnknown), acme()), kAccounts, by_domain("acme.test"));
  EXPECT_EQ(stored(kAccounts, id).text_or("domain"), "acme.test");
  EXPECT_EQ(id == kUnknown, switches().upsert_takes_id);
}

TEST_P(AssemblyContract, A56_AnUpsertThatHasToCreateNeedsTheRequiredAttributes) {
  for (const char* required : {"type", "name", "domain"}) {
    Value::Object body = acme();
    body.erase(required);
    EXPECT_EQ(kind_of(client_.upsert(kAccounts, Key("c-1"), body)), "rejected invalid");
  }
  EXPECT_TRUE(sandbox_.accounts().empty());
}

TEST_P(AssemblyContract, A57_A58_A59_A60_Q22_DeleteByEachIdentifierMayBeRepeated) {
  for (int i = 0; i < 3; ++i) {
    const AssemblyId id = company();
    const Identifier identifiers[] = {by_id(id), by_domain("acme.test"), by_key("c-1")};
    EXPECT_EQ(kind_of(client_.remove(kAccounts, identifiers[i])), "delivered");
    EXPECT_TRUE(sandbox_.accounts().empty());
    const bool known = tells_missing() || !switches().delete_missing_is_error;
    EXPECT_EQ(kind_of(client_.remove(kAccounts, identifiers[i])),
              known ? "delivered" : "rejected invalid");
  }
}

TEST_P(AssemblyContract, E7_AnUpdateOfWhatIsGoneSaysSo) {
  EXPECT_EQ(kind_of(client_.update(kAccounts, kUnknown, {{"name", "x"}})),
            tells_missing() ? "rejected not_found" : "rejected invalid");
}

TEST_P(AssemblyContract, Q5_Q10_ADomainTakenTwiceIsOneOrTwoAccountsOrARefusal) {
  company();
  const Outcome second = client_.upsert(kAccounts, Key("c-2"), acme());
  const std::size_t accounts = sandbox_.accounts().size();
  if (switches().upsert_matches_body) {
    EXPECT_EQ(kind_of(second), "delivered");
    EXPECT_EQ(accounts, 1U);
  } else if (switches().domain_unique) {
    EXPECT_EQ(kind_of(second), tells_present() ? "rejected already_exists" : "rejected invalid");
    EXPECT_EQ(accounts, 1U);
  } else {
    EXPECT_EQ(kind_of(second), "delivered");
    EXPECT_EQ(accounts, 2U);
  }
}

TEST_P(AssemblyContract, Q7_OnlyAnUpdateIsKnownToAddTags) {
  const AssemblyId a = label(LabelType::account_tag, "a");
  const AssemblyId b = label(LabelType::account_tag, "b");
  const AssemblyId id = company("c-1", "acme.test", {{"tags", Value::list({a.str()})}});
  client_.upsert(kAccounts, by_domain("acme.test"), {{"tags", Value::list({b.str()})}});
  const Value tags = stored(kAccounts, id).at("tags");
  EXPECT_EQ(tags.as_list().size(), switches().upsert_replaces_tags ? 1U : 2U);
}

TEST_P(AssemblyContract, Q8_AddingThePresentAndRemovingTheAbsentIsHarmlessOrSaid) {
  const AssemblyId id = company();
  const std::string present =
      kind_of(client_.update(kAccounts, id, {{"source_specific_ids", Value::list({"c-1"})}}));
  const std::string refused = tells_present() ? "rejected already_exists" : "rejected invalid";
  EXPECT_EQ(present, switches().adding_present_is_error ? refused : "delivered");
  const std::string absent = kind_of(
      client_.update(kAccounts, id, {{"removed_source_specific_ids", Value::list({"c-9"})}}));
  EXPECT_EQ(absent, switches().removing_absent_is_error ? "rejected invalid" : "delivered");
  EXPECT_THAT(get(kAccounts, by_id(id))->keys, ElementsAre(Key("c-1")));
}

TEST_P(AssemblyContract, Q9_AKeyOfAnotherAccountIsRefusedAndOfAContactPerhaps) {
  company();
  company("c-2", "other.test");
  const AssemblyId other = get(kAccounts, by_key("c-2"))->id;
  const std::string refused = tells_present() ? "rejected already_exists" : "rejected invalid";
  EXPECT_EQ(
      kind_of(client_.update(kAccounts, other, {{"source_specific_ids", Value::list({"c-1"})}})),
      refused);
  const Outcome contact = client_.upsert(
      kContacts, Key("c-1"),
      {{"name", "Ann"}, {"domain", "ann@acme.test"}, {"company_domain", "acme.test"}});
  EXPECT_EQ(kind_of(contact), switches().keys_unique_everywhere ? refused : "delivered");
}

TEST_P(AssemblyContract, Q23_NothingIsAssumedOfWhatADeleteTakesAlong) {
  const AssemblyId tag = label(LabelType::account_tag, "a");
  const AssemblyId id = company("c-1", "acme.test", {{"tags", Value::list({tag.str()})}});
  contact();
  EXPECT_EQ(kind_of(client_.remove_label(tag)), "delivered");
  const Value tags = get(kAccounts, by_id(id))->attributes.at("tags");
  EXPECT_EQ(tags.as_list().size(), switches().deleted_label_stays ? 1U : 0U);
  usage(UsageTarget::of(kAccounts, by_id(id)), "2025-01-01T00:00:00Z", "c");
  EXPECT_EQ(kind_of(client_.remove(kAccounts, by_id(id))), "delivered");
  EXPECT_EQ(get(kContacts, by_key("p-1")).has_value(), !switches().company_takes_contacts);
  EXPECT_EQ(sandbox_.usage().size(), switches().deleted_takes_logs ? 0U : 1U);
}

TEST_P(AssemblyContract, Q26_NullIsSentOnlyOnRequestAndMayMeanAnything) {
  const AssemblyId id = company("c-1", "acme.test", {{"notes", "old"}});
  const Outcome outcome = client_.update(kAccounts, id, {{"notes", nullptr}});
  const Value kept = stored(kAccounts, id);
  switch (switches().null_means) {
    case sandbox::NullMeans::refused:
      EXPECT_EQ(kind_of(outcome), "rejected invalid");
      EXPECT_EQ(kept.text_or("notes"), "old");
      break;
    case sandbox::NullMeans::clears:
      EXPECT_EQ(kind_of(outcome), "delivered");
      EXPECT_EQ(kept.find("notes"), nullptr);
      break;
    case sandbox::NullMeans::ignored:
      EXPECT_EQ(kind_of(outcome), "delivered");
      EXPECT_EQ(kept.text_or("notes"), "old");
      break;
  }
}

TEST_P(AssemblyContract, Q28_DomainsAreSentAsGivenWhateverTheirCaseMeans) {
  company("c-1", "Acme.test");
  const bool exact = switches().domain_case == sandbox::DomainCase::exact;
  EXPECT_EQ(get(kAccounts, by_domain("ACME.test")).has_value(), !exact);
  EXPECT_TRUE(get(kAccounts, by_domain("Acme.test")));
  const bool lowered = switches().domain_case == sandbox::DomainCase::lowered;
  EXPECT_EQ(get(kAccounts, by_key("c-1"))->domain, lowered ? "acme.test" : "Acme.test");
}

TEST_P(AssemblyContract, Q30_AWrongLabelIsRefusedOrLeftOut) {
  const AssemblyId stage = label(LabelType::stage, "Live");
  const AssemblyId id = company();
  const Outcome outcome = client_.update(
      kAccounts, id, {{"tier", stage.str()}, {"tags", Value::list({"no-such-label"})}});
  EXPECT_EQ(kind_of(outcome), switches().wrong_label_ignored ? "delivered" : "rejected invalid");
  EXPECT_EQ(stored(kAccounts, id).find("tier"), nullptr);
  EXPECT_TRUE(stored(kAccounts, id).at("tags").as_list().empty());
}

}  // namespace
}  // namespace assembly_sync::assembly
