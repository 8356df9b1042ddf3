// The traps that CRMs set (tests/traps/others.md), one test each, against the descriptions that
// ship with the program wherever one of them has the trap.
#include "tests/unit/connectors/rest_support.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The bearer's secret, base URL and so on that each description asks for.
std::unique_ptr<Connector> preset(const std::string& type, const std::string& more = "") {
  const std::map<std::string, std::string> keys = {
      {"pipedrive", "api_token: t"},
      {"attio", "access_token: t"},
      {"close", "api_key: t"},
      {"twenty", "api_key: t"},
      {"espocrm", "api_key: t\nbase_url: https://crm.test/api/v1"},
      {"odoo", "api_key: t\nbase_url: https://crm.test/json/2"}};
  return make_source(type, keys.at(type) + "\n" + more);
}

const std::string kHooks = "webhook_secrets: [\"user:word\"]";

std::vector<std::string> decoded(const Connector& source, const std::string& body,
                                 const std::string& object = {}) {
  const auto notices = source.decode({body, core::ObjectName(object)});
  if (!notices) return {"error: " + notices.error().message};
  std::vector<std::string> out = in_words(*notices);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = (*notices)[i].ref.object.str() + ": " + out[i];
  }
  return out;
}

std::string decoded_url(const core::HttpRequest& request) {
  return core::percent_decode(request.url).value();
}

const std::int64_t kEleven = 1772362800000;  // 2026-03-01T11:00:00Z

std::unique_ptr<Connector> headless_cms() {
  return make_rest(
      "objects: {articles: {updated: [date_updated, date_created], request: {path: "
      "/items/articles, "
      "query: {limit: \"{limit}\", sort: id, \"filter[_and][0][id][_gt]\": \"{cursor}\", "
      "\"filter[_and][1][_or][0][date_updated][_gte]\": \"{since}\", "
      "\"filter[_and][1][_or][1][date_created][_gte]\": \"{since}\"}}, records: data, pages: "
      "{scheme: "
      "keyset, limit: 2}, changes: {scheme: query, overlap_seconds: 60}, detail: {request: {path: "
      "\"/items/articles/{id}\"}, records: data, missing: [403, 404]}}}");
}

TEST(RestTraps, T01_a_new_row_without_a_date_of_change_is_found_by_its_date_of_creation) {
  const auto source = headless_cms();
  const core::ObjectName articles("articles");
  ScriptedTransport transport(
      {answer(200, R"({"data":[{"id":4,"date_updated":null,"date_created":"2026-03-01T11:30:00Z"},
                              {"id":5,"date_updated":null,"date_created":null}]})"),
       answer(200, R"({"data":[]})"), answer(200, R"({"data":[]})")});
  const auto pass =
      all_changes(*source, "articles", source->changes_since(articles, at_ms(kEleven)), transport);
  ASSERT_TRUE(pass.has_value());
  EXPECT_THAT(in_words(pass->notices), ElementsAre("upserted 4 +", "upserted 5 +"));
  EXPECT_EQ(decoded_url(transport.requests[0]),
            "https://crm.test/api/items/articles?limit=2&sort=id&"
            "filter[_and][1][_or][0][date_updated][_gte]=2026-03-01T10:59:00Z&"
            "filter[_and][1][_or][1][date_created][_gte]=2026-03-01T10:59:00Z");
  // The row's date of creation has moved the moment on.
  ASSERT_TRUE(all_changes(*source, "articles", pass->next, transport).has_value());
  EXPECT_THAT(decoded_url(transport.requests[2]), HasSubstr("2026-03-01T11:29:00Z"));
}

TEST(RestTraps, T02_an_edit_in_the_same_second_as_the_last_one_seen_is_found) {
  const auto asked = [](const std::string& inclusive) {
    const auto source = make_rest(
        "objects: {people: {updated: at, request: {path: /p, query: {since: \"{since}\"}}, "
        "changes: "
        "{scheme: query, overlap_seconds: 0, inclusive: " +
        inclusive + "}}}");
    ScriptedTransport transport(
        {answer(200, R"([{"id":1,"at":"2026-03-01T11:00:00.900Z"}])"), answer(200, "[]")});
    const auto pass = all_changes(
        *source, "people", source->changes_since(core::ObjectName("people"), at_ms(0)), transport);
    EXPECT_TRUE(all_changes(*source, "people", pass->next, transport).has_value());
    return decoded_url(transport.requests[1]);
  };
  EXPECT_THAT(asked("true"), HasSubstr("since=2026-03-01T11:00:00Z"));
  EXPECT_THAT(asked("false"), HasSubstr("since=2026-03-01T10:59:59Z"));
}

