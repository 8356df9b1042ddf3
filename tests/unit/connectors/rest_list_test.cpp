// How a REST source lists: requests, where records stand, how pages follow each other.
#include "tests/unit/connectors/rest_support.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string url(const ScriptedTransport& transport, std::size_t index) {
  return transport.requests.at(index).url;
}

TEST(RestList, keeps_records_as_they_are_written) {
  const auto source = make_rest("objects: {people: {request: {path: /people}, records: data}}");
  const std::string record =
      R"({ "name":"\u0041b","id":12345678901234567890 ,"price":1.10,"big":1e3})";
  ScriptedTransport transport({answer(200, R"({"data":[null,)" + record + "]}")});
  const auto records = list_all(*source, "people", transport);
  ASSERT_TRUE(records.has_value());
  ASSERT_EQ(records->size(), 1U);
  EXPECT_EQ(records->front().json, record);
  EXPECT_EQ(records->front().ref.id.str(), "12345678901234567890");
}

TEST(RestList, finds_records_at_the_root_below_names_and_in_every_part_of_a_list_or_map) {
  const auto ids = [](const std::string& path, const std::string& body) {
    const auto source = make_rest("objects: {people: {request: {path: /people}" + path + "}}");
    ScriptedTransport transport({answer(200, body)});
    return ids_of(list_all(*source, "people", transport).value());
  };
  EXPECT_THAT(ids("", R"([{"id":1},{"id":"b"}])"), ElementsAre("1", "b"));
  EXPECT_THAT(ids("", R"({"id":1})"), ElementsAre("1"));
  EXPECT_THAT(ids(", records: a.b", R"({"a":{"b":[{"id":1}]}})"), ElementsAre("1"));
  EXPECT_THAT(ids(", records: groups.*.items", R"({"groups":[{"items":[{"id":1},{"id":2}]},
      {"items":[]},{"items":[{"id":3}]}]})"),
              ElementsAre("1", "2", "3"));
  EXPECT_THAT(ids(", records: data.*", R"({"data":{"x":{"id":1},"y":{"id":2}}})"),
              ElementsAre("1", "2"));
}

TEST(RestList, says_what_is_wrong_with_an_answer_or_a_row_without_showing_it) {
  const auto source = make_rest("objects: {people: {request: {path: /people}, records: data}}");
  ScriptedTransport transport({answer(200, R"({"items":[]})"), answer(200, "<html>x</html>"),
                               answer(200, R"({"data":[{"id":null},7,{"id":1}]})")});
  EXPECT_EQ(list_all(*source, "people", transport).error().reason,
            "the API's answer has no records at data");
  EXPECT_THAT(list_all(*source, "people", transport).error().reason, HasSubstr("invalid JSON"));
  const auto page = source->list(core::ObjectName("people"), {}, {}, transport, kNow);
  ASSERT_TRUE(page.has_value());
  EXPECT_THAT(
      page->bad_rows,
      ElementsAre("row 1 of page 1: expected a text or a whole number as id at id, got null",
                  "row 2 of page 1: expected a record, got a number"));
  EXPECT_THAT(ids_of(page->records), ElementsAre("1"));
}

TEST(RestList, leaves_out_parameters_whose_variable_has_no_value_and_keeps_their_names) {
  const auto source = make_rest(
      "config: {site: eu}\n"
      "headers: {X-Site: \"{config.site}\"}\n"
      "objects: {people: {request: {path: \"/{config.site}/people\", query: {\"filter[_or][0][a]\":"
      " \"x y\", since: \"{since}\", limit: \"{limit}\", offset: \"{offset}\"}}, "
      "pages: {scheme: offset, limit: 2}}}");
  ScriptedTransport transport({answer(200, "[]")});
  ASSERT_TRUE(list_all(*source, "people", transport).has_value());
  EXPECT_EQ(url(transport, 0),
            "https://crm.test/api/eu/people?filter[_or][0][a]=x%20y&limit=2&offset=0");
  EXPECT_EQ(core::find_header(transport.requests[0].headers, "X-Site"), "eu");
}

TEST(RestList, pages_by_offset_go_by_what_came_and_end_with_an_empty_page) {
  const auto source = make_rest(
      "objects: {people: {request: {path: /people, query: {o: \"{offset}\"}}, "
      "pages: {scheme: offset}}}");
  ScriptedTransport transport(
      {answer(200, R"([{"id":1},{"id":2}])"), answer(200, R"([{"id":3}])"), answer(200, "[]")});
  EXPECT_THAT(ids_of(list_all(*source, "people", transport).value()), ElementsAre("1", "2", "3"));
  EXPECT_EQ(url(transport, 1), "https://crm.test/api/people?o=2");
  EXPECT_EQ(url(transport, 2), "https://crm.test/api/people?o=3");
}

