// Reading records by id through HubSpot's API.
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
const core::WallTime kNow = core::from_ms(1'767'225'600'500);

std::string envelope(const std::string& id, const std::string& properties = "{}") {
  return R"({"id":")" + id + R"(","properties":)" + properties +
         R"(,"createdAt":"2025-06-01T08:00:00.000Z","updatedAt":"2026-01-01T10:00:00.123Z",)" +
         R"("archived":false})";
}

std::string results(const std::vector<std::string>& items, const std::string& more = "") {
  std::string text = R"({"status":"COMPLETE","results":[)";
  for (std::size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "" : ",") + items[i];
  return text + "]" + more + "}";
}

std::string company_of(const std::string& contact, const std::string& to,
                       const std::string& more = "") {
  return R"({"from":{"id":")" + contact + R"("},"to":[)" + to + "]" + more + "}";
}

std::string to_company(const std::string& id, const std::string& types) {
  return R"({"toObjectId":)" + id + R"(,"associationTypes":[)" + types + "]}";
}

const std::string kPrimary = R"({"category":"HUBSPOT_DEFINED","typeId":1,"label":"Primary"},)"
                             R"({"category":"HUBSPOT_DEFINED","typeId":279,"label":null})";
const std::string kPlain = R"({"category":"HUBSPOT_DEFINED","typeId":279,"label":null})";

std::vector<core::RecordId> ids(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

ReadResult<BatchRead> read(const core::ObjectName& object, const std::vector<std::string>& asked,
                           const Paths& wanted, ScriptedTransport& transport) {
  return test::make_hubspot_source()->read(object, ids(asked), wanted, transport, kNow);
}

/// "GET /path" of each request.
std::vector<std::string> asked(const ScriptedTransport& transport) {
  std::vector<std::string> calls;
  const std::string base = "http://crm.test";
  for (const core::HttpRequest& request : transport.requests) {
    EXPECT_TRUE(request.url.starts_with(base + "/crm/")) << request.url;
    calls.push_back(request.method + " " + request.url.substr(base.size()));
  }
  return calls;
}

TEST(HubspotRead, forty_companies_take_one_call) {
  std::vector<std::string> asked_ids;
  std::vector<std::string> envelopes;
  for (int i = 0; i < 40; ++i) {
    asked_ids.push_back(std::to_string(5000 + i));
    envelopes.push_back(envelope(asked_ids.back()));
  }
  ScriptedTransport transport({answer(200, results(envelopes))});
  const auto batch = read(kCompanies, asked_ids, {{"properties", "name"}, {"id"}}, transport);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->records.size(), 40u);
  EXPECT_TRUE(batch->missing.empty());
  EXPECT_TRUE(batch->remapped.empty());
  EXPECT_EQ(asked(transport),
            (std::vector<std::string>{"POST /crm/v3/objects/companies/batch/read"}));
}

TEST(HubspotRead, asks_for_the_ids_and_for_the_mapped_properties_only) {
  ScriptedTransport transport({answer(200, results({envelope("1"), envelope("2")}))});
  ASSERT_TRUE(read(kCompanies, {"1", "2", "1"},
                   {{"properties", "name"}, {"properties", "domain"}, {"id"}, {"properties"}},
                   transport));
  const core::HttpRequest& request = transport.requests.at(0);
  EXPECT_EQ(json(request.body), json(R"({"inputs":[{"id":"1"},{"id":"2"}],
                     "properties":["domain","hs_lastmodifieddate","hs_object_id","name"]})"));
  EXPECT_EQ(core::find_header(request.headers, "Authorization"), "Bearer pat-test");
  EXPECT_EQ(core::find_header(request.headers, "Content-Type"), "application/json");
}

TEST(HubspotRead, contacts_are_asked_for_their_own_modification_property) {
  ScriptedTransport transport({answer(200, results({envelope("1")}))});
  ASSERT_TRUE(read(kContacts, {"1"}, {{"properties", "email"}}, transport));
  EXPECT_EQ(json(transport.requests.at(0).body).at("properties"),
            json(R"(["email","hs_object_id","lastmodifieddate"])"));
}