TEST(RestTraps, T03_pages_follow_ids_inside_what_changed_so_that_no_row_moves_between_them) {
  const auto ordered = [](const Connector& source, const std::string& object,
                          const std::string& body) {
    ScriptedTransport transport([&](const core::HttpRequest&) { return answer(200, body); });
    const auto name = core::ObjectName(object);
    EXPECT_TRUE(
        source.changes(name, source.changes_since(name, at_ms(kEleven)), {}, transport, kNow)
            .has_value());
    return decoded_url(transport.requests.at(0)) + ' ' + transport.requests.at(0).body;
  };
  EXPECT_THAT(ordered(*preset("pipedrive"), "persons", R"({"data":[]})"),
              HasSubstr("sort_by=id&sort_direction=asc&updated_since=2026-03-01T10:58:00Z"));
  const std::string twenty = ordered(*preset("twenty"), "people", R"({"data":{"people":[]}})");
  EXPECT_THAT(twenty, HasSubstr(R"(filter=updatedAt[gte]:"2026-03-01T10:59:00.000Z")"));
  EXPECT_THAT(twenty, testing::Not(HasSubstr("order_by")));  // by id is what it does by itself
  EXPECT_THAT(ordered(*preset("odoo"), "contacts", "[]"),
              HasSubstr(R"(["write_date",">=","2026-03-01 10:58:00"]])"));
  EXPECT_THAT(ordered(*preset("odoo"), "contacts", "[]"), HasSubstr(R"("order":"id")"));
  EXPECT_THAT(ordered(*preset("espocrm"), "contacts", R"({"list":[],"total":0})"),
              HasSubstr("orderBy=id&order=asc"));
}

TEST(RestTraps, T04_a_changed_link_that_moves_no_date_shows_in_the_next_listing) {
  const auto source = make_rest(
      "objects: {people: {updated: at, request: {path: /p}, company: {field: org, object: orgs}}, "
      "orgs: {request: {path: /o}}}");
  ScriptedTransport transport({answer(200, R"([{"id":1,"at":"2026-03-01T11:00:00Z","org":7}])"),
                               answer(200, R"([{"id":1,"at":"2026-03-01T11:00:00Z","org":8}])")});
  const auto before = list_all(*source, "people", transport).value();
  const auto after = list_all(*source, "people", transport).value();
  EXPECT_EQ(before[0].version, after[0].version);
  EXPECT_NE(before[0].json, after[0].json);
  EXPECT_EQ(after[0].related.at(0).id.str(), "8");
  // Close tells of the two objects apart: both are asked.
  for (const char* object : {"leads", "contacts"}) {
    EXPECT_TRUE(preset("close")->finds_changes(core::ObjectName(object)));
  }
}

TEST(RestTraps, T05_what_happened_while_no_webhook_arrived_is_found_from_the_kept_moment) {
  // Whose senders drop events for good: each can be asked, or is listed as a whole.
  for (const char* type : {"pipedrive", "twenty", "odoo", "espocrm", "close"}) {
    const auto source = preset(type);
    for (const core::ObjectName& object : source->objects()) {
      EXPECT_TRUE(source->finds_changes(object)) << type;
    }
  }
  const auto attio = preset("attio");
  EXPECT_FALSE(attio->finds_changes(core::ObjectName("companies")));
  EXPECT_TRUE(attio->lists_objects());
}

TEST(RestTraps, T07_a_wait_comes_as_date_as_decimal_in_another_header_or_not_at_all) {
  const auto wait = [](const std::string& type, const std::string& object,
                       std::vector<core::HttpHeader> headers) -> std::optional<std::int64_t> {
    ScriptedTransport transport({answer(429, "{}", std::move(headers))});
    const auto page = preset(type)->list(core::ObjectName(object), {}, {}, transport, kNow);
    EXPECT_EQ(page.error().kind, ReadError::Kind::throttled);
    if (!page.error().retry_after) return std::nullopt;
    return page.error().retry_after->count();
  };
  EXPECT_EQ(wait("attio", "people", {{"Retry-After", "Sun, 01 Mar 2026 12:00:05 GMT"}}), 5000);
  EXPECT_EQ(wait("close", "leads", {{"RateLimit", "limit=100, remaining=50, reset=2.5"}}), 2500);
  EXPECT_EQ(wait("pipedrive", "persons", {}), std::nullopt);
}

