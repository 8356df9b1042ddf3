// Full listings through HubSpot's API.
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

std::string envelope(const std::string& id) {
  return R"({"id":")" + id + R"(","properties":{"name":"n)" + id +
         R"("},"updatedAt":"2026-01-01T10:00:00.123Z","archived":false})";
}

ReadResult<Page> list(const core::ObjectName& object, const std::optional<std::string>& cursor,
                      const Paths& wanted, ScriptedTransport& transport) {
  return test::make_hubspot_source()->list(object, cursor, wanted, transport,
                                           core::from_ms(1'767'225'600'500));
}

std::vector<std::string> ids(const Page& page) {
  std::vector<std::string> result;
  for (const core::Record& record : page.records) result.push_back(record.ref.id.str());
  return result;
}

TEST(HubspotList, asks_for_a_page_of_a_hundred_with_the_mapped_properties) {
  ScriptedTransport transport({answer(200, R"({"results":[)" + envelope("5") + "," + envelope("6") +
                                               R"(],"paging":{"next":{"after":"6"}}})")});
  const auto page = list(kCompanies, {}, {{"properties", "name"}}, transport);
  ASSERT_TRUE(page);
  EXPECT_EQ(ids(*page), (std::vector<std::string>{"5", "6"}));
  EXPECT_EQ(page->next, "6");
  ASSERT_EQ(transport.requests.size(), 1u);
  const core::HttpRequest& request = transport.requests.at(0);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url,
            "http://crm.test/crm/v3/objects/companies?limit=100&archived=false&properties="
            "hs_lastmodifieddate,hs_object_id,name");
  EXPECT_EQ(core::find_header(request.headers, "Authorization"), "Bearer pat-test");
  EXPECT_TRUE(request.body.empty());
}

TEST(HubspotList, passes_the_cursor_on_whatever_it_is) {
  ScriptedTransport transport({answer(200, R"({"results":[],"paging":{"next":{"after":77}}})")});
  const auto page = list(kCompanies, "a b&c=/", {}, transport);
  ASSERT_TRUE(page);
  EXPECT_TRUE(transport.requests.at(0).url.ends_with("&after=a%20b%26c%3D%2F"));
  EXPECT_EQ(page->next, "77");
}

TEST(HubspotList, an_empty_page_with_a_next_one_is_not_the_end) {
  ScriptedTransport transport({answer(200, R"({"results":[],"paging":{"next":{"after":"9"}}})")});
  EXPECT_EQ(list(kCompanies, "8", {}, transport)->next, "9");
}

TEST(HubspotList, ends_where_no_next_page_is_named) {
  for (const std::string paging :
       {"", R"(,"paging":null)", R"(,"paging":{})", R"(,"paging":{"next":{}})",
        R"(,"paging":{"next":{"after":null}})", R"(,"paging":{"next":{"after":""}})"}) {
    ScriptedTransport transport(
        {answer(200, R"({"results":[)" + envelope("5") + "]" + paging + "}")});
    const auto page = list(kCompanies, {}, {}, transport);
    ASSERT_TRUE(page) << paging;
    EXPECT_EQ(page->next, std::nullopt) << paging;
  }
}

TEST(HubspotList, a_page_that_leads_to_itself_is_an_error) {
  ScriptedTransport transport({answer(200, R"({"results":[],"paging":{"next":{"after":"9"}}})")});
  const auto page = list(kCompanies, "9", {}, transport);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().reason, "HubSpot's listing does not advance");
}

