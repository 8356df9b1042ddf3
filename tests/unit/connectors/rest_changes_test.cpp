// How a REST source finds what changed, and how it reads by id.
#include "tests/unit/connectors/rest_support.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const core::ObjectName kPeople("people");

/// 2026-03-01T11:00:00Z and minutes after it.
std::int64_t minute(int n) {
  return 1772362800000 + n * 60'000;
}
std::string time_text(int n) {
  return "2026-03-01T11:" + std::string(n < 10 ? "0" : "") + std::to_string(n) + ":00Z";
}
std::string row(int id, int n) {
  return "{\"id\":" + std::to_string(id) + ",\"at\":\"" + time_text(n) + "\"}";
}

std::unique_ptr<Connector> by_query(const std::string& more = "overlap_seconds: 60") {
  return make_rest(
      "objects: {people: {updated: [at, created], request: {path: /p, query: {since: \"{since}\", "
      "c: \"{cursor}\"}}, records: data, pages: {scheme: cursor, value: next}, changes: {scheme: "
      "query, " +
      more + "}}}");
}

std::string since_of(const core::HttpRequest& request) {
  const auto from = request.url.find("since=");
  return core::percent_decode(request.url.substr(from + 6, request.url.find('&', from) - from - 6))
      .value();
}

TEST(RestChanges, only_objects_that_say_how_can_be_asked) {
  const auto source = make_rest(
      "objects: {people: {request: {path: /p}}, orgs: {updated: at, request: {path: /o}, changes: "
      "{scheme: client}}}");
  EXPECT_FALSE(source->finds_changes(kPeople));
  EXPECT_TRUE(source->finds_changes(core::ObjectName("orgs")));
  ScriptedTransport transport(std::vector<core::HttpResponse>{});
  const auto changes = source->changes(kPeople, "{}", {}, transport, kNow);
  ASSERT_FALSE(changes.has_value());
  EXPECT_EQ(changes.error().kind, ReadError::Kind::rejected);
}

TEST(RestChanges, ask_from_a_little_before_the_newest_change_that_was_seen) {
  const auto source = by_query();
  ScriptedTransport transport({answer(200, "{\"data\":[" + row(1, 10) + "," + row(2, 30) + "]}"),
                               answer(200, R"({"data":[]})"), answer(200, R"({"data":[]})")});
  auto pass =
      all_changes(*source, "people", source->changes_since(kPeople, at_ms(minute(5))), transport);
  ASSERT_TRUE(pass.has_value());
  EXPECT_THAT(in_words(pass->notices), ElementsAre("upserted 1 +", "upserted 2 +"));
  EXPECT_EQ(since_of(transport.requests[0]), time_text(4));
  pass = all_changes(*source, "people", pass->next, transport);
  EXPECT_EQ(since_of(transport.requests[1]), time_text(29));
  // Nothing new: the moment stays where the newest change was.
  pass = all_changes(*source, "people", pass->next, transport);
  EXPECT_EQ(since_of(transport.requests[2]), time_text(29));
}

TEST(RestChanges, an_edit_during_a_pass_is_not_passed_by_the_next_one) {
  const auto source = by_query("overlap_seconds: 0");
  // The API's clock says when the pass began: minute 20. Row 9 is edited later, on the second page.
  ScriptedTransport transport(
      {answer(200, "{\"data\":[" + row(1, 10) + "],\"next\":\"b\"}",
              {{"Date", "Sun, 01 Mar 2026 11:20:00 GMT"}}),
       answer(200, "{\"data\":[" + row(9, 40) + "]}", {{"Date", "Sun, 01 Mar 2026 11:40:00 GMT"}}),
       answer(200, R"({"data":[]})")});
  const auto pass =
      all_changes(*source, "people", source->changes_since(kPeople, at_ms(minute(5))), transport);
  ASSERT_TRUE(pass.has_value());
  ASSERT_TRUE(all_changes(*source, "people", pass->next, transport).has_value());
  EXPECT_EQ(since_of(transport.requests[2]), time_text(20));
  // All pages of one pass ask for the same.
  EXPECT_EQ(since_of(transport.requests[0]), since_of(transport.requests[1]));
}

