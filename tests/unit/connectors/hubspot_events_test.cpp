#include <gtest/gtest.h>

#include "connectors/hubspot/events.hpp"
#include "core/json.hpp"
#include "tests/support/support.hpp"

namespace assembly_sync::connectors::hubspot {
namespace {

using core::NoticeKind;

std::vector<core::Notice> decode(const std::string& body) {
  const auto notices = decode_events(core::SourceName("crm"), body);
  if (!notices) throw std::runtime_error(notices.error().message);
  return *notices;
}

core::Notice decode_one(const std::string& event) {
  const auto notices = decode("[" + event + "]");
  EXPECT_EQ(notices.size(), 1u);
  return notices.at(0);
}

std::string event(const std::string& type, const std::string& more = R"("objectId":7)") {
  return R"({"eventId":1,"occurredAt":1767225600000,"subscriptionType":")" + type + "\"," + more +
         "}";
}

std::vector<std::string> texts(const std::vector<core::RecordId>& ids) {
  std::vector<std::string> result;
  for (const core::RecordId& id : ids) result.push_back(id.str());
  return result;
}

/// "contacts 7", and the reason when it is ignored.
std::string summary(const core::Notice& notice) {
  std::string text = notice.ref.object.str() + " " + notice.ref.id.str();
  text += " " + std::string(to_text(notice.kind));
  if (notice.ignore_reason) text += " ignored: " + *notice.ignore_reason;
  return text;
}

TEST(HubspotEvents, every_kind_of_event_becomes_its_notice) {
  const std::string generic_contact = R"("objectId":7,"objectTypeId":"0-1")";
  const std::string generic_company = R"("objectId":7,"objectTypeId":"0-2")";
  const struct {
    std::string event;
    std::string expected;
  } kCases[] = {
      {event("company.creation"), "companies 7 upserted"},
      {event("company.propertyChange"), "companies 7 upserted"},
      {event("company.restore"), "companies 7 upserted"},
      {event("company.deletion"), "companies 7 deleted"},
      {event("contact.creation"), "contacts 7 upserted"},
      {event("contact.propertyChange"), "contacts 7 upserted"},
      {event("contact.restore"), "contacts 7 upserted"},
      {event("contact.deletion"), "contacts 7 deleted"},
      {event("contact.privacyDeletion"), "contacts 7 erased"},
      {event("object.creation", generic_company), "companies 7 upserted"},
      {event("object.propertyChange", generic_contact), "contacts 7 upserted"},
      {event("object.restore", generic_contact), "contacts 7 upserted"},
      {event("object.deletion", generic_contact), "contacts 7 deleted"},
      {event("object.merge", generic_company), "companies 7 merged"},
  };
  for (const auto& [text, expected] : kCases) {
    EXPECT_EQ(summary(decode_one(text)), expected) << text;
  }
}

TEST(HubspotEvents, a_notice_carries_source_event_name_and_time) {
  const core::Notice notice = decode_one(event("company.creation"));
  EXPECT_EQ(notice.ref.source.str(), "crm");
  EXPECT_EQ(notice.event, "company.creation");
  EXPECT_EQ(notice.occurred_at_ms, 1'767'225'600'000);
  EXPECT_FALSE(notice.ignore_reason);
}

TEST(HubspotEvents, what_is_not_synced_is_ignored_with_its_ref) {
  const struct {
    std::string event;
    std::string expected;
  } kCases[] = {
      {event("deal.creation"), "deals 7 upserted ignored: object deals is not synced"},
      {event("ticket.deletion"), "tickets 7 deleted ignored: object tickets is not synced"},
      {event("line_item.merge"), "line_items 7 merged ignored: object line_items is not synced"},
      {event("conversation.newMessage"),
       "conversations 7 upserted ignored: object conversations is not synced"},
      {event("object.creation", R"("objectId":7,"objectTypeId":"0-3")"),
       "deals 7 upserted ignored: object deals is not synced"},
      {event("object.creation", R"("objectId":7,"objectTypeId":"2-345")"),
       "2-345 7 upserted ignored: object 2-345 is not synced"},
      {event("object.creation"), " 7 upserted ignored: event 1 has no objectTypeId"},
      {event("company.somethingNew"),
       "companies 7 upserted ignored: event company.somethingNew is not known"},
      {event("invoice.creation"), "invoice 7 upserted ignored: object invoice is not synced"},
  };
  for (const auto& [text, expected] : kCases) {
    EXPECT_EQ(summary(decode_one(text)), expected) << text;
  }
}

TEST(HubspotEvents, an_event_without_its_parts_is_ignored_and_the_batch_goes_on) {
  const auto notices = decode(R"([17, "x", null, [], {},
      {"subscriptionType":"company.creation"},
      {"subscriptionType":"company.creation","objectId":null},
      {"subscriptionType":"company.creation","objectId":-5},
      {"subscriptionType":"company.creation","objectId":""},
      {"subscriptionType":"nothing","objectId":4},
      {"subscriptionType":5,"objectId":4},
      {"subscriptionType":"contact.creation","objectId":8}])");
  ASSERT_EQ(notices.size(), 12u);
  EXPECT_EQ(notices[0].ignore_reason, "event 1 is not an object");
  EXPECT_EQ(notices[1].ignore_reason, "event 2 is not an object");
  EXPECT_EQ(notices[2].ignore_reason, "event 3 is not an object");
  EXPECT_EQ(notices[3].ignore_reason, "event 4 is not an object");
  EXPECT_EQ(notices[4].ignore_reason, "event 5 has no subscriptionType");
  EXPECT_EQ(notices[5].ignore_reason, "event 6 has no objectId");
  EXPECT_EQ(notices[6].ignore_reason, "event 7 has no objectId");
  EXPECT_EQ(notices[7].ignore_reason, "event 8 has no objectId");
  EXPECT_EQ(notices[8].ignore_reason, "event 9 has no objectId");
  EXPECT_EQ(notices[9].ignore_reason, "event 10 has no subscriptionType");
  EXPECT_EQ(notices[9].ref.id.str(), "4");
  EXPECT_EQ(notices[10].ignore_reason, "event 11 has no subscriptionType");
  EXPECT_EQ(summary(notices[11]), "contacts 8 upserted");
}