TEST(RestList, pages_by_offset_may_end_by_a_total_or_a_short_page) {
  const auto requests = [](const std::string& pages, std::vector<core::HttpResponse> answers) {
    const auto source = make_rest(
        "objects: {people: {request: {path: /people, query: {o: \"{offset}\"}}, records: data, "
        "pages: {scheme: offset, limit: 2, " +
        pages + "}}}");
    ScriptedTransport transport(std::move(answers));
    EXPECT_TRUE(list_all(*source, "people", transport).has_value());
    return transport.requests.size();
  };
  const std::string full = R"({"data":[{"id":1},{"id":2}],"total":2,"more":true})";
  const std::string other = R"({"data":[{"id":3}],"total":3,"more":false})";
  EXPECT_EQ(requests("total: total", {answer(200, full)}), 1U);
  EXPECT_EQ(requests("short_page_ends: true", {answer(200, full), answer(200, other)}), 2U);
  EXPECT_EQ(requests("more: more", {answer(200, full), answer(200, other)}), 2U);
}

TEST(RestList, pages_by_number_go_over_to_a_token_as_soon_as_there_is_one) {
  const auto source = make_rest(
      "objects: {people: {request: {path: /people, query: {page: \"{page}\", page_token: "
      "\"{cursor}\"}}, records: data, pages: {scheme: page, more: info.more, token: info.token}}}");
  ScriptedTransport transport(
      {answer(200, R"({"data":[{"id":1}],"info":{"more":true}})"),
       answer(200, R"({"data":[{"id":2}],"info":{"more":true,"token":"t1"}})"),
       answer(200, R"({"data":[{"id":3}],"info":{"more":false,"token":"t2"}})")});
  EXPECT_THAT(ids_of(list_all(*source, "people", transport).value()), ElementsAre("1", "2", "3"));
  EXPECT_EQ(url(transport, 0), "https://crm.test/api/people?page=1");
  EXPECT_EQ(url(transport, 1), "https://crm.test/api/people?page=2");
  EXPECT_EQ(url(transport, 2), "https://crm.test/api/people?page_token=t1");
}

TEST(RestList, pages_by_cursor_end_when_it_is_absent_null_or_said_to_be_the_last) {
  for (const std::string end :
       {R"({"data":[]})", R"({"data":[],"next":null})", R"({"data":[],"next":""})",
        R"({"data":[],"next":"c","m":false})"}) {
    const auto source = make_rest(
        "objects: {people: {request: {method: POST, path: /search, body: {after: \"{cursor}\", "
        "size: \"{limit}\"}}, records: data, pages: {scheme: cursor, limit: 5, value: next" +
        std::string(end.find("\"m\"") == std::string::npos ? "" : ", more: m") + "}}}");
    ScriptedTransport transport(
        {answer(200, R"({"data":[{"id":1}],"next":17,"m":true})"), answer(200, end)});
    EXPECT_TRUE(list_all(*source, "people", transport).has_value());
    ASSERT_EQ(transport.requests.size(), 2U) << end;
    EXPECT_EQ(transport.requests[0].body, R"({"size":5})");
    EXPECT_EQ(transport.requests[1].body, R"({"after":17,"size":5})");
  }
}

TEST(RestList, pages_by_keyset_ask_for_what_comes_behind_the_last_row) {
  const auto source = make_rest(
      "objects: {people: {request: {method: POST, path: /search, body: {domain: [[active, \"=\", "
      "true], [id, \">\", \"{cursor}\"], [at, \">=\", \"{since}\"]]}}, pages: {scheme: keyset}}}");
  ScriptedTransport transport({answer(200, R"([{"id":3},{"id":8}])"), answer(200, "[]")});
  EXPECT_THAT(ids_of(list_all(*source, "people", transport).value()), ElementsAre("3", "8"));
  EXPECT_EQ(transport.requests[0].body, R"({"domain":[["active","=",true]]})");
  EXPECT_EQ(transport.requests[1].body, R"({"domain":[["active","=",true],["id",">",8]]})");
}

TEST(RestList, pages_by_keyset_may_begin_behind_an_id_that_is_less_than_any) {
  const auto source = make_rest(
      "objects: {people: {request: {path: /p, query: {after: \"{cursor}\"}}, pages: {scheme: "
      "keyset, start: \"!\"}}}");
  ScriptedTransport transport({answer(200, R"([{"id":"a"}])"), answer(200, "[]")});
  EXPECT_THAT(ids_of(list_all(*source, "people", transport).value()), ElementsAre("a"));
  EXPECT_EQ(url(transport, 0), "https://crm.test/api/p?after=%21");
  EXPECT_EQ(url(transport, 1), "https://crm.test/api/p?after=a");
}

