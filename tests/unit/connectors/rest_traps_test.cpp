// The traps that CRMs set (tests/traps/others.md), one test each, against the descriptions that
// ship with the program wherever one of them has the trap.
#include "connectors/hooks.hpp"
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
      {"zoho", "client_id: c\nclient_secret: s\nrefresh_token: r"},
      {"espocrm", "api_key: t\nbase_url: https://crm.test/api/v1"},
      {"odoo", "api_key: t\nbase_url: https://crm.test/json/2"}};
  return make_source(type, keys.at(type) + "\n" + more);
}

/// Answers in this order, beside the tokens that an API may be asked for before.
ScriptedTransport answering(std::vector<core::HttpResponse> answers) {
  return ScriptedTransport(
      [answers = std::move(answers), next = std::size_t{0}](
          const core::HttpRequest& request) mutable -> ScriptedTransport::Answer {
        if (request.url.ends_with("/oauth/v2/token")) return answer(200, R"({"access_token":"t"})");
        return next < answers.size() ? answers[next++] : answer(599, "");
      });
}

/// The requests for records in words: address, body, and the header that may hold a moment.
std::vector<std::string> asked(const ScriptedTransport& transport) {
  std::vector<std::string> out;
  for (const core::HttpRequest& request : transport.requests) {
    if (request.url.ends_with("/oauth/v2/token")) continue;
    const auto since = core::find_header(request.headers, "If-Modified-Since");
    out.push_back(core::percent_decode(request.url).value() + ' ' + request.body + ' ' +
                  std::string(since.value_or("")));
  }
  return out;
}