TEST(RestChanges, a_page_whose_cursor_is_refused_begins_the_pass_anew_but_once) {
  const auto source = by_query();
  const std::string first = "{\"data\":[" + row(1, 10) + "],\"next\":\"b\"}";
  ScriptedTransport transport({answer(200, first), answer(400, R"({"error":"cursor"})"),
                               answer(200, first), answer(200, R"({"data":[]})")});
  const std::string cursor = source->changes_since(kPeople, at_ms(minute(5)));
  const auto pass = all_changes(*source, "people", cursor, transport);
  ASSERT_TRUE(pass.has_value());
  EXPECT_THAT(
      pass->warnings,
      ElementsAre("page 2 of the changes of people was refused (the API answered 400 to GET "
                  "/p); they are read from the first page again"));
  EXPECT_THAT(in_words(pass->notices), ElementsAre("upserted 1 +", "upserted 1 +"));

  ScriptedTransport again(
      {answer(200, first), answer(400, ""), answer(200, first), answer(400, "")});
  const auto failed = all_changes(*source, "people", cursor, again);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().kind, ReadError::Kind::rejected);
}

/// Answers pages a, b, c … of one row each; those at or behind `dead` are refused.
ScriptedTransport pages_until(const int& dead, int last) {
  return ScriptedTransport([&dead, last](const core::HttpRequest& request) {
    const std::size_t at = request.url.find("&c=");
    const int page = at == std::string::npos ? 1 : std::stoi(request.url.substr(at + 3));
    if (page >= dead) return answer(400, R"({"error":"cursor"})");
    return answer(200, "{\"data\":[" + row(page, page) + "]" +
                           (page == last ? "" : ",\"next\":" + std::to_string(page + 1)) + "}");
  });
}

TEST(RestChanges, a_pass_that_came_further_is_begun_anew_as_often_as_it_takes) {
  const auto source = by_query();
  int dead = 2;
  ScriptedTransport transport = pages_until(dead, 5);
  std::string cursor = source->changes_since(kPeople, at_ms(minute(5)));
  int refusals = 0;
  while (true) {
    const auto changes = source->changes(kPeople, cursor, {}, transport, kNow);
    ASSERT_TRUE(changes.has_value()) << "page " << dead;
    cursor = changes->next;
    if (!changes->more) break;
    if (changes->warnings.empty()) continue;
    ++refusals;
    ++dead;  // each time the cursors live for one page more
  }
  EXPECT_EQ(refusals, 4);
  // And the next pass goes on from what this one saw.
  EXPECT_EQ(cursor, source->changes_since(kPeople, at_ms(minute(5))));
}

TEST(RestChanges, a_page_that_is_refused_again_is_told_and_the_pass_begun_anew_after_a_pause) {
  const auto source = by_query();
  int dead = 3;
  ScriptedTransport transport = pages_until(dead, 4);
  std::string cursor = source->changes_since(kPeople, at_ms(minute(5)));
  std::vector<std::string> seen;
  // As the poller does it: after an error a pause, then the same cursor again.
  core::WallTime now = kNow;
  for (int errors = 0; errors < 3;) {
    const auto changes = source->changes(kPeople, cursor, {}, transport, now);
    if (!changes) {
      EXPECT_EQ(changes.error().kind, ReadError::Kind::rejected);
      seen.push_back("error");
      ++errors;
      now += std::chrono::seconds(300);
      continue;
    }
    seen.push_back(changes->warnings.empty() ? "page" : "anew");
    cursor = changes->next;
  }
  EXPECT_THAT(seen, ElementsAre("page", "page", "anew", "page", "page", "error",  //
                                "anew", "page", "page", "error", "anew", "page", "page", "error"));
  // Whatever was refused: once the API gives all pages, all that changed since then is read.
  dead = 100;
  transport.requests.clear();
  const auto pass = all_changes(*source, "people", cursor, transport, now);
  ASSERT_TRUE(pass.has_value());
  EXPECT_EQ(since_of(transport.requests.front()), time_text(4));
  EXPECT_EQ(pass->next, source->changes_since(kPeople, at_ms(minute(5))));
}

