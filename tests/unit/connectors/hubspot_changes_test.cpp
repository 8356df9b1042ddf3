// What is asked of HubSpot to find changes, and what its odd answers lead to.
#include <gtest/gtest.h>

#include "connectors/connector.hpp"
#include "tests/unit/connectors/scripted_transport.hpp"

namespace assembly_sync::connectors {
namespace {

using test::answer;
using test::json;
using test::ScriptedTransport;

const core::ObjectName kCompanies{"companies"};
const core::ObjectName kContacts{"contacts"};
constexpr std::int64_t kSince = 1'767'225'600'000;
constexpr std::int64_t kNow = kSince + 60'000;

std::string at(std::int64_t ms) {
  return core::format_utc(core::from_ms(ms));
}

std::string row(const std::string& id, std::int64_t ms, const std::string& more = "") {
  return R"({"id":")" + id + R"(","properties":{"hs_lastmodifieddate":")" + at(ms) + "\"" + more +
         R"(},"updatedAt":")" + at(ms) + R"(","archived":false})";
}

std::string rows(const std::vector<std::string>& items, const std::string& after = "") {
  std::string text = R"({"total":1,"results":[)";
  for (std::size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "" : ",") + items[i];
  return text + "]" + (after.empty() ? "" : R"(,"paging":{"next":{"after":)" + after + "}}") + "}";
}

bool is_search(const core::HttpRequest& request) {
  return request.url.ends_with("/search");
}

/// Answers searches and listings in order; a batch read with what it was asked for, the recycle bin
/// with nothing.
class Crm {
 public:
  explicit Crm(std::vector<std::string> answers)
      : transport([this, answers, next = std::size_t{0}](
                      const core::HttpRequest& request) mutable -> ScriptedTransport::Answer {
          if (request.url.find("archived=true") != std::string::npos) return answer(200, rows({}));
          if (request.url.ends_with("/batch/read")) return answer(200, echo(json(request.body)));
          asked.push_back(request);
          if (next == answers.size()) return answer(200, rows({}));
          return answer(200, answers[next++]);
        }) {}

  std::vector<core::HttpRequest> asked;  // searches and listings
  ScriptedTransport transport;

 private:
  static std::string echo(const core::Value& body) {
    std::vector<std::string> items;
    for (const core::Value& input : body.at("inputs").as_list()) {
      items.push_back(row(input.text_or("id"), kSince));
    }
    return rows(items);
  }
};

ReadResult<Changes> page(const core::ObjectName& object, const std::string& cursor,
                         ScriptedTransport& transport, std::int64_t now = kNow) {
  return test::make_hubspot_source()->changes(object, cursor, {{"properties", "name"}}, transport,
                                              core::from_ms(now));
}

std::string since(std::int64_t ms) {
  return test::make_hubspot_source()->changes_since(kCompanies, core::from_ms(ms));
}

/// All pages of one poll; the ids in order.
std::vector<std::string> poll(Crm& crm, std::vector<std::string>* warnings = nullptr) {
  std::vector<std::string> ids;
  std::string cursor = since(kSince);
  for (bool more = true; more;) {
    const auto changes = page(kCompanies, cursor, crm.transport);
    if (!changes) {
      ADD_FAILURE() << changes.error().reason;
      return ids;
    }
    for (const core::Notice& notice : changes->notices) ids.push_back(notice.ref.id.str());
    if (warnings != nullptr) {
      warnings->insert(warnings->end(), changes->warnings.begin(), changes->warnings.end());
    }
    cursor = changes->next;
    more = changes->more;
  }
  return ids;
}

TEST(HubspotChanges, asks_for_the_window_in_order_of_time) {
  Crm crm({rows({})});
  EXPECT_TRUE(poll(crm).empty());
  ASSERT_EQ(crm.asked.size(), 1u);
  EXPECT_EQ(crm.asked.at(0).url, "http://crm.test/crm/v3/objects/companies/search");
  EXPECT_EQ(json(crm.asked.at(0).body), json(R"({"filterGroups":[{"filters":[
      {"propertyName":"hs_lastmodifieddate","operator":"GTE","value":"1767225600000"},
      {"propertyName":"hs_lastmodifieddate","operator":"LT","value":"1767225660000"}]}],
      "sorts":[{"propertyName":"hs_lastmodifieddate","direction":"ASCENDING"}],
      "properties":["hs_object_id","hs_lastmodifieddate","hs_merged_object_ids"],"limit":200})"));
}

TEST(HubspotChanges, contacts_are_searched_by_their_own_property) {
  ScriptedTransport transport({answer(200, rows({}))});
  ASSERT_TRUE(page(kContacts, since(kSince), transport));
  const core::Value body = json(transport.requests.at(0).body);
  const core::Value& filters = body.at("filterGroups").as_list().at(0).at("filters");
  EXPECT_EQ(filters.as_list().at(0).text_or("propertyName"), "lastmodifieddate");
  EXPECT_EQ(body.at("sorts").as_list().at(0).text_or("propertyName"), "lastmodifieddate");
}