TEST(RestList, follows_next_addresses_and_links_but_never_to_another_host) {
  const auto by_url = make_rest(
      "auth: {scheme: query, name: key, value: s}\n"
      "objects: {people: {request: {path: /people}, records: data, pages: {scheme: next-url, "
      "field: links.next}}}");
  ScriptedTransport first(
      {answer(200, R"({"data":[{"id":1}],"links":{"next":"http://inside:8080/api/people?p=2"}})"),
       answer(200, R"({"data":[{"id":2}],"links":{"next":null}})")});
  EXPECT_THAT(ids_of(list_all(*by_url, "people", first).value()), ElementsAre("1", "2"));
  EXPECT_EQ(url(first, 0), "https://crm.test/api/people?key=s");
  EXPECT_EQ(url(first, 1), "https://crm.test/api/people?p=2&key=s");

  const auto by_link =
      make_rest("objects: {people: {request: {path: /people}, pages: {scheme: link}}}");
  ScriptedTransport second(
      {answer(200, R"([{"id":1}])",
              {{"link",
                "<https://crm.test/api/people?p=1>; rel=\"first\", "
                "<https://crm.test/api/people?p=2>; rel=\"next\""}}),
       answer(200, R"([{"id":2}])", {{"Link", "</api/people?p=1>; rel=\"prev\""}})});
  EXPECT_THAT(ids_of(list_all(*by_link, "people", second).value()), ElementsAre("1", "2"));
  EXPECT_EQ(url(second, 1), "https://crm.test/api/people?p=2");
}

TEST(RestList, a_key_is_added_to_the_next_address_unless_a_parameter_of_its_name_is_there) {
  const auto source = make_rest(
      "secrets: {token: t}\nauth: {scheme: query, name: token, value: \"{secret.token}\"}\n"
      "objects: {people: {request: {path: /p}, records: data, pages: {scheme: next-url, "
      "field: next}}}");
  ScriptedTransport transport(
      {answer(200, R"({"data":[{"id":1}],"next":"/api/p?page_token=2"})"),
       answer(200, R"({"data":[{"id":2}],"next":"/api/p?token=t&page_token=3"})"),
       answer(200, R"({"data":[{"id":3}]})")});
  ASSERT_TRUE(list_all(*source, "people", transport).has_value());
  EXPECT_EQ(url(transport, 1), "https://crm.test/api/p?page_token=2&token=t");
  EXPECT_EQ(url(transport, 2), "https://crm.test/api/p?token=t&page_token=3");
}

TEST(RestList, counts_the_holes_of_a_page_but_lists_the_rows) {
  const auto walk = [](const std::string& pages, const std::vector<std::string>& bodies) {
    const auto source = make_rest(
        "objects: {people: {request: {path: /p, query: {o: \"{offset}\", p: \"{page}\", c: "
        "\"{cursor}\"}}, records: data, pages: {" +
        pages + "}}}");
    std::vector<core::HttpResponse> answers;
    for (const std::string& body : bodies) {
      answers.push_back(answer(200, "{\"data\":" + body + "}"));
    }
    ScriptedTransport transport(std::move(answers));
    const auto records = list_all(*source, "people", transport);
    std::vector<std::string> told = records ? ids_of(*records) : std::vector<std::string>{};
    if (!records) told.push_back(records.error().reason);
    told.push_back(transport.requests.back().url);
    return told;
  };
  // By its rows alone the first page would be a short one.
  EXPECT_THAT(walk("scheme: offset, limit: 2, short_page_ends: true",
                   {R"([{"id":1},null])", R"([{"id":3}])"}),
              ElementsAre("1", "3", "https://crm.test/api/p?o=2"));
  // Pages of holes only, even two in a row, are no end.
  EXPECT_THAT(walk("scheme: offset", {"[null,null]", "[null,null]", R"([{"id":5}])", "[]"}),
              ElementsAre("5", "https://crm.test/api/p?o=5"));
  EXPECT_THAT(walk("scheme: page", {"[null]", R"([{"id":2}])", "[]"}),
              ElementsAre("2", "https://crm.test/api/p?p=3"));
  EXPECT_THAT(walk("scheme: page", {"null"}), ElementsAre("https://crm.test/api/p?p=1"));
  EXPECT_THAT(walk("scheme: keyset", {R"([{"id":7},null])", "[]"}),
              ElementsAre("7", "https://crm.test/api/p?c=7"));
  // Without a last row there is no way to ask for what comes behind it, and it may be much.
  EXPECT_THAT(walk("scheme: keyset", {R"([{"id":7}])", "[null]"}),
              ElementsAre("the listing does not advance: page 2 shows no row with a value at id",
                          "https://crm.test/api/p?c=7"));
}

TEST(RestList, a_listing_that_does_not_advance_is_ended_with_a_reason) {
  const auto reason = [](const std::string& pages, const std::string& body) {
    const auto source = make_rest(
        "objects: {people: {request: {path: /people, query: {c: \"{cursor}\", p: \"{page}\"}}, "
        "records: data, pages: {" +
        pages + "}}}");
    ScriptedTransport transport([&](const core::HttpRequest&) { return answer(200, body); });
    const auto records = list_all(*source, "people", transport);
    EXPECT_FALSE(records.has_value());
    EXPECT_EQ(records.error().kind, ReadError::Kind::rejected);
    return records.error().reason;
  };
  const std::string body = R"({"data":[{"id":1}],"next":"c"})";
  EXPECT_EQ(reason("scheme: cursor, value: next", body),
            "the listing does not advance: page 2 gives the same cursor as the one before");
  EXPECT_EQ(reason("scheme: page", body),
            "the listing does not advance: page 2 shows the same rows as the one before");
  const auto source = make_rest(
      "objects: {people: {request: {path: /people, query: {p: \"{page}\"}}, pages: {scheme: page, "
      "most: 3}}}");
  int row = 0;
  ScriptedTransport transport([&](const core::HttpRequest&) {
    return answer(200, "[{\"id\":" + std::to_string(++row) + "}]");
  });
  EXPECT_EQ(list_all(*source, "people", transport).error().reason,
            "the listing does not advance: page 3 is the last of the 3 that `most` allows, and "
            "there is another");
}

TEST(RestList, a_cursor_of_another_source_is_refused) {
  const auto source = make_rest("objects: {people: {request: {path: /people}}}");
  ScriptedTransport transport(std::vector<core::HttpResponse>{});
  const auto page = source->list(core::ObjectName("people"), "abc", {}, transport, kNow);
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().kind, ReadError::Kind::rejected);
  EXPECT_THAT(transport.requests, IsEmpty());
}