TEST(HubspotList, contacts_of_a_page_take_one_more_call_for_their_companies) {
  ScriptedTransport transport(
      {answer(200, R"({"results":[)" + envelope("1") + "," + envelope("2") + "]}"),
       answer(200, R"({"results":[{"from":{"id":"2"},"to":[{"toObjectId":5,"associationTypes":
                    [{"category":"HUBSPOT_DEFINED","typeId":1,"label":"Primary"}]}]}]})")});
  const auto page = list(kContacts, {}, {{"associations", "company"}}, transport);
  ASSERT_TRUE(page);
  ASSERT_EQ(transport.requests.size(), 2u);
  EXPECT_EQ(transport.requests.at(1).url,
            "http://crm.test/crm/v4/associations/contacts/companies/batch/read");
  EXPECT_EQ(json(transport.requests.at(1).body), json(R"({"inputs":[{"id":"1"},{"id":"2"}]})"));
  EXPECT_TRUE(page->records.at(0).related.empty());
  EXPECT_EQ(json(page->records.at(1).json).at("associations").text_or("company"), "5");
}

TEST(HubspotList, with_too_many_properties_for_a_url_the_page_is_listed_and_then_read) {
  Paths wanted;
  for (int i = 0; i < 400; ++i)
    wanted.insert({"properties", "a_long_property_" + std::to_string(i)});
  wanted.insert({"properties", "name"});
  ScriptedTransport transport(
      {answer(200, R"({"results":[{"id":"1"},{"id":"2"}],"paging":{"next":{"after":"2"}}})"),
       answer(200, R"({"results":[)" + envelope("1") + "," + envelope("2") + "]}")});
  const auto page = list(kCompanies, {}, wanted, transport);
  ASSERT_TRUE(page);
  ASSERT_EQ(transport.requests.size(), 2u);
  EXPECT_LT(transport.requests.at(0).url.size(), 200u);
  EXPECT_EQ(transport.requests.at(1).url, "http://crm.test/crm/v3/objects/companies/batch/read");
  const core::Value body = json(transport.requests.at(1).body);
  EXPECT_EQ(body.at("inputs"), json(R"([{"id":"1"},{"id":"2"}])"));
  EXPECT_EQ(body.at("properties").as_list().size(), 403u);
  EXPECT_EQ(json(page->records.at(0).json).at("properties").text_or("name"), "n1");
  EXPECT_EQ(page->next, "2");
}

TEST(HubspotList, no_url_is_longer_than_what_passes_everywhere) {
  for (int count = 250; count < 330; ++count) {
    Paths wanted;
    for (int i = 0; i < count; ++i)
      wanted.insert({"properties", "property_number_" + std::to_string(i)});
    ScriptedTransport transport({answer(200, R"({"results":[]})")});
    ASSERT_TRUE(list(kCompanies, "12345", wanted, transport));
    EXPECT_LE(transport.requests.at(0).url.size(), 6000u);
  }
}

TEST(HubspotList, records_without_an_id_are_reported_and_the_others_go_on) {
  ScriptedTransport transport(
      {answer(200, R"({"results":[{"properties":{}},)" + envelope("5") + R"(,{"id":null}]})")});
  const auto page = list(kCompanies, {}, {}, transport);
  ASSERT_TRUE(page);
  EXPECT_EQ(ids(*page), (std::vector<std::string>{"5"}));
  EXPECT_EQ(page->bad_rows, (std::vector<std::string>{"2 records of a page have no id"}));
}

TEST(HubspotList, an_answer_without_results_is_tried_again) {
  for (const std::string body : {"{}", R"({"results":{}})", "[]", "<html>", ""}) {
    ScriptedTransport transport({answer(200, body)});
    const auto page = list(kCompanies, {}, {}, transport);
    ASSERT_FALSE(page) << body;
    EXPECT_EQ(page.error().kind, ReadError::Kind::transient) << body;
  }
}

TEST(HubspotList, an_object_that_is_not_synced_takes_no_call) {
  ScriptedTransport transport(std::vector<core::HttpResponse>{});
  EXPECT_EQ(list(core::ObjectName("deals"), {}, {}, transport).error().kind,
            ReadError::Kind::rejected);
  EXPECT_TRUE(transport.requests.empty());
}

}  // namespace
}  // namespace assembly_sync::connectors