TEST(RestChanges, a_request_of_their_own_may_be_given) {
  const auto source = make_rest(
      "objects: {people: {updated: at, request: {path: /p}, records: data, changes: {scheme: "
      "query, "
      "overlap_seconds: 0, request: {method: POST, path: /changed, headers: {If-Modified-Since: "
      "\"{since:http-date}\"}, body: {from: \"{since:epoch-ms}\", text: "
      "\"at>={since:datetime}\"}}}}}");
  ScriptedTransport transport({answer(200, R"({"data":[]})"), answer(304, "")});
  const std::string cursor = source->changes_since(kPeople, at_ms(minute(5)));
  ASSERT_TRUE(all_changes(*source, "people", cursor, transport).has_value());
  EXPECT_EQ(transport.requests[0].url, "https://crm.test/api/changed");
  EXPECT_EQ(transport.requests[0].body,
            R"({"from":1772363100000,"text":"at>=2026-03-01 11:05:00"})");
  EXPECT_EQ(core::find_header(transport.requests[0].headers, "If-Modified-Since"),
            "Sun, 01 Mar 2026 11:05:00 GMT");
  ASSERT_TRUE(all_changes(*source, "people", cursor, transport).has_value());
}

TEST(RestChanges, times_are_written_in_every_format) {
  const auto source = make_rest(
      "objects: {people: {updated: at, request: {path: /p, query: {a: \"{since}\", b: "
      "\"{since:rfc3339-ms}\", c: \"{since:offset}\", d: \"{since:datetime}\", e: "
      "\"{since:naive}\", "
      "f: \"{since:epoch}\", g: \"{now:epoch-ms}\"}}, changes: {scheme: query, overlap_seconds: "
      "0}}}");
  ScriptedTransport transport({answer(200, "[]")});
  ASSERT_TRUE(all_changes(*source, "people", source->changes_since(kPeople, at_ms(minute(5) + 678)),
                          transport));
  EXPECT_EQ(core::percent_decode(transport.requests[0].url),
            "https://crm.test/api/p?a=2026-03-01T11:05:00Z&b=2026-03-01T11:05:00.678Z&"
            "c=2026-03-01T11:05:00+00:00&d=2026-03-01 11:05:00&e=2026-03-01T11:05:00&f=1772363100&"
            "g=1772366400000");
}

TEST(RestChanges, deleted_rows_and_a_stream_of_deletions_become_deletions) {
  const std::string objects =
      "objects: {people: {updated: at, deleted: {state: [gone, 7]}, deleted_at: trash.at, request: "
      "{path: /p, query: {since: \"{since}\"}}, changes: {scheme: query}, deletions: {request: "
      "{path: "
      "/bin, query: {since: \"{since}\", o: \"{offset}\"}}, records: items, id: of.id, updated: "
      "when, "
      "pages: {scheme: offset}}";
  const std::string rows =
      R"([{"id":1,"state":"here"},{"id":2,"state":"gone"},{"id":3,"trash":{"at":"2026-03-01"}},)"
      R"({"id":4,"state":7},{"id":5,"trash":{"at":null}}])";
  const std::string bin = R"({"items":[{"of":{"id":8},"when":")" + time_text(50) + R"("}]})";
  const auto script = [&] {
    return std::vector<core::HttpResponse>{answer(200, rows), answer(200, bin),
                                           answer(200, R"({"items":[]})")};
  };
  const auto alone = make_rest(objects + "}}");
  const std::string cursor = alone->changes_since(kPeople, at_ms(minute(5)));
  ScriptedTransport transport(script());
  const auto fat = all_changes(*alone, "people", cursor, transport);
  ASSERT_TRUE(fat.has_value());
  EXPECT_THAT(in_words(fat->notices), ElementsAre("upserted 1 +", "deleted 2 +", "deleted 3 +",
                                                  "deleted 4 +", "upserted 5 +", "deleted 8 +"));
  EXPECT_EQ(fat->notices.back().record->version, minute(50));
  EXPECT_EQ(since_of(transport.requests[1]), time_text(4));
  // Where a record can be asked for, a deletion is looked at before it is believed.
  const auto asked = make_rest(objects + ", detail: {request: {path: \"/p/{id}\"}}}}");
  ScriptedTransport other(script());
  EXPECT_THAT(in_words(all_changes(*asked, "people", cursor, other)->notices),
              ElementsAre("upserted 1 +", "deleted 2", "deleted 3", "deleted 4", "upserted 5 +",
                          "deleted 8"));
  ScriptedTransport listed({answer(200, rows)});
  EXPECT_THAT(ids_of(list_all(*alone, "people", listed).value()), ElementsAre("1", "5"));
}