TEST(RestList, asks_for_the_wanted_fields_and_its_own) {
  const auto source = make_rest(
      "objects: {companies: {request: {path: /c}}, people: {updated: at, deleted: {state: gone}, "
      "company: "
      "{field: firm.id, object: companies}, request: {method: POST, path: /p, query: {f: "
      "\"{fields}\"}, body: "
      "{fields: \"{fields}\"}}}}");
  EXPECT_TRUE(source->reads_only_wanted());
  ScriptedTransport transport({answer(200, "[]")});
  const Paths wanted = {{"name"}, {"address", "city"}};
  ASSERT_TRUE(list_all(*source, "people", transport, wanted).has_value());
  EXPECT_EQ(url(transport, 0), "https://crm.test/api/p?f=address%2Cat%2Cfirm%2Cid%2Cname%2Cstate");
  EXPECT_EQ(transport.requests[0].body,
            R"({"fields":["address","at","firm","id","name","state"]})");
}

TEST(RestList, lists_parents_first_and_links_records_to_them_in_every_form) {
  const auto source = make_rest(
      "objects: {people: {request: {path: /p}, company: {field: org, object: orgs}}, orgs: "
      "{request: {path: /o}}}");
  EXPECT_THAT(source->objects(), ElementsAre(core::ObjectName("orgs"), core::ObjectName("people")));
  ScriptedTransport transport({answer(200, R"([{"id":1,"org":7},{"id":2,"org":[8,"Acme"]},
      {"id":3,"org":{"id":"x"}},{"id":4,"org":false},{"id":5,"org":null},{"id":6}])")});
  const auto records = list_all(*source, "people", transport).value();
  std::vector<std::string> links;
  for (const core::Record& record : records) {
    links.push_back(record.related.empty() ? "-" : record.related.front().id.str());
  }
  EXPECT_THAT(links, ElementsAre("7", "8", "x", "-", "-", "-"));

  const auto many = make_rest(
      "objects: {people: {request: {path: /p}, company: {field: orgs, object: orgs, id: uid, all: "
      "true}}, orgs: {request: {path: /o}}}");
  ScriptedTransport other({answer(200, R"([{"id":1,"orgs":[{"uid":7},{"uid":8}]}])")});
  const auto linked = list_all(*many, "people", other).value();
  ASSERT_EQ(linked.front().related.size(), 2U);
  EXPECT_EQ(linked.front().related[1].id.str(), "8");
}

TEST(RestList, writes_null_where_the_api_has_its_own_word_for_it) {
  const auto source = make_rest(
      "objects: {people: {request: {path: /p}, nulls: {values: [\"false\", \"\"], except: "
      "[active]}}}");
  ScriptedTransport transport(
      {answer(200, R"([{"id":1, "a":false,"active":false,"b":"","c":"false ","d":[false]}])")});
  EXPECT_EQ(list_all(*source, "people", transport).value().front().json,
            R"({"id":1, "a":null,"active":false,"b":null,"c":"false ","d":[false]})");
}

}  // namespace
}  // namespace assembly_sync::connectors