TEST(RestTraps, T08_no_body_a_page_instead_of_json_and_an_error_with_status_200) {
  const auto source = preset("pipedrive");
  const core::ObjectName persons("persons");
  ScriptedTransport transport(
      {answer(204, ""), answer(304, ""), answer(403, "<!doctype html><html>blocked</html>"),
       answer(502, "<html>bad gateway</html>"), answer(200, "<html></html>")});
  const std::string cursor = source->changes_since(persons, at_ms(kEleven));
  for (int i = 0; i < 2; ++i) {
    const auto changes = source->changes(persons, cursor, {}, transport, kNow);
    ASSERT_TRUE(changes.has_value());
    EXPECT_TRUE(changes->notices.empty() && !changes->more);
  }
  EXPECT_EQ(source->changes(persons, cursor, {}, transport, kNow).error().kind,
            ReadError::Kind::throttled);
  EXPECT_EQ(source->changes(persons, cursor, {}, transport, kNow).error().kind,
            ReadError::Kind::transient);
  EXPECT_EQ(source->changes(persons, cursor, {}, transport, kNow).error().kind,
            ReadError::Kind::transient);

  const auto old_rpc = make_rest(
      "responses: [{status: 200, contains: '\"error\":', action: fail}]\n"
      "objects: {people: {request: {path: /jsonrpc}, records: result}}");
  ScriptedTransport rpc(
      {answer(200, R"({"jsonrpc":"2.0","error":{"code":200,"message":"Odoo"}})")});
  EXPECT_EQ(list_all(*old_rpc, "people", rpc).error().kind, ReadError::Kind::rejected);
}

TEST(RestTraps, T09_an_id_is_the_same_as_number_and_as_text) {
  const auto source = preset("pipedrive", kHooks);
  ScriptedTransport transport({answer(200, R"({"data":[{"id":42}],"additional_data":{}})")});
  EXPECT_THAT(ids_of(list_all(*source, "organizations", transport).value()), ElementsAre("42"));
  EXPECT_THAT(
      decoded(*source, R"({"meta":{"entity":"organization","entity_id":"42","action":"change"}})"),
      ElementsAre("organizations: upserted 42"));
}

TEST(RestTraps, T10_one_webhook_may_be_about_many_records) {
  const auto directus = make_rest(
      "verify: {scheme: bearer, secrets: [s]}\n"
      "objects: {articles: {request: {path: /a}, detail: {request: {path: \"/a/{id}\"}}, webhooks: "
      "[{id: keys.*, deleted: {event: items.delete}}]}}");
  EXPECT_THAT(decoded(*directus, R"({"event":"articles.items.update","keys":[1,"b"]})"),
              ElementsAre("articles: upserted 1", "articles: upserted b"));
  EXPECT_THAT(decoded(*preset("espocrm", kHooks),
                      R"([{"id":"a","name":"x"},{"id":"b","name":"y"}])", "accounts"),
              ElementsAre("accounts: upserted a", "accounts: upserted b"));
  EXPECT_THAT(decoded(*preset("attio", kHooks), R"({"webhook_id":"w","events":[
      {"event_type":"record.updated","id":{"object_id":"o","record_id":"r1","attribute_id":"x"}},
      {"event_type":"note.created","id":{"note_id":"n"}}]})"),
              ElementsAre("companies: upserted r1", "people: upserted r1",
                          ": upserted  ignored: no object's `when` fits"));
}

TEST(RestTraps, T13_a_merge_makes_a_third_record_or_keeps_one_of_the_two) {
  const auto attio = preset("attio", kHooks);
  EXPECT_THAT(decoded(*attio, R"({"events":[
      {"event_type":"record.merged","id":{"record_id":"new"},"duplicate_record_id":"a"},
      {"event_type":"record.merged","id":{"record_id":"new"},"duplicate_record_id":"b"}]})",
                      "people"),
              ElementsAre("people: merged new <- a", "people: merged new <- b"));
  const auto pipedrive = preset("pipedrive", kHooks);
  EXPECT_THAT(decoded(*pipedrive, R"({"meta":{"action":"delete","entity":"person","entity_id":"2",
      "merged_to_id":1},"data":null,"previous":{"id":2}})"),
              ElementsAre("persons: merged 1 <- 2"));
  EXPECT_THAT(decoded(*pipedrive, R"({"meta":{"action":"change","entity":"person","entity_id":"1",
      "merged_from_id":2},"data":{"id":1}})"),
              ElementsAre("persons: merged 1 <- 2"));
  EXPECT_THAT(decoded(*preset("close", "webhook_secrets: [\"00ff\"]"), R"({"event":{"object_type":
      "lead","action":"merged","object_id":"l1","meta":{"merge_source_lead_id":"l2",
      "merge_destination_lead_id":"l1"}}})"),
              ElementsAre("leads: merged l1 <- l2"));
}

