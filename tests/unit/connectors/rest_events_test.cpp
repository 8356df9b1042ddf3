// What a REST source makes of webhooks.
#include "tests/unit/connectors/rest_support.hpp"

namespace assembly_sync::connectors {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> decoded(const Connector& source, std::string_view body,
                                 const std::string& object = {}) {
  const auto notices = source.decode({body, core::ObjectName(object)});
  if (!notices) return {"error: " + notices.error().message};
  return in_words(*notices);
}

std::unique_ptr<Connector> with_webhooks(const std::string& rules, bool detail = true,
                                         const std::string& source = "") {
  return make_rest("verify: {scheme: bearer, secrets: [s]}\n" + source +
                   "\nobjects: {people: {updated: at, request: {path: /p}, " +
                   (detail ? "detail: {request: {path: \"/p/{id}\"}}, " : "") + "webhooks: [" +
                   rules + "]}}");
}

TEST(RestEvents, a_thin_one_names_ids_and_a_fat_one_brings_its_record) {
  const auto thin = with_webhooks("{id: ids.*, updated: when, deleted: {type: gone}}");
  EXPECT_THAT(decoded(*thin, R"({"ids":["a",7],"when":1772362800})"),
              ElementsAre("upserted a", "upserted 7"));
  EXPECT_THAT(decoded(*thin, R"([{"ids":["a"],"type":"gone"},{"ids":["b"]}])"),
              ElementsAre("deleted a", "upserted b"));
  const auto timed = thin->decode({R"({"ids":[1],"when":1772362800})", {}});
  EXPECT_EQ(timed->front().occurred_at_ms, 1772362800000);

  const auto fat = with_webhooks("{id: data.id, record: data, deleted: {type: gone}}", false);
  const std::string body = R"({"data":{"id":1,"price":1.10,"at":"2026-03-01T11:00:00Z"}})";
  EXPECT_THAT(decoded(*fat, body), ElementsAre("upserted 1 +"));
  const auto brought = fat->decode({body, {}});
  EXPECT_EQ(brought->front().record->json, R"({"id":1,"price":1.10,"at":"2026-03-01T11:00:00Z"})");
  EXPECT_THAT(decoded(*fat, R"({"data":{"id":1},"type":"gone"})"), ElementsAre("deleted 1 +"));
}

TEST(RestEvents, stand_at_the_root_or_below_and_are_told_apart_by_their_fields_or_their_address) {
  const auto source = make_rest(
      "verify: {scheme: none}\nwebhook: {events: events}\n"
      "objects:\n"
      "  people: {request: {path: /p}, detail: {request: {path: \"/p/{id}\"}}, webhooks: [{when: "
      "{type: person}}]}\n"
      "  orgs: {request: {path: /o}, detail: {request: {path: \"/o/{id}\"}}, webhooks: [{when: "
      "{type: "
      "[org, both]}}, {when: {kind: org}, id: uid}]}\n");
  const auto names = [&](const std::string& body, const std::string& object = {}) {
    std::vector<std::string> out;
    const auto notices = source->decode({body, core::ObjectName(object)});
    for (const core::Notice& notice : notices.value()) {
      out.push_back(notice.ref.object.str() + ' ' + notice.ref.id.str() +
                    notice.ignore_reason.value_or(""));
    }
    return out;
  };
  EXPECT_THAT(names(R"({"events":[{"type":"person","id":1},{"type":"org","id":2},
                        {"kind":"org","uid":3},{"type":"deal","id":4}]})"),
              ElementsAre("people 1", "orgs 2", "orgs 3", " no object's `when` fits"));
  EXPECT_THAT(names(R"({"events":{"type":"person","id":5}})", "people"), ElementsAre("people 5"));
  EXPECT_TRUE(source->takes_object_webhooks());
}

TEST(RestEvents, whose_when_does_not_fit_are_ignored_at_the_objects_own_address_too) {
  const auto source = with_webhooks("{when: {type: changed}}, {when: {type: gone}, id: uid}");
  EXPECT_THAT(decoded(*source, R"([{"type":"changed","id":1},{"type":"viewed","id":2},
                                   {"type":"gone","uid":3},{"id":4}])",
                      "people"),
              ElementsAre("upserted 1", "upserted  ignored: no `when` of people fits", "upserted 3",
                          "upserted  ignored: no `when` of people fits"));
  // A rule without one takes what the others leave.
  const auto rest = with_webhooks("{when: {type: gone}, id: uid}, {}");
  EXPECT_THAT(decoded(*rest, R"({"type":"viewed","id":2})", "people"), ElementsAre("upserted 2"));
}

TEST(RestEvents, what_cannot_be_used_is_told_without_showing_it) {
  const auto source = with_webhooks("{id: data.id}", true, "webhook: {events: list}");
  EXPECT_THAT(decoded(*source, "[7]"), ElementsAre("error: expected events at list, got nothing"));
  EXPECT_THAT(decoded(*source, "7"),
              ElementsAre("error: expected a JSON object or a list of them, got a number"));
  EXPECT_THAT(decoded(*source, "{"), ElementsAre(HasSubstr("error: invalid JSON")));
  EXPECT_THAT(decoded(*source, R"({"list":[7,{"data":{"id":null}}]})"),
              ElementsAre("upserted  dead: expected an event that is an object, got another value",
                          "upserted  dead: expected a text or a whole number as id at data.id, got "
                          "none"));
}