TEST(HubspotRead, a_record_keeps_its_properties_and_modification_time) {
  const std::string properties = R"({"name":"Żółć","annualrevenue":null,"hs_object_id":"1"})";
  ScriptedTransport transport({answer(200, results({envelope("1", properties)}))});
  const auto batch =
      read(kCompanies, {"1"}, {{"properties", "name"}, {"properties", "annualrevenue"}}, transport);
  ASSERT_TRUE(batch);
  const core::Record& record = batch->records.at(0);
  EXPECT_EQ(record.ref,
            (core::RecordRef{core::SourceName("hubspot"), kCompanies, core::RecordId("1")}));
  EXPECT_EQ(json(record.json), json(R"({"id":"1","properties":)" + properties + R"(,
      "createdAt":"2025-06-01T08:00:00.000Z","updatedAt":"2026-01-01T10:00:00.123Z",
      "archived":false})"));
  EXPECT_EQ(record.version, 1'767'261'600'123);
  EXPECT_TRUE(record.related.empty());
}

TEST(HubspotRead, the_modification_time_is_read_in_every_form) {
  const struct {
    std::string members;
    std::int64_t version;
  } kCases[] = {
      {R"("updatedAt":"2026-01-01T10:00:00.123Z")", 1'767'261'600'123},
      {R"("updatedAt":"2026-01-01T10:00:00Z")", 1'767'261'600'000},
      {R"("updatedAt":"2026-01-01T10:00:00.1Z")", 1'767'261'600'100},
      {R"("updatedAt":"2026-01-01T10:00:00.123456Z")", 1'767'261'600'123},
      {R"("updatedAt":"1767261600123")", 1'767'261'600'123},
      {R"("updatedAt":"1767261600123.0")", 1'767'261'600'123},
      {R"("properties":{"hs_lastmodifieddate":"2026-01-01T10:00:00.123Z"})", 1'767'261'600'123},
      {R"("updatedAt":"2026-13-01T10:00:00Z")", 0},
      {R"("updatedAt":"2026-01-01T24:00:00Z")", 0},
      {R"("updatedAt":"2026-01-01 10:00")", 1'767'261'600'000},
      {R"("updatedAt":null)", 0},
      {R"("archived":false)", 0},
  };
  for (const auto& [members, version] : kCases) {
    ScriptedTransport transport({answer(200, results({R"({"id":"1",)" + members + "}"}))});
    const auto batch = read(kCompanies, {"1"}, {}, transport);
    ASSERT_TRUE(batch) << members;
    EXPECT_EQ(batch->records.at(0).version, version) << members;
  }
}

TEST(HubspotRead, forty_contacts_take_a_second_call_for_their_companies) {
  std::vector<std::string> asked_ids;
  std::vector<std::string> envelopes;
  std::vector<std::string> companies;
  for (int i = 0; i < 40; ++i) {
    asked_ids.push_back(std::to_string(7000 + i));
    envelopes.push_back(envelope(asked_ids.back()));
    companies.push_back(company_of(asked_ids.back(), to_company("5005", kPrimary)));
  }
  ScriptedTransport transport({answer(200, results(envelopes)), answer(200, results(companies))});
  const auto batch = read(kContacts, asked_ids, {{"associations", "company"}}, transport);
  ASSERT_TRUE(batch);
  EXPECT_EQ(asked(transport),
            (std::vector<std::string>{"POST /crm/v3/objects/contacts/batch/read",
                                      "POST /crm/v4/associations/contacts/companies/batch/read"}));
  EXPECT_EQ(json(transport.requests.at(1).body).at("inputs").as_list().size(), 40u);
  ASSERT_EQ(batch->records.size(), 40u);
  const core::Record& record = batch->records.at(7);
  EXPECT_EQ(json(record.json).at("associations"),
            json(R"({"company":"5005","companies":["5005"]})"));
  EXPECT_EQ(record.related, (std::vector<core::RecordRef>{{core::SourceName("hubspot"), kCompanies,
                                                           core::RecordId("5005")}}));
}