/// `[{"id":"r1","NAME":TIME},…]`
std::string rows(int count, const std::string& time, const std::string& id = "\"r#\"") {
  std::string out;
  for (int n = 1; n <= count; ++n) {
    std::string text = id;
    text.replace(text.find('#'), 1, std::to_string(n));
    out += (n == 1 ? "[{\"id\":" : ",{\"id\":") + text + ',' + time + '}';
  }
  return out + ']';
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

struct TwoPages {
  std::string type;
  std::string object;
  std::vector<std::string> answers;  // a full page, a last one, and what else is asked
  std::vector<std::string> both;     // what both requests say
  std::string second;                // what only the second one says
};

const std::string kEmpty = R"({"data":[],"info":{"more_records":false}})";

std::vector<TwoPages> two_pages() {
  const std::string at = R"("write_date":"2026-03-01 11:30:00")";
  const std::string espo_at = R"("modifiedAt":"2026-03-01 11:30:00")";
  return {
      {"pipedrive",
       "persons",
       {R"({"data":[{"id":1}],"additional_data":{"next_cursor":"c2"}})",
        R"({"data":[{"id":2}],"additional_data":{"next_cursor":null}})"},
       {"sort_by=id&sort_direction=asc", "updated_since=2026-03-01T10:58:00Z"},
       "cursor=c2"},
      // By id is what it does by itself.
      {"twenty",
       "people",
       {R"({"data":{"people":[{"id":"a"}]},"pageInfo":{"hasNextPage":true,"endCursor":"e1"}})",
        R"({"data":{"people":[{"id":"b"}]},"pageInfo":{"hasNextPage":false,"endCursor":"e2"}})",
        R"({"data":{"people":[]},"pageInfo":{"hasNextPage":false}})"},
       {R"(filter=updatedAt[gte]:"2026-03-01T10:59:00.000Z")"},
       "starting_after=e1"},
      {"odoo",
       "contacts",
       {rows(500, at, "#"), rows(1, at, "50#")},
       {R"(["write_date",">=","2026-03-01 10:58:00"])", R"("order":"id")"},
       R"(["id",">",500])"},
      {"espocrm",
       "contacts",
       {R"({"list":)" + rows(200, espo_at) + "}", R"({"list":)" + rows(1, espo_at, "\"s#\"") + "}"},
       {"orderBy=id&order=asc", "[attribute]=modifiedAt", "[value]=2026-03-01 10:59:00"},
       "whereGroup[0][value]=r200"},
      {"zoho",
       "contacts",
       {R"({"data":[{"id":"1"}],"info":{"more_records":true}})",
        R"({"data":[{"id":"2"}],"info":{"more_records":false}})", kEmpty},
       {"sort_by=id&sort_order=asc", "2026-03-01T10:59:00+00:00"},
       "&page=2&"},
      // The log is read in its own order, and by a cursor.
      {"close",
       "contacts",
       {R"({"data":[{"object_id":"a"}],"cursor_next":"c2"})",
        R"({"data":[{"object_id":"b"}],"cursor_next":null})"},
       {"object_type=contact", "date_updated__gte=2026-03-01T10:58:00Z"},
       "_cursor=c2"},
  };
}

TEST(RestTraps, T03_pages_follow_ids_inside_what_changed_so_that_no_row_moves_between_them) {
  for (const TwoPages& pages : two_pages()) {
    std::vector<core::HttpResponse> answers;
    for (const std::string& body : pages.answers) answers.push_back(answer(200, body));
    ScriptedTransport transport = answering(std::move(answers));
    const auto source = preset(pages.type);
    const core::ObjectName object(pages.object);
    const auto pass = all_changes(*source, pages.object,
                                  source->changes_since(object, at_ms(kEleven)), transport);
    ASSERT_TRUE(pass.has_value()) << pages.type << ": " << pass.error().reason;
    const auto requests = asked(transport);
    ASSERT_EQ(requests.size(), pages.answers.size()) << pages.type;
    for (const std::string& part : pages.both) {
      EXPECT_THAT(requests[0], HasSubstr(part)) << pages.type;
      EXPECT_THAT(requests[1], HasSubstr(part)) << pages.type;
    }
    EXPECT_THAT(requests[0], testing::Not(HasSubstr(pages.second))) << pages.type;
    EXPECT_THAT(requests[1], HasSubstr(pages.second)) << pages.type;
    EXPECT_THAT(requests[1], testing::Not(HasSubstr("order_by"))) << pages.type;
    EXPECT_GE(pass->notices.size(), 2U) << pages.type;
  }
}

TEST(RestTraps, T03_attio_is_listed_in_the_order_of_a_date_that_never_moves) {
  const std::string row = R"({"id":{"record_id":"#"}})";
  std::string full;
  for (int n = 1; n <= 500; ++n) {
    full += (n == 1 ? "[" : ",") + std::string(row).replace(row.find('#'), 1, std::to_string(n));
  }
  ScriptedTransport transport(
      {answer(200, "{\"data\":" + full + "]}"), answer(200, "{\"data\":[" + row + "]}")});
  ASSERT_EQ(list_all(*preset("attio"), "people", transport)->size(), 501U);
  const std::string sorts = R"("sorts":[{"attribute":"created_at","direction":"asc"}])";
  EXPECT_THAT(asked(transport),
              ElementsAre(testing::AllOf(HasSubstr(R"("offset":0)"), HasSubstr(sorts)),
                          testing::AllOf(HasSubstr(R"("offset":500)"), HasSubstr(sorts))));
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
}

TEST(RestTraps, T04_an_edited_contact_of_close_is_found_without_an_event_of_its_lead) {
  const auto close = preset("close", "webhook_secrets: [\"00ff\"]");
  // The log knows of the contact only: nothing is there of its lead.
  ScriptedTransport transport([](const core::HttpRequest& request) {
    const bool of_contacts = request.url.find("object_type=contact") != std::string::npos;
    return answer(200, of_contacts ? R"({"data":[{"object_type":"contact","object_id":"cont_1",
        "lead_id":"lead_1","action":"updated","date_updated":"2026-03-01T11:30:00"}]})"
                                   : R"({"data":[]})");
  });
  const auto told = [&](const char* object) {
    const core::ObjectName name(object);
    return in_words(
        all_changes(*close, object, close->changes_since(name, at_ms(kEleven)), transport)
            ->notices);
  };
  EXPECT_THAT(told("leads"), IsEmpty());
  EXPECT_THAT(told("contacts"), ElementsAre("upserted cont_1"));
  EXPECT_THAT(decoded(*close, R"({"event":{"object_type":"contact","action":"updated",
      "object_id":"cont_1","lead_id":"lead_1"}})"),
              ElementsAre("contacts: upserted cont_1"));
  // And its webhooks are subscribed to beside those of leads.
  ScriptedTransport made({answer(200, R"({"id":"h","signature_key":"00"})")});
  ASSERT_TRUE(close->hooks()
                  ->create("leads and contacts", "https://sync.test/hooks/crm", made, kNow)
                  .has_value());
  for (const char* event : {R"({"action":"updated","object_type":"lead"})",
                            R"({"action":"updated","object_type":"contact"})"}) {
    EXPECT_THAT(made.requests.at(0).body, HasSubstr(event));
  }
}