TEST(RestChanges, a_log_of_events_names_records_deletions_and_merges) {
  const auto source = make_rest(
      "objects: {people: {request: {path: /p}, detail: {request: {path: \"/p/{id}\"}}, changes: "
      "{scheme: events, request: {path: /log, query: {since: \"{since}\"}}, records: data, id: "
      "who, "
      "updated: at, deleted: {action: deleted}, merges: [{loser: m.from, winner: m.to}]}}}");
  ScriptedTransport transport({answer(200, R"({"data":[
      {"who":"a","action":"updated","at":"2026-03-01T11:30:00"},
      {"who":"a","action":"updated","at":"2026-03-01T11:20:00"},
      {"who":"b","action":"deleted","at":"2026-03-01T11:10:00"},
      {"who":"b","action":"updated","at":"2026-03-01T11:09:00"},
      {"who":"c","action":"merged","at":"2026-03-01T11:08:00","m":{"from":"d","to":"c"}},
      {"action":"updated"}]})")});
  auto changes = source->changes(kPeople, source->changes_since(kPeople, at_ms(minute(5))), {},
                                 transport, kNow);
  ASSERT_TRUE(changes.has_value());
  EXPECT_THAT(in_words(changes->notices), ElementsAre("upserted a", "deleted b", "merged c <- d"));
  EXPECT_EQ(changes->notices[0].occurred_at_ms, minute(30));
  EXPECT_THAT(changes->bad_rows,
              ElementsAre("row 6: expected a text or a whole number as id at who"));
}