TEST(HubspotRead, companies_are_not_asked_for_when_no_mapping_uses_them) {
  ScriptedTransport transport({answer(200, results({envelope("1")}))});
  const auto batch = read(kContacts, {"1"}, {{"properties", "associations"}}, transport);
  ASSERT_TRUE(batch);
  EXPECT_EQ(transport.requests.size(), 1u);
  EXPECT_EQ(json(batch->records.at(0).json).find("associations"), nullptr);
}

TEST(HubspotRead, the_primary_company_is_the_marked_one_or_the_only_one) {
  const std::string user_defined = R"({"category":"USER_DEFINED","typeId":1,"label":"Primary"})";
  const std::string labelled = R"({"category":"HUBSPOT_DEFINED","typeId":77,"label":"Primary"})";
  const struct {
    std::string to;
    std::string associations;
  } kCases[] = {
      {to_company("12", kPlain) + "," + to_company("5", kPrimary),
       R"({"company":"5","companies":["5","12"]})"},
      {to_company("\"5\"", kPrimary), R"({"company":"5","companies":["5"]})"},
      {to_company("5", kPlain), R"({"company":"5","companies":["5"]})"},
      {to_company("5", kPlain) + "," + to_company("12", kPlain),
       R"({"company":null,"companies":["5","12"]})"},
      {to_company("12", labelled) + "," + to_company("5", kPlain),
       R"({"company":"12","companies":["5","12"]})"},
      {to_company("12", user_defined) + "," + to_company("5", kPlain),
       R"({"company":null,"companies":["5","12"]})"},
      {to_company("5", kPlain) + "," + to_company("5", kPrimary),
       R"({"company":"5","companies":["5"]})"},
      {"", R"({"company":null,"companies":[]})"},
  };
  for (const auto& [to, associations] : kCases) {
    ScriptedTransport transport(
        {answer(200, results({envelope("1")})), answer(200, results({company_of("1", to)}))});
    const auto batch = read(kContacts, {"1"}, {{"associations", "company"}}, transport);
    ASSERT_TRUE(batch) << to;
    EXPECT_EQ(json(batch->records.at(0).json).at("associations"), json(associations)) << to;
    const bool has_company = !json(associations).at("company").is_null();
    EXPECT_EQ(batch->records.at(0).related.size(), has_company ? 1u : 0u) << to;
  }
}

TEST(HubspotRead, a_contact_left_out_of_a_whole_answer_has_no_company) {
  const std::string none = R"(,"errors":[{"status":"error","category":"OBJECT_NOT_FOUND",)"
                           R"("subCategory":"crm.associations.NO_ASSOCIATIONS_FOUND",)"
                           R"("context":{"fromObjectId":["2"]}}],"numErrors":1)";
  ScriptedTransport transport(
      {answer(200, results({envelope("1"), envelope("2")})),
       answer(207, results({company_of("1", to_company("5", kPrimary))}, none))});
  const auto batch = read(kContacts, {"1", "2"}, {{"associations"}}, transport);
  ASSERT_TRUE(batch);
  EXPECT_EQ(json(batch->records.at(1).json).at("associations"),
            json(R"({"company":null,"companies":[]})"));
}

TEST(HubspotRead, a_partly_failed_answer_is_not_taken_for_contacts_without_a_company) {
  const std::string failed =
      R"(,"errors":[{"status":"error","category":"INTERNAL_ERROR"}],"numErrors":1)";
  ScriptedTransport transport(
      {answer(200, results({envelope("1")})), answer(207, results({}, failed))});
  const auto batch = read(kContacts, {"1"}, {{"associations"}}, transport);
  ASSERT_TRUE(batch) << batch.error().reason;
  EXPECT_TRUE(batch->records.empty());
  EXPECT_TRUE(batch->missing.empty());
  ASSERT_TRUE(batch->stopped);
  EXPECT_EQ(batch->stopped->reason,
            "contact 1: its associations can't be read: HubSpot says INTERNAL_ERROR");
}