TEST(RestTraps, T05_what_happened_while_no_webhook_arrived_is_found_from_the_kept_moment) {
  // Whose senders drop events for good. The cursor was kept before the receiver went away at
  // eleven; it is asked again an hour later.
  struct Away {
    std::string type;
    std::string object;
    std::vector<std::string> answers;
    std::string from;  // what the first request says of the moment
    std::string found;
  };
  const std::vector<Away> all = {
      {"pipedrive",
       "persons",
       {R"({"data":[{"id":7,"update_time":"2026-03-01T11:30:00Z"}],"additional_data":{}})"},
       "updated_since=2026-03-01T10:58:00Z",
       "upserted 7 +"},
      {"twenty",
       "people",
       {R"({"data":{"people":[]},"pageInfo":{}})",
        R"({"data":{"people":[{"id":"p","deletedAt":"2026-03-01T11:30:00Z"}]},"pageInfo":{}})"},
       "updatedAt[gte]:\"2026-03-01T10:59:00.000Z\"",
       "deleted p"},
      {"odoo",
       "contacts",
       {R"([{"id":7,"write_date":"2026-03-01 11:30:00"}])"},
       R"(["write_date",">=","2026-03-01 10:58:00"])",
       "upserted 7 +"},
      {"espocrm",
       "accounts",
       {R"({"list":[{"id":"a","modifiedAt":"2026-03-01 11:30:00"}]})"},
       "[value]=2026-03-01 10:59:00",
       "upserted a +"},
      {"close",
       "leads",
       {R"({"data":[{"object_id":"l","action":"deleted","date_updated":"2026-03-01T11:30:00"}]})"},
       "date_updated__gte=2026-03-01T10:58:00Z",
       "deleted l"},
      {"zoho",
       "contacts",
       {R"({"data":[{"id":"9","Modified_Time":"2026-03-01T11:30:00Z"}],"info":{}})", kEmpty},
       "2026-03-01T10:59:00+00:00",
       "upserted 9 +"}};
  for (const Away& away : all) {
    const core::ObjectName object(away.object);
    const std::string kept = preset(away.type)->changes_since(object, at_ms(kEleven));
    std::vector<core::HttpResponse> answers;
    for (const std::string& body : away.answers) answers.push_back(answer(200, body));
    ScriptedTransport transport = answering(std::move(answers));
    // Another process than the one that kept it.
    const auto pass = all_changes(*preset(away.type), away.object, kept, transport);
    ASSERT_TRUE(pass.has_value()) << away.type << ": " << pass.error().reason;
    EXPECT_THAT(asked(transport).at(0), HasSubstr(away.from)) << away.type;
    EXPECT_THAT(in_words(pass->notices), ElementsAre(away.found)) << away.type;
  }
  // Attio can't be asked: what a webhook lost shows when all is listed.
  const auto attio = preset("attio");
  EXPECT_FALSE(attio->finds_changes(core::ObjectName("companies")));
  ScriptedTransport listing({answer(200, R"({"data":[{"id":{"record_id":"c"}}]})")});
  EXPECT_THAT(ids_of(list_all(*attio, "companies", listing).value()), ElementsAre("c"));
}