TEST(HubspotEvents, ids_are_exact_up_to_64_bits_and_may_be_texts) {
  EXPECT_EQ(
      decode_one(event("company.creation", R"("objectId":18446744073709551615)")).ref.id.str(),
      "18446744073709551615");
  EXPECT_EQ(decode_one(event("company.creation", R"("objectId":9007199254740993)")).ref.id.str(),
            "9007199254740993");
  EXPECT_EQ(decode_one(event("company.creation", R"("objectId":"5005")")).ref.id.str(), "5005");
}

TEST(HubspotEvents, the_time_may_be_a_text_or_have_a_fraction) {
  const auto time_of = [](const std::string& value) {
    return decode_one(R"({"subscriptionType":"company.creation","objectId":7,"occurredAt":)" +
                      value + "}")
        .occurred_at_ms;
  };
  EXPECT_EQ(time_of("\"1767225600000\""), 1'767'225'600'000);
  EXPECT_EQ(time_of("\"1767225600000.0\""), 1'767'225'600'000);
  EXPECT_EQ(time_of("1767225600000.0"), 1'767'225'600'000);
  EXPECT_EQ(time_of("1e300"), 0);
  EXPECT_EQ(time_of("\"soon\""), 0);
  EXPECT_EQ(time_of("null"), 0);
}

TEST(HubspotEvents, the_name_may_come_as_event_type) {
  EXPECT_EQ(summary(decode_one(R"({"eventType":"contact.deletion","objectId":7})")),
            "contacts 7 deleted");
}

TEST(HubspotEvents, a_merge_concerns_the_survivor_and_names_the_others) {
  const struct {
    std::string members;
    std::string survivor;
    std::vector<std::string> merged;
  } kCases[] = {
      {R"("objectId":9,"primaryObjectId":5,"mergedObjectIds":[6],"newObjectId":9)",
       "9",
       {"5", "6"}},
      {R"("objectId":5,"primaryObjectId":5,"mergedObjectIds":[6,7])", "5", {"6", "7"}},
      {R"("objectId":1,"primaryObjectId":5,"mergedObjectIds":[6,6,5])", "5", {"6"}},
      {R"("objectId":5,"mergedObjectIds":["6"])", "5", {"6"}},
      {R"("objectId":5,"mergedObjectIds":6)", "5", {"6"}},
      {R"("objectId":5)", "5", {}},
      {R"("primaryObjectId":"5","newObjectId":"8")", "8", {"5"}},
  };
  for (const auto& [members, survivor, merged] : kCases) {
    const core::Notice notice = decode_one(event("company.merge", members));
    EXPECT_EQ(summary(notice), "companies " + survivor + " merged") << members;
    EXPECT_EQ(texts(notice.merged_ids), merged) << members;
  }
  EXPECT_EQ(decode_one(event("company.merge", R"("mergedObjectIds":[6])")).ignore_reason,
            "event 1 has no objectId");
}