TEST(HubspotRead, pages_of_one_contacts_companies_are_followed) {
  const std::string more = R"(,"paging":{"next":{"after":"a1"}})";
  const std::string more_number = R"(,"paging":{"next":{"after":22}})";
  ScriptedTransport transport(
      {answer(200, results({envelope("1"), envelope("2")})),
       answer(200, results({company_of("1", to_company("8", kPlain), more),
                            company_of("2", to_company("5", kPrimary))})),
       answer(200, results({company_of("1", to_company("9", kPlain), more_number)})),
       answer(200, results({company_of("1", to_company("7", kPrimary))}))});
  const auto batch = read(kContacts, {"1", "2"}, {{"associations"}}, transport);
  ASSERT_TRUE(batch);
  EXPECT_EQ(json(transport.requests.at(2).body), json(R"({"inputs":[{"after":"a1","id":"1"}]})"));
  EXPECT_EQ(json(transport.requests.at(3).body), json(R"({"inputs":[{"after":"22","id":"1"}]})"));
  EXPECT_EQ(json(batch->records.at(0).json).at("associations"),
            json(R"({"company":"7","companies":["7","8","9"]})"));
  EXPECT_EQ(transport.requests.size(), 4u);
}

TEST(HubspotRead, pages_that_do_not_advance_are_given_up) {
  const std::string page =
      results({company_of("1", to_company("8", kPlain), R"(,"paging":{"next":{"after":"a"}})")});
  ScriptedTransport transport([&](const core::HttpRequest& request) -> ScriptedTransport::Answer {
    const bool associations = request.url.find("/v4/") != std::string::npos;
    return answer(200, associations ? page : results({envelope("1")}));
  });
  const auto batch = read(kContacts, {"1"}, {{"associations"}}, transport);
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().kind, ReadError::Kind::transient);
  EXPECT_EQ(transport.requests.size(), 3u);
}

TEST(HubspotRead, an_id_that_was_merged_is_read_as_its_survivor) {
  ScriptedTransport transport(
      {answer(207, results({envelope("2")}, R"(,"numErrors":1)")), answer(200, envelope("9"))});
  const auto batch = read(kCompanies, {"1", "2"}, {{"properties", "name"}}, transport);
  ASSERT_TRUE(batch);
  EXPECT_EQ(asked(transport).at(1),
            "GET /crm/v3/objects/companies/1?archived=false&properties="
            "hs_lastmodifieddate,hs_object_id,name");
  ASSERT_EQ(batch->records.size(), 2u);
  EXPECT_EQ(batch->records.at(0).ref.id.str(), "9");
  EXPECT_EQ(batch->records.at(1).ref.id.str(), "2");
  EXPECT_EQ(batch->remapped, (std::vector<std::pair<core::RecordId, core::RecordId>>{
                                 {core::RecordId("1"), core::RecordId("9")}}));
  EXPECT_TRUE(batch->missing.empty());
}

TEST(HubspotRead, a_survivor_that_was_asked_for_too_comes_once) {
  ScriptedTransport transport({answer(200, results({envelope("9")})), answer(200, envelope("9")),
                               answer(200, envelope("9"))});
  const auto batch = read(kCompanies, {"1", "2", "9"}, {}, transport);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->records.size(), 1u);
  EXPECT_EQ(batch->records.at(0).ref.id.str(), "9");
  EXPECT_EQ(batch->remapped.size(), 2u);
}

TEST(HubspotRead, the_companies_of_a_merged_contact_are_the_survivors) {
  ScriptedTransport transport({answer(200, results({})), answer(200, envelope("9")),
                               answer(200, results({company_of("9", to_company("5", kPrimary))}))});
  const auto batch = read(kContacts, {"1"}, {{"associations", "company"}}, transport);
  ASSERT_TRUE(batch);
  EXPECT_EQ(json(transport.requests.at(2).body), json(R"({"inputs":[{"id":"9"}]})"));
  EXPECT_EQ(batch->records.at(0).related.at(0).id.str(), "5");
}

