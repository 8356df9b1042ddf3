#include "daemon/sandbox/crm_store.hpp"

#include <gmock/gmock.h>

#include "tests/support/support.hpp"

namespace assembly_sync::test {
namespace {

using core::Value;
using sandbox::CrmId;
using sandbox::CrmObject;
using sandbox::CrmStore;
using testing::ElementsAre;
using testing::IsEmpty;

class CrmStoreTest : public testing::Test {
 protected:
  std::vector<std::string> event_types() {
    std::vector<std::string> out;
    for (const Value& event : store.take_events()) out.push_back(event.text_or("subscriptionType"));
    return out;
  }
  ManualClock clock;
  CrmStore store{clock};
  CrmId acme = store.create(CrmObject::companies, {{"name", "Acme"}, {"domain", "acme.test"}});
  CrmId other = store.create(CrmObject::companies, {{"name", "Other"}});
  CrmId ada = store.create(CrmObject::contacts, {{"email", "ada@acme.test"},
                                                 {"associatedcompanyid", std::to_string(acme)}});
};

TEST_F(CrmStoreTest, IdsAreUniqueInsideOneObjectOnly) {
  EXPECT_EQ(acme, ada);
  EXPECT_NE(acme, other);
}

TEST_F(CrmStoreTest, TheModifiedDateMovesStrictlyEvenWhenTimeStandsStill) {
  const auto before = store.find(CrmObject::companies, acme, false)->modified_ms;
  store.update(CrmObject::companies, acme, {{"city", "Porto"}});
  store.update(CrmObject::companies, acme, {{"city", "Porto"}});
  EXPECT_EQ(store.find(CrmObject::companies, acme, false)->modified_ms, before + 2);
}

TEST_F(CrmStoreTest, AnUpdateTellsOnlyWhatChanged) {
  store.take_events();
  store.update(CrmObject::companies, acme,
               {{"name", "Acme"}, {"domain", nullptr}, {"renewal_date", "2026-01-01"}});
  const auto events = store.take_events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].text_or("subscriptionType"), "company.propertyChange");
  EXPECT_EQ(events[0].text_or("propertyName"), "domain");
  EXPECT_EQ(events[0].at("propertyValue"), Value(""));
  EXPECT_EQ(events[0].at("objectId"), Value(static_cast<std::int64_t>(acme)));
  EXPECT_EQ(events[1].text_or("propertyValue"), "1767225600000");
}

TEST_F(CrmStoreTest, EventsCarryTheFieldsOfHubSpot) {
  for (const Value& event : store.take_events()) {
    for (const char* field :
         {"eventId", "subscriptionId", "portalId", "appId", "occurredAt", "attemptNumber"}) {
      EXPECT_TRUE(event.at(field).is_int()) << field;
    }
  }
}

TEST_F(CrmStoreTest, ANewPrimaryCompanyComesAsPairsInBothDirections) {
  store.take_events();
  const auto before = store.find(CrmObject::contacts, ada, false)->modified_ms;
  EXPECT_TRUE(store.set_primary(ada, other));
  std::vector<std::string> told;
  for (const Value& event : store.take_events()) {
    told.push_back(event.text_or("associationType") + " " +
                   std::to_string(event.at("toObjectId").as_int()) +
                   (event.at("associationRemoved").as_bool() ? " removed" : " added") +
                   (event.at("isPrimaryAssociation").as_bool() ? " primary" : ""));
  }
  EXPECT_THAT(
      told,
      ElementsAre("CONTACT_TO_COMPANY 1 removed primary", "COMPANY_TO_CONTACT 1 removed primary",
                  "CONTACT_TO_COMPANY 2 added", "COMPANY_TO_CONTACT 1 added",
                  "CONTACT_TO_COMPANY 2 added primary", "COMPANY_TO_CONTACT 1 added primary"));
  const auto* contact = store.find(CrmObject::contacts, ada, false);
  EXPECT_EQ(store.property(CrmObject::contacts, *contact, "associatedcompanyid"), Value("2"));
  EXPECT_THAT(contact->companies, ElementsAre(acme, other));
  EXPECT_EQ(contact->modified_ms, before);
}