TEST(RestTraps, T07_a_wait_comes_as_date_as_decimal_in_another_header_or_not_at_all) {
  const auto wait = [](const std::string& type, const std::string& object,
                       std::vector<core::HttpHeader> headers) -> std::optional<std::int64_t> {
    ScriptedTransport transport = answering({answer(429, "{}", std::move(headers))});
    const auto page = preset(type)->list(core::ObjectName(object), {}, {}, transport, kNow);
    EXPECT_EQ(page.error().kind, ReadError::Kind::throttled);
    if (!page.error().retry_after) return std::nullopt;
    return page.error().retry_after->count();
  };
  EXPECT_EQ(wait("attio", "people", {{"Retry-After", "Sun, 01 Mar 2026 12:00:05 GMT"}}), 5000);
  EXPECT_EQ(wait("close", "leads", {{"RateLimit", "limit=100, remaining=50, reset=2.5"}}), 2500);
  // None at all: how long is then the caller's to choose.
  EXPECT_EQ(wait("zoho", "contacts", {}), std::nullopt);
  // So it is with one that is over before it begins: at once would be too early again.
  EXPECT_EQ(wait("attio", "people", {{"Retry-After", "Sun, 01 Mar 2026 11:59:00 GMT"}}),
            std::nullopt);
  EXPECT_EQ(wait("attio", "people", {{"Retry-After", "0"}}), std::nullopt);
  EXPECT_EQ(wait("close", "leads", {{"RateLimit", "reset=0"}, {"Retry-After", "2"}}), 2000);
  EXPECT_EQ(wait("close", "leads", {{"RateLimit", "reset=0.0004"}}), 1);
}

TEST(RestTraps, T08_no_body_a_page_instead_of_json_and_an_error_with_status_200) {
  // Zoho: 304 says that nothing is newer, 204 that there is nothing, and neither has a body.
  const core::ObjectName contacts("contacts");
  for (const int status : {204, 304}) {
    const auto zoho = preset("zoho");
    ScriptedTransport nothing = answering({answer(status, ""), answer(status, "")});
    const auto pass =
        all_changes(*zoho, "contacts", zoho->changes_since(contacts, at_ms(kEleven)), nothing);
    ASSERT_TRUE(pass.has_value()) << status;
    EXPECT_THAT(pass->notices, IsEmpty());
    EXPECT_EQ(pass->next, zoho->changes_since(contacts, at_ms(kEleven)));
    EXPECT_EQ(asked(nothing).size(), 2U);  // what changed, and what was deleted
    ScriptedTransport listing = answering({answer(status, "")});
    EXPECT_THAT(list_all(*zoho, "contacts", listing).value(), IsEmpty());
    ScriptedTransport single = answering({answer(status, "")});
    EXPECT_EQ(zoho->read(contacts, {core::RecordId("1")}, {}, single, kNow)->missing.size(), 1U);
  }

  const auto source = preset("pipedrive");
  const core::ObjectName persons("persons");
  ScriptedTransport transport({answer(403, "<!doctype html><html>blocked</html>"),
                               answer(502, "<html>bad gateway</html>"),
                               answer(200, "<html></html>")});
  const std::string cursor = source->changes_since(persons, at_ms(kEleven));
  for (const auto kind :
       {ReadError::Kind::throttled, ReadError::Kind::transient, ReadError::Kind::transient}) {
    EXPECT_EQ(source->changes(persons, cursor, {}, transport, kNow).error().kind, kind);
  }

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
  // At the shared address the object is not known: both look, and one of them finds it.
  EXPECT_THAT(decoded(*attio, R"({"events":[
      {"event_type":"record.merged","id":{"record_id":"new"},"duplicate_record_id":"a"}]})"),
              ElementsAre("companies: merged new <- a", "people: merged new <- a"));
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