TEST(HubspotRead, an_archived_record_is_told_from_one_that_is_gone) {
  ScriptedTransport transport({answer(200, results({})), answer(404, "{}"),
                               answer(200, envelope("1")), answer(404, ""),
                               answer(404, "not found")});
  const auto batch = read(kCompanies, {"1", "2"}, {}, transport);
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->records.empty());
  ASSERT_EQ(batch->missing.size(), 2u);
  EXPECT_EQ(batch->missing.at(0).id.str(), "1");
  EXPECT_TRUE(batch->missing.at(0).archived);
  EXPECT_EQ(batch->missing.at(1).id.str(), "2");
  EXPECT_FALSE(batch->missing.at(1).archived);
  EXPECT_EQ(asked(transport).at(2),
            "GET /crm/v3/objects/companies/1?archived=true&properties=hs_object_id");
}

TEST(HubspotRead, contacts_of_which_none_is_left_ask_for_no_companies) {
  ScriptedTransport transport({answer(200, results({})), answer(404, ""), answer(404, "")});
  const auto batch = read(kContacts, {"1"}, {{"associations"}}, transport);
  ASSERT_TRUE(batch);
  EXPECT_EQ(transport.requests.size(), 3u);
}

TEST(HubspotRead, more_than_a_hundred_ids_are_read_in_several_batches) {
  std::vector<std::string> asked_ids;
  for (int i = 0; i < 250; ++i) asked_ids.push_back(std::to_string(i + 1));
  std::vector<std::size_t> sizes;
  ScriptedTransport transport([&](const core::HttpRequest& request) -> ScriptedTransport::Answer {
    std::vector<std::string> envelopes;
    const core::Value body = json(request.body);
    for (const core::Value& input : body.at("inputs").as_list()) {
      envelopes.push_back(envelope(input.text_or("id")));
    }
    sizes.push_back(envelopes.size());
    return answer(200, results(envelopes));
  });
  const auto batch = read(kCompanies, asked_ids, {}, transport);
  ASSERT_TRUE(batch);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{100, 100, 50}));
  EXPECT_EQ(batch->records.size(), 250u);
}

TEST(HubspotRead, no_ids_take_no_call) {
  ScriptedTransport transport(std::vector<core::HttpResponse>{});
  ASSERT_TRUE(read(kContacts, {}, {{"associations"}}, transport));
  EXPECT_TRUE(transport.requests.empty());
}

TEST(HubspotRead, an_object_that_is_not_synced_takes_no_call) {
  ScriptedTransport transport(std::vector<core::HttpResponse>{});
  const auto batch = read(core::ObjectName("deals"), {"1"}, {}, transport);
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().kind, ReadError::Kind::rejected);
  EXPECT_EQ(batch.error().reason, "object deals is not synced");
  EXPECT_TRUE(transport.requests.empty());
}

TEST(HubspotRead, with_too_many_properties_for_a_url_a_merged_id_takes_two_calls) {
  Paths wanted;
  for (int i = 0; i < 400; ++i)
    wanted.insert({"properties", "a_long_property_" + std::to_string(i)});
  wanted.insert({"properties", "name"});
  ScriptedTransport transport({answer(200, results({})), answer(200, envelope("9")),
                               answer(200, results({envelope("9", R"({"name":"Acme"})")}))});
  const auto batch = read(kCompanies, {"1"}, wanted, transport);
  ASSERT_TRUE(batch);
  EXPECT_EQ(asked(transport).at(1),
            "GET /crm/v3/objects/companies/1?archived=false&properties=hs_object_id");
  EXPECT_EQ(json(transport.requests.at(2).body).at("inputs"), json(R"([{"id":"9"}])"));
  EXPECT_EQ(json(batch->records.at(0).json).at("properties"), json(R"({"name":"Acme"})"));
}

TEST(HubspotRead, one_refused_call_fails_the_batch_so_that_nothing_counts_as_missing) {
  for (const std::size_t failing : {0u, 1u, 2u}) {
    std::vector<core::HttpResponse> answers = {answer(200, results({})), answer(404, ""),
                                               answer(404, "")};
    answers.at(failing) = answer(500, "");
    ScriptedTransport transport(answers);
    EXPECT_FALSE(read(kCompanies, {"1"}, {}, transport)) << failing;
  }
}

}  // namespace
}  // namespace assembly_sync::connectors