TEST(RestEvents, a_delivery_has_a_name_by_which_it_is_known_again) {
  const auto source = make_rest(
      "verify: {scheme: bearer, secrets: [s]}\n"
      "webhook: {delivery: meta.uuid, delivery_header: X-Once}\n"
      "objects: {people: {request: {path: /p}}}");
  const auto delivery = [&](std::vector<core::HttpHeader> headers) {
    headers.push_back({"Authorization", "Bearer s"});
    const auto verification =
        source->verify({"POST", "https://x.test/", headers, R"({"meta":{"uuid":17}})"}, kNow);
    EXPECT_TRUE(verification.ok);
    return verification.delivery;
  };
  EXPECT_EQ(delivery({{"x-once", "k1"}}), "k1");
  EXPECT_EQ(delivery({}), "17");
  EXPECT_TRUE(source->is_credential("authorization"));
  EXPECT_FALSE(source->verify({"POST", "", {}, "{}"}, kNow).ok);
}

TEST(RestEvents, a_source_without_verify_takes_none) {
  const auto source = make_rest("objects: {people: {request: {path: /p}}}");
  EXPECT_FALSE(source->takes_webhooks());
  EXPECT_FALSE(source->verify({"POST", "", {}, "{}"}, kNow).ok);
}

// -- the block itself

TEST(RestBlock, every_mistake_is_told_with_its_place) {
  const auto in_people = [](const std::string& text) {
    return problems_of("objects: {people: {updated: at, " + text + "}}");
  };
  const std::string pages = "objects.people.pages: ";
  EXPECT_THAT(in_people("request: {path: people}"),
              ElementsAre("objects.people.request.path: expected a path that begins with /, got "
                          "another text"));
  EXPECT_THAT(in_people("request: {path: /p, query: {a: \"{curser}\"}}"),
              ElementsAre("objects.people.request.query.a: expected a known variable, got another: "
                          "did you mean {cursor}?"));
  EXPECT_THAT(
      in_people("request: {path: /p, query: {a: \"{since:iso}\"}}"),
      ElementsAre(HasSubstr("expected {since:FORMAT} or {now:FORMAT} with one of rfc3339")));
  EXPECT_THAT(in_people("request: {path: \"/p}\"}"),
              ElementsAre(HasSubstr("expected a variable in braces such as {since}")));
  EXPECT_THAT(
      in_people("request: {path: /p, body: {a: 1}}"),
      ElementsAre("objects.people.request.body: expected `method: POST` beside it, got a GET"));
  EXPECT_THAT(in_people("request: {path: /p}, pages: {scheme: offset}"),
              ElementsAre(pages + "expected {offset} somewhere in the request, which asks for the "
                                  "next page, got none"));
  EXPECT_THAT(in_people("request: {path: \"/{page}\"}, pages: {scheme: page, token: t, "
                        "short_page_ends: true}"),
              ElementsAre("objects.people.pages.token: expected {cursor} somewhere in the request, "
                          "got none",
                          "objects.people.pages.short_page_ends: expected `limit` beside it, got "
                          "none"));
  EXPECT_THAT(
      in_people("request: {path: /p}, changes: {scheme: query}"),
      ElementsAre("objects.people.changes: expected {since} somewhere in the request, which "
                  "asks for what changed, got none"));
  const std::string since = "request: {path: /p, query: {s: \"{since}\"}}";
  EXPECT_THAT(
      in_people(since + ", changes: {scheme: query, records: d, pages: {scheme: none}}"),
      ElementsAre(
          "objects.people.changes.records: expected `request` in `changes`, which they "
          "belong to, got none",
          "objects.people.changes.pages: expected `request` in `changes`, which they belong "
          "to, got none"));
  EXPECT_THAT(in_people("request: {path: /p}, detail: {request: {path: /p}}"),
              ElementsAre("objects.people.detail.request: expected {id} or {ids} somewhere in it, "
                          "got none"));
  EXPECT_THAT(in_people("request: {path: /p}, company: {field: a, object: firms}"),
              ElementsAre("objects.people.company.object: expected the name of an object, got "
                          "another"));
  EXPECT_THAT(in_people("request: {path: /p}, webhooks: [{id: id}]"),
              ElementsAre("objects.people.webhooks: expected `record`, where the record stands, or "
                          "`detail` in the object, which reads it, got neither"));
  EXPECT_THAT(in_people("request: {path: /p}, deletions: {request: {path: /d}}"),
              ElementsAre("objects.people.deletions: expected `changes` beside it, got none"));
  EXPECT_THAT(problems_of("objects: {a: {request: {path: /a}}, b: {request: {path: /b}, detail: "
                          "{request: {path: \"/b/{id}\"}}}}"),
              ElementsAre("objects.a: expected `detail` in every object or in none, got an object "
                          "without it"));
  EXPECT_THAT(problems_of("webhook: {events: e}\nobjects: {a: {request: {path: /a}}}"),
              ElementsAre("webhook: expected `verify` beside it, got none"));
  EXPECT_THAT(problems_of("wait: {header: X, pattern: \"reset=(\"}\nobjects: {a: {request: {path: "
                          "/a}}}"),
              ElementsAre(HasSubstr("wait.pattern: expected a regular expression with the wait")));
  EXPECT_THAT(problems_of("auth: {scheme: header, value: \"{secret.tokn}\"}\nsecrets: {token: t}\n"
                          "objects: {a: {request: {path: /a}}}"),
              ElementsAre("auth.value: expected a known variable, got another: did you mean "
                          "{secret.token}?"));
}

}  // namespace
}  // namespace assembly_sync::connectors