TEST(HubspotChanges, the_body_stays_small_whatever_the_mapping_wants) {
  Paths wanted;
  for (int i = 0; i < 900; ++i)
    wanted.insert({"properties", "a_long_property_" + std::to_string(i)});
  ScriptedTransport transport({answer(200, rows({}))});
  ASSERT_TRUE(test::make_hubspot_source()->changes(kCompanies, since(kSince), wanted, transport,
                                                   core::from_ms(kNow)));
  EXPECT_LE(transport.requests.at(0).body.size(), 3000u);
}

TEST(HubspotChanges, the_next_page_begins_at_the_last_time_seen) {
  Crm crm({rows({row("1", kSince + 1), row("2", kSince + 7)}, R"("200")"),
           rows({row("2", kSince + 7), row("3", kSince + 8)})});
  EXPECT_EQ(poll(crm), (std::vector<std::string>{"1", "2", "2", "3"}));
  ASSERT_EQ(crm.asked.size(), 2u);
  const core::Value body = json(crm.asked.at(1).body);
  EXPECT_EQ(body.find("after"), nullptr);
  EXPECT_EQ(body.at("filterGroups").as_list().at(0).at("filters").as_list().at(0).text_or("value"),
            std::to_string(kSince + 7));
}

TEST(HubspotChanges, a_page_within_one_millisecond_is_read_by_id) {
  Crm crm({rows({row("5", kSince), row("9", kSince)}, R"("200")"),
           rows({row("5", kSince), row("9", kSince)}, "200"), rows({row("10", kSince)}),
           rows({row("11", kSince + 3)})});
  EXPECT_EQ(poll(crm), (std::vector<std::string>{"5", "9", "5", "9", "10", "11"}));
  ASSERT_EQ(crm.asked.size(), 4u);
  const core::Value by_id = json(crm.asked.at(2).body);
  EXPECT_EQ(by_id.at("filterGroups"), json(R"([{"filters":[
      {"propertyName":"hs_lastmodifieddate","operator":"EQ","value":"1767225600000"},
      {"propertyName":"hs_object_id","operator":"GT","value":"9"}]}])"));
  EXPECT_EQ(by_id.at("sorts"),
            json(R"([{"propertyName":"hs_object_id","direction":"ASCENDING"}])"));
  EXPECT_EQ(json(crm.asked.at(3).body)
                .at("filterGroups")
                .as_list()
                .at(0)
                .at("filters")
                .as_list()
                .at(0)
                .text_or("value"),
            std::to_string(kSince + 1));
}

TEST(HubspotChanges, ids_in_order_of_their_letters_lead_to_a_listing) {
  std::vector<std::string> warnings;
  Crm crm({rows({row("5", kSince)}, "200"), rows({row("10", kSince), row("5", kSince)}, "200"),
           rows({row("5", kSince), row("7", kSince - 1), row("8", kNow)}, R"("8")"),
           rows({row("10", kSince)})});
  EXPECT_EQ(poll(crm, &warnings), (std::vector<std::string>{"5", "10", "5", "5", "10"}));
  ASSERT_EQ(crm.asked.size(), 4u);
  EXPECT_EQ(crm.asked.at(2).url,
            "http://crm.test/crm/v3/objects/companies?limit=100&archived=false&properties="
            "hs_object_id,hs_lastmodifieddate,hs_merged_object_ids");
  EXPECT_TRUE(crm.asked.at(3).url.ends_with("&after=8"));
  EXPECT_EQ(warnings, (std::vector<std::string>{
                          "HubSpot's search of companies did not keep its order; all are listed "
                          "instead"}));
}

TEST(HubspotChanges, times_out_of_order_lead_to_a_listing) {
  Crm crm(
      {rows({row("1", kSince + 5), row("2", kSince + 4)}, "200"), rows({row("1", kSince + 5)})});
  EXPECT_EQ(poll(crm), (std::vector<std::string>{"1", "2", "1"}));
  EXPECT_FALSE(is_search(crm.asked.at(1)));
}

TEST(HubspotChanges, an_empty_page_with_a_next_one_is_not_the_end) {
  Crm crm({rows({}, "200"), rows({}, R"("400")"), rows({row("1", kSince + 5)})});
  EXPECT_EQ(poll(crm), (std::vector<std::string>{"1"}));
  EXPECT_EQ(json(crm.asked.at(1).body).text_or("after"), "200");
  EXPECT_EQ(json(crm.asked.at(2).body).text_or("after"), "400");
}