TEST(RestTraps, T14_a_deletion_has_no_data_the_id_alone_a_list_of_ids_or_the_last_state) {
  EXPECT_THAT(decoded(*preset("pipedrive", kHooks), R"({"meta":{"action":"delete","entity":"person",
      "entity_id":"2"},"data":null,"previous":{"id":2,"name":"was"}})"),
              ElementsAre("persons: deleted 2"));
  EXPECT_THAT(decoded(*preset("espocrm", kHooks), R"([{"id":"a"},{"id":"b","name":"still here"}])",
                      "contacts"),
              ElementsAre("contacts: deleted a", "contacts: upserted b"));
  const auto own = [](const std::string& rule) {
    return make_rest("verify: {scheme: none}\nobjects: {rows: {request: {path: /r}, webhooks: [" +
                     rule + "]}}");
  };
  EXPECT_THAT(decoded(*own("{id: keys.*, record: payload, deleted: {event: rows.items.delete}}"),
                      R"({"event":"rows.items.delete","keys":["1","2"],"payload":["1","2"]})"),
              ElementsAre("rows: deleted 1 +", "rows: deleted 2 +"));
  EXPECT_THAT(decoded(*own("{id: object.objectId, record: object, deleted: {triggerName: "
                           "afterDelete}}"),
                      R"({"triggerName":"afterDelete","object":{"objectId":"x","name":"last"}})"),
              ElementsAre("rows: deleted x +"));
}

TEST(RestTraps, T16_values_in_each_crms_own_dress_reach_the_mapping_as_they_are) {
  ScriptedTransport odoo({answer(200, R"([{"id":7,"name":"Ada","email":false,"active":false,
      "parent_id":[3,"Acme"],"write_date":"2026-03-01 11:00:00"},
      {"id":8,"parent_id":false,"write_date":"2026-03-01 11:00:00"}])")});
  const auto partners = list_all(*preset("odoo"), "contacts", odoo).value();
  EXPECT_THAT(partners[0].json, HasSubstr(R"("email":null,"active":false)"));
  EXPECT_EQ(partners[0].version, kEleven);
  EXPECT_EQ(partners[0].related.at(0).id.str(), "3");
  EXPECT_THAT(partners[1].json, HasSubstr(R"("parent_id":null)"));
  EXPECT_THAT(partners[1].related, IsEmpty());

  ScriptedTransport twenty({answer(200, R"({"data":{"companies":[{"id":"c","annualRecurringRevenue":
      {"amountMicros":"9007199254740993000","currencyCode":"EUR"},"domainName":{"primaryLinkUrl":
      "https://acme.test"}}]},"pageInfo":{"hasNextPage":false}})")});
  EXPECT_THAT(list_all(*preset("twenty"), "companies", twenty).value()[0].json,
              HasSubstr(R"("amountMicros":"9007199254740993000")"));

  ScriptedTransport attio({answer(200, R"({"data":[{"id":{"record_id":"p"},"values":{"company":
      [{"target_object":"companies","target_record_id":"c"}],"email_addresses":[]}}]})")});
  const auto people = list_all(*preset("attio"), "people", attio).value();
  EXPECT_EQ(people[0].ref.id.str(), "p");
  EXPECT_EQ(people[0].related.at(0).id.str(), "c");
}

TEST(RestTraps, T17_an_answer_403_is_no_deletion_by_itself) {
  const auto cms = headless_cms();
  const core::ObjectName articles("articles");
  // Where the description says that 403 may mean a missing row, it is only missing: the pipeline
  // wants a second sign.
  ScriptedTransport single({answer(403, R"({"errors":[{"message":"no permission"}]})")});
  const auto read = cms->read(articles, {core::RecordId("5")}, {}, single, kNow);
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->missing.size(), 1U);
  EXPECT_FALSE(read->missing[0].archived);
  // Of a listing it says nothing about rows, whatever the description says of single ones.
  ScriptedTransport listing({answer(403, "{}")});
  EXPECT_EQ(list_all(*cms, "articles", listing).error().kind, ReadError::Kind::unauthorized);
  // Where it does not say so, a refused row is an error and not missing.
  const auto other =
      make_rest("objects: {rows: {request: {path: /r}, detail: {request: {path: \"/r/{id}\"}}}}");
  ScriptedTransport refused({answer(403, "{}")});
  EXPECT_EQ(
      other->read(core::ObjectName("rows"), {core::RecordId("1")}, {}, refused, kNow).error().kind,
      ReadError::Kind::rejected);
}

TEST(RestTraps, T19_both_payloads_of_twenty_are_read) {
  const auto twenty = preset("twenty", kHooks);
  EXPECT_THAT(decoded(*twenty, R"({"targetUrl":"https://x","eventName":"person.updated",
      "objectMetadata":{"id":"m","nameSingular":"person"},"webhookId":"w","eventDate":
      "2026-03-01T11:00:00Z","record":{"id":"p1","updatedAt":"2026-03-01T11:00:00Z"}})"),
              ElementsAre("people: upserted p1"));
  EXPECT_THAT(decoded(*twenty, R"({"event":"company.deleted","data":{"id":"c1"},"timestamp":
      "2026-03-01T11:00:00Z"})"),
              ElementsAre("companies: deleted c1"));
}

}  // namespace
}  // namespace assembly_sync::connectors