TEST(HubspotEvents, an_association_with_a_company_concerns_the_contact) {
  const std::string ids = R"("fromObjectId":1,"toObjectId":2,)";
  const struct {
    std::string event;
    std::string expected;
  } kCases[] = {
      {event("contact.associationChange", ids + R"("associationType":"CONTACT_TO_COMPANY")"),
       "contacts 1 upserted"},
      {event("company.associationChange", ids + R"("associationType":"COMPANY_TO_CONTACT")"),
       "contacts 2 upserted"},
      {event("contact.associationChange",
             ids + R"("associationType":"CONTACT_TO_COMPANY_UNLABELED")"),
       "contacts 1 upserted"},
      {event("object.associationChange",
             ids + R"("fromObjectTypeId":"0-1","toObjectTypeId":"0-2","associationType":"X")"),
       "contacts 1 upserted"},
      {event("object.associationChange",
             ids + R"("fromObjectTypeId":"0-2","toObjectTypeId":"0-1")"),
       "contacts 2 upserted"},
      {event("object.associationChange",
             ids + R"("fromObjectTypeId":"0-2","toObjectTypeId":"0-2")"),
       "companies 1 upserted ignored: association of companies with companies is not synced"},
      {event("object.associationChange",
             ids + R"("fromObjectTypeId":"0-3","toObjectTypeId":"0-1")"),
       "deals 1 upserted ignored: association of deals with contacts is not synced"},
      {event("company.associationChange", ids + R"("associationType":"COMPANY_TO_COMPANY")"),
       " 1 upserted ignored: association is not between a contact and a company"},
      {event("contact.associationChange", R"("fromObjectId":1,"toObjectId":2)"),
       " 1 upserted ignored: event 1 has no associationType"},
      {event("contact.associationChange",
             R"("toObjectId":2,"associationType":"CONTACT_TO_COMPANY")"),
       "contacts  upserted ignored: event 1 has no fromObjectId"},
      {event("company.associationChange",
             R"("fromObjectId":2,"associationType":"COMPANY_TO_CONTACT")"),
       "contacts  upserted ignored: event 1 has no toObjectId"},
  };
  for (const auto& [text, expected] : kCases) {
    EXPECT_EQ(summary(decode_one(text)), expected) << text;
  }
}

TEST(HubspotEvents, the_test_button_creates_nothing) {
  const auto reason = [](const std::string& members) {
    return decode_one(R"({"subscriptionType":"contact.creation",)" + members + "}").ignore_reason;
  };
  EXPECT_EQ(reason(R"("objectId":123,"eventId":100)"), "HubSpot's test event");
  EXPECT_EQ(reason(R"("objectId":123,"eventId":101)"), std::nullopt);
  EXPECT_EQ(reason(R"("objectId":124,"eventId":100)"), std::nullopt);
}

TEST(HubspotEvents, reads_the_documented_batch_in_order) {
  const auto vectors = core::parse_json(test::read_data("vectors-hubspot-salesforce.json")).value();
  std::string body;
  for (const core::Value& row : vectors.at("rows").as_list()) {
    if (row.text_or("id") == "F1") body = row.text_or("body");
  }
  const auto notices = decode(body);
  ASSERT_EQ(notices.size(), 4u);
  EXPECT_EQ(summary(notices[0]), "contacts 7001 upserted");
  EXPECT_EQ(summary(notices[1]), "contacts 7001 upserted");
  EXPECT_EQ(summary(notices[2]), "companies 5009 merged");
  EXPECT_EQ(texts(notices[2].merged_ids), (std::vector<std::string>{"5005", "5006"}));
  EXPECT_EQ(summary(notices[3]), "contacts 7002 erased");
  EXPECT_EQ(notices[3].occurred_at_ms, 1'767'225'600'030);
}

TEST(HubspotEvents, takes_an_empty_batch_and_more_than_a_hundred_events) {
  EXPECT_TRUE(decode("[]").empty());
  std::string body = "[" + event("company.creation");
  for (int i = 1; i < 250; ++i) body += "," + event("company.creation");
  EXPECT_EQ(decode(body + "]").size(), 250u);
}

TEST(HubspotEvents, a_body_that_is_no_json_array_is_an_error) {
  for (const std::string body :
       {"", " ", "{}", "null", "\"x\"", "[", "[{}", "[1,]", "<xml/>", "[] []"}) {
    EXPECT_FALSE(decode_events(core::SourceName("crm"), body)) << body;
  }
  EXPECT_EQ(decode_events(core::SourceName("crm"), event("company.creation")).error().message,
            "expected a JSON array of events");
  EXPECT_FALSE(decode_events(core::SourceName("crm"), "[\"\xFF\"]"));
}

TEST(HubspotEvents, a_body_nested_without_end_is_an_error) {
  EXPECT_FALSE(decode_events(core::SourceName("crm"), std::string(100'000, '[')));
  const std::string closed = std::string(500, '[') + std::string(500, ']');
  EXPECT_FALSE(decode_events(core::SourceName("crm"), closed));
}

TEST(HubspotEvents, overlong_names_and_ids_are_not_taken) {
  const std::string name(101, 'x');
  EXPECT_EQ(decode_one(event("company." + name)).ignore_reason, "event 1 has no subscriptionType");
  EXPECT_EQ(decode_one(event("company.creation", R"("objectId":")" + name + "\"")).ignore_reason,
            "event 1 has no objectId");
}

}  // namespace
}  // namespace assembly_sync::connectors::hubspot