TEST(RestChanges, events_may_carry_the_record) {
  const auto source = make_rest(
      "objects: {people: {updated: at, request: {path: /p}, changes: {scheme: events, request: "
      "{path: "
      "/log, query: {since: \"{since}\"}}, id: id, updated: at, record: data, deleted: {action: "
      "deleted}}}}");
  ScriptedTransport transport({answer(200, R"([
      {"id":1,"at":"2026-03-01T11:30:00","data":{"id":1,"price":1.50}},
      {"id":2,"at":"2026-03-01T11:31:00","action":"deleted"}])")});
  const auto pass =
      all_changes(*source, "people", source->changes_since(kPeople, at_ms(0)), transport);
  ASSERT_TRUE(pass.has_value());
  EXPECT_THAT(in_words(pass->notices), ElementsAre("upserted 1 +", "deleted 2 +"));
  EXPECT_EQ(pass->notices[0].record->json, R"({"id":1,"price":1.50})");
  EXPECT_EQ(pass->notices[1].record->version, minute(31));
}

// -- by id

TEST(RestRead, one_by_one_or_several_at_once_and_tells_what_is_missing) {
  const auto one = make_rest(
      "objects: {people: {request: {path: /p}, deleted: {gone: \"true\"}, detail: {request: {path: "
      "\"/p/{id}\"}, records: data, missing: [404, 410]}}}");
  ASSERT_TRUE(one->reads_by_id());
  ScriptedTransport transport([](const core::HttpRequest& request) {
    const std::string id = request.url.substr(request.url.rfind('/') + 1);
    if (id == "1") return answer(200, R"({"data":{"id":1}})");
    if (id == "2") return answer(404, "<html>");
    if (id == "3") return answer(410, "");
    if (id == "4") return answer(200, R"({"data":{"id":4,"gone":true}})");
    if (id == "5") return answer(200, R"({"data":null})");
    return answer(200, R"({"data":{"id":60}})");
  });
  std::vector<core::RecordId> ids;
  for (const char* id : {"1", "2", "3", "4", "5", "a/b"}) ids.emplace_back(id);
  const auto read = one->read(kPeople, ids, {}, transport, kNow);
  ASSERT_TRUE(read.has_value());
  EXPECT_THAT(ids_of(read->records), ElementsAre("1", "60"));
  std::vector<std::string> missing;
  for (const auto& m : read->missing)
    missing.push_back(m.id.str() + (m.archived ? " archived" : ""));
  EXPECT_THAT(missing, ElementsAre("2", "3", "4 archived", "5"));
  ASSERT_THAT(read->remapped, SizeIs(1));
  EXPECT_EQ(read->remapped[0].second.str(), "60");
  EXPECT_EQ(transport.requests.back().url, "https://crm.test/api/p/a%2Fb");

  const auto several = make_rest(
      "objects: {people: {request: {path: /p}, detail: {batch: 2, request: {method: POST, path: "
      "/s, "
      "query: {ids: \"{ids}\"}, body: {ids: \"{ids:integer}\", n: \"{limit}\"}}}}}");
  EXPECT_EQ(several->batch_size(), 2U);
  ScriptedTransport batches({answer(200, R"([{"id":2},{"id":9}])"), answer(204, "")});
  const auto answered = several->read(
      kPeople, {core::RecordId("1"), core::RecordId("2"), core::RecordId("3")}, {}, batches, kNow);
  ASSERT_TRUE(answered.has_value());
  EXPECT_THAT(ids_of(answered->records), ElementsAre("2"));
  EXPECT_THAT(answered->missing, SizeIs(2));
  EXPECT_EQ(batches.requests[0].url, "https://crm.test/api/s?ids=1%2C2");
  EXPECT_EQ(batches.requests[0].body, R"({"ids":[1,2],"n":2})");
}

TEST(RestRead, an_answer_that_hides_one_of_several_is_asked_for_each_alone) {
  const auto source = make_rest(
      "objects: {people: {request: {path: /p}, detail: {missing: [403, 404], request: {path: /s, "
      "query: {ids: \"{ids}\"}}}}}");
  const auto hides_two = [](const core::HttpRequest& request) {
    const std::string ids = request.url.substr(request.url.find('=') + 1);
    if (ids.find('2') != std::string::npos) return answer(403, "{}");
    return answer(200, "[{\"id\":" + ids + "}]");
  };
  ScriptedTransport transport(hides_two);
  const auto read =
      source->read(kPeople, {core::RecordId("1"), core::RecordId("2"), core::RecordId("3")}, {},
                   transport, kNow);
  ASSERT_TRUE(read.has_value()) << read.error().reason;
  EXPECT_THAT(ids_of(read->records), ElementsAre("1", "3"));
  ASSERT_THAT(read->missing, SizeIs(1));
  EXPECT_EQ(read->missing[0].id.str(), "2");
  EXPECT_FALSE(read->missing[0].archived);
  EXPECT_THAT(transport.requests, SizeIs(4));
  // One alone needs no second request.
  ScriptedTransport single(hides_two);
  EXPECT_THAT(source->read(kPeople, {core::RecordId("2")}, {}, single, kNow)->missing, SizeIs(1));
  EXPECT_THAT(single.requests, SizeIs(1));
}

TEST(RestRead, what_was_read_before_a_limit_counts) {
  const auto source =
      make_rest("objects: {people: {request: {path: /p}, detail: {request: {path: \"/p/{id}\"}}}}");
  int granted = 2;
  ScriptedTransport transport([&](const core::HttpRequest& request) {
    if (granted-- <= 0) return answer(429, "", {{"Retry-After", "7"}});
    return answer(200, "{\"id\":" + request.url.substr(request.url.rfind('/') + 1) + "}");
  });
  std::vector<core::RecordId> ids;
  for (const char* id : {"1", "2", "3", "4"}) ids.emplace_back(id);
  const auto read = source->read(kPeople, ids, {}, transport, kNow);
  ASSERT_TRUE(read.has_value()) << read.error().reason;
  EXPECT_THAT(ids_of(read->records), ElementsAre("1", "2"));
  EXPECT_TRUE(read->missing.empty());
  ASSERT_TRUE(read->stopped);
  EXPECT_EQ(read->stopped->kind, ReadError::Kind::throttled);
  EXPECT_EQ(read->stopped->retry_after, std::chrono::seconds(7));
  const auto none = source->read(kPeople, ids, {}, transport, kNow);
  ASSERT_FALSE(none) << "nothing was read";
  EXPECT_EQ(none.error().kind, ReadError::Kind::throttled);
}

TEST(RestRead, a_refusal_of_several_that_says_nothing_of_rows_is_the_credentials) {
  const auto source = make_rest(
      "objects: {people: {request: {path: /p}, detail: {request: {path: /s, query: {ids: "
      "\"{ids}\"}}}}}");
  ScriptedTransport transport({answer(403, "{}")});
  const auto read =
      source->read(kPeople, {core::RecordId("1"), core::RecordId("2")}, {}, transport, kNow);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind, ReadError::Kind::unauthorized);
}

}  // namespace
}  // namespace assembly_sync::connectors