TEST_F(CrmStoreTest, TakingThePrimaryCompanyAwayEndsTheAssociation) {
  EXPECT_TRUE(store.set_primary(ada, std::nullopt));
  const auto* contact = store.find(CrmObject::contacts, ada, false);
  EXPECT_THAT(contact->companies, IsEmpty());
  EXPECT_TRUE(store.property(CrmObject::contacts, *contact, "associatedcompanyid").is_null());
  EXPECT_FALSE(store.set_primary(ada, CrmId{99}));
}

TEST_F(CrmStoreTest, AMergeMakesANewRecordAndTwoAliases) {
  store.take_events();
  const auto survivor = store.merge(CrmObject::companies, acme, other);
  ASSERT_TRUE(survivor);
  EXPECT_EQ(store.find(CrmObject::companies, acme, false), nullptr);
  EXPECT_EQ(store.find(CrmObject::companies, acme, true)->id, *survivor);
  EXPECT_EQ(store.find(CrmObject::companies, other, true)->id, *survivor);
  const auto* record = store.find(CrmObject::companies, *survivor, false);
  EXPECT_EQ(store.property(CrmObject::companies, *record, "name"), Value("Acme"));
  EXPECT_EQ(store.property(CrmObject::companies, *record, "hs_merged_object_ids"), Value("1;2"));
  EXPECT_EQ(store.find(CrmObject::contacts, ada, false)->primary_company, *survivor);
  EXPECT_THAT(store.contacts_of(*survivor), ElementsAre(ada));
  EXPECT_THAT(event_types(), ElementsAre("company.merge", "company.deletion", "company.deletion"));
  EXPECT_FALSE(store.merge(CrmObject::companies, acme, *survivor));
}

TEST_F(CrmStoreTest, AChainOfMergesLeadsToTheLastSurvivor) {
  const CrmId third = store.create(CrmObject::companies, {{"name", "Third"}});
  const CrmId first = *store.merge(CrmObject::companies, acme, other);
  const CrmId last = *store.merge(CrmObject::companies, third, first);
  EXPECT_EQ(store.find(CrmObject::companies, acme, true)->id, last);
  const auto* record = store.find(CrmObject::companies, last, false);
  EXPECT_EQ(store.property(CrmObject::companies, *record, "hs_merged_object_ids"),
            Value("3;1;2;4"));
}

TEST_F(CrmStoreTest, ArchiveAndRestoreKeepTheRecord) {
  store.take_events();
  EXPECT_TRUE(store.archive(CrmObject::contacts, ada));
  EXPECT_FALSE(store.archive(CrmObject::contacts, ada));
  EXPECT_FALSE(store.update(CrmObject::contacts, ada, {{"email", "x@acme.test"}}));
  EXPECT_TRUE(store.restore(CrmObject::contacts, ada));
  EXPECT_TRUE(store.update(CrmObject::contacts, ada, {{"email", "x@acme.test"}}));
  EXPECT_THAT(event_types(),
              ElementsAre("contact.deletion", "contact.restore", "contact.propertyChange"));
}

TEST_F(CrmStoreTest, AnErasedContactIsGoneAtOnce) {
  store.take_events();
  EXPECT_TRUE(store.erase_contact(ada));
  EXPECT_EQ(store.find(CrmObject::contacts, ada, true), nullptr);
  EXPECT_THAT(store.contacts_of(acme), IsEmpty());
  EXPECT_THAT(event_types(), ElementsAre("contact.privacyDeletion", "contact.deletion"));
}

TEST_F(CrmStoreTest, ANewNameDefinesATextProperty) {
  store.update(CrmObject::companies, acme, {{"favourite_colour", "blue"}});
  ASSERT_NE(store.schema().find(CrmObject::companies, "favourite_colour"), nullptr);
  EXPECT_EQ(store.schema().find(CrmObject::companies, "favourite_colour")->type, "string");
  EXPECT_EQ(store.schema().find(CrmObject::contacts, "favourite_colour"), nullptr);
}

}  // namespace
}  // namespace assembly_sync::test