TEST(HubspotChanges, no_search_reaches_beyond_ten_thousand_rows) {
  std::vector<std::string> answers;
  for (int after = 200; after <= 9'800; after += 200)
    answers.push_back(rows({}, std::to_string(after)));
  answers.push_back(rows({}, "10000"));
  answers.push_back(rows({row("1", kSince + 5)}));
  Crm crm(std::move(answers));
  EXPECT_EQ(poll(crm), (std::vector<std::string>{"1"}));
  EXPECT_FALSE(is_search(crm.asked.back()));
}

TEST(HubspotChanges, a_search_that_does_not_advance_is_tried_again) {
  ScriptedTransport transport({answer(200, rows({}, "200")), answer(200, rows({}, "200"))});
  const auto first = page(kCompanies, since(kSince), transport);
  ASSERT_TRUE(first);
  const auto second = page(kCompanies, first->next, transport);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ReadError::Kind::transient);
}

TEST(HubspotChanges, rows_outside_the_window_are_dropped) {
  Crm crm({rows({row("1", kSince), row("2", kNow)})});
  EXPECT_EQ(poll(crm), (std::vector<std::string>{"1"}));
}

TEST(HubspotChanges, a_row_that_is_not_there_any_more_is_told_without_a_record) {
  ScriptedTransport transport({answer(200, rows({row("1", kSince), row("2", kSince)})),
                               answer(207, rows({row("2", kSince)}))});
  const auto changes = page(kCompanies, since(kSince), transport);
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->notices.size(), 2u);
  EXPECT_FALSE(changes->notices.at(0).record);
  EXPECT_EQ(changes->notices.at(0).kind, core::NoticeKind::upserted);
  ASSERT_TRUE(changes->notices.at(1).record);
  EXPECT_EQ(changes->notices.at(1).record->version, kSince);
  EXPECT_EQ(changes->notices.at(1).occurred_at_ms, kSince);
}

TEST(HubspotChanges, the_merged_records_are_read_in_every_form) {
  for (const char* form : {R"("5;6")", R"(["5","6"])", "[5,6]", R"(";5;6;1")"}) {
    ScriptedTransport transport(
        {answer(200, rows({row("1", kSince, std::string(R"(,"hs_merged_object_ids":)") + form)})),
         answer(200, rows({row("1", kSince)}))});
    const auto changes = page(kCompanies, since(kSince), transport);
    ASSERT_TRUE(changes) << form;
    EXPECT_EQ(changes->notices.at(0).kind, core::NoticeKind::merged) << form;
    EXPECT_EQ(changes->notices.at(0).merged_ids,
              (std::vector{core::RecordId("5"), core::RecordId("6")}))
        << form;
  }
}

TEST(HubspotChanges, the_searchs_own_limit_is_a_pause_of_a_second) {
  ScriptedTransport transport(
      {answer(429, R"({"status":"error","errorType":"RATE_LIMIT","policyName":"SECONDLY"})")});
  const auto changes = page(kCompanies, since(kSince), transport);
  ASSERT_FALSE(changes);
  EXPECT_EQ(changes.error().kind, ReadError::Kind::throttled);
  EXPECT_EQ(changes.error().retry_after, std::chrono::seconds(1));
}

TEST(HubspotChanges, a_pass_keeps_its_window_while_time_goes_on) {
  ScriptedTransport transport({answer(200, rows({row("1", kSince + 1)}, "200")),
                               answer(200, rows({row("1", kSince)})), answer(200, rows({}))});
  const auto first = page(kCompanies, since(kSince), transport);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->more);
  ASSERT_TRUE(page(kCompanies, first->next, transport, kNow + 3'600'000));
  EXPECT_NE(transport.requests.at(2).body.find(std::to_string(kNow)), std::string::npos);
}

TEST(HubspotChanges, a_start_ahead_of_the_clock_is_taken_for_now) {
  ScriptedTransport transport({answer(200, rows({}))});
  ASSERT_TRUE(page(kCompanies, since(kNow + 3'600'000), transport));
  EXPECT_EQ(json(transport.requests.at(0).body)
                .at("filterGroups")
                .as_list()
                .at(0)
                .at("filters")
                .as_list()
                .at(0)
                .text_or("value"),
            std::to_string(kNow));
}

TEST(HubspotChanges, a_cursor_of_another_form_is_refused) {
  for (const char* cursor :
       {"", "5", "{}", R"({"v":2,"read_to":1,"bin_pages":0})", R"({"v":1,"read_to":"1"})",
        R"({"v":1,"read_to":1,"bin_pages":0,"pass":{"stage":"x"}})"}) {
    ScriptedTransport transport(std::vector<core::HttpResponse>{});
    const auto changes = page(kCompanies, cursor, transport);
    ASSERT_FALSE(changes) << cursor;
    EXPECT_EQ(changes.error().kind, ReadError::Kind::rejected) << cursor;
  }
}

TEST(HubspotChanges, an_object_that_is_not_synced_takes_no_call) {
  ScriptedTransport transport(std::vector<core::HttpResponse>{});
  EXPECT_EQ(page(core::ObjectName("deals"), since(kSince), transport).error().kind,
            ReadError::Kind::rejected);
  EXPECT_FALSE(test::make_hubspot_source()->finds_changes(core::ObjectName("deals")));
  EXPECT_TRUE(transport.requests.empty());
}

}  // namespace
}  // namespace assembly_sync::connectors
