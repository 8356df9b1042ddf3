#include <gmock/gmock.h>

#include "connectors/webhook/records.hpp"
#include "core/json.hpp"
#include "core/limits.hpp"
#include "tests/unit/connectors/webhook_support.hpp"

namespace assembly_sync::connectors::webhook {
namespace {

using core::Notice;
using core::NoticeKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const core::ObjectName kThings("things");
constexpr std::int64_t kTen = 1'769'853'600'000;  // 2026-01-31T10:00:00Z

std::vector<Notice> read(const std::vector<ObjectSettings>& objects, const std::string& body,
                         const std::string& address = "") {
  const BodyReader reader(core::SourceName("product"), objects);
  auto notices = reader.read({body, core::ObjectName(address)});
  EXPECT_TRUE(notices) << notices.error().message;
  return notices.value_or(std::vector<Notice>{});
}

std::string refusal(const std::vector<ObjectSettings>& objects, const std::string& body) {
  const BodyReader reader(core::SourceName("product"), objects);
  const auto notices = reader.read({body});
  EXPECT_FALSE(notices) << body;
  return notices ? std::string() : notices.error().message;
}

/// `kind id version` of each, or the reason it is dead or ignored for.
std::vector<std::string> shown(const std::vector<Notice>& notices) {
  std::vector<std::string> out;
  for (const Notice& notice : notices) {
    if (notice.dead_reason) {
      out.push_back("dead: " + *notice.dead_reason);
    } else if (notice.ignore_reason) {
      out.push_back("ignored: " + *notice.ignore_reason);
    } else {
      EXPECT_TRUE(notice.record);
      EXPECT_EQ(notice.record->ref, notice.ref);
      EXPECT_EQ(notice.record->version, notice.occurred_at_ms);
      out.push_back(std::string(core::to_text(notice.kind)) + ' ' + notice.ref.object.str() + ' ' +
                    notice.ref.id.str() + ' ' + std::to_string(notice.record->version));
    }
  }
  return out;
}

std::string reason(const std::vector<ObjectSettings>& objects, const std::string& body) {
  const auto all = shown(read(objects, body));
  return all.size() == 1 ? all.front() : "not one";
}

TEST(WebhookRecords, a_body_that_is_the_record_is_kept_as_it_was_written) {
  const std::string body = " {\"id\" : 7, \"n\": 1.10, \"big\": 18446744073709551615}\n";
  const auto notices = read({{kThings, "id"}}, body);
  ASSERT_THAT(shown(notices), ElementsAre("upserted things 7 0"));
  EXPECT_EQ(notices[0].record->json, body);
  EXPECT_EQ(notices[0].ref.source.str(), "product");
}

TEST(WebhookRecords, a_list_is_a_notice_a_record) {
  const auto notices = read({{kThings, "id"}}, R"([{"id":"a","x":1},{"id":"b"},{"id":"a","x":2}])");
  EXPECT_THAT(shown(notices),
              ElementsAre("upserted things a 0", "upserted things b 0", "upserted things a 0"));
  EXPECT_EQ(notices[2].record->json, R"({"id":"a","x":2})");
  EXPECT_TRUE(read({{kThings, "id"}}, "[]").empty());
}

TEST(WebhookRecords, may_stand_anywhere_in_the_body) {
  const std::vector<ObjectSettings> objects = {
      {.name = kThings, .id = "meta.key", .records = "data.items"}};
  EXPECT_THAT(
      shown(read(objects, R"({"data":{"items":[{"meta":{"key":1}},{"meta":{"key":"x"}}]}})")),
      ElementsAre("upserted things 1 0", "upserted things x 0"));
  EXPECT_THAT(shown(read(objects, R"({"data":{"items":{"meta":{"key":1}}}})")),
              ElementsAre("upserted things 1 0"));
  EXPECT_THAT(shown(read(objects, R"([{"data":{"items":[{"meta":{"key":1}}]}},
                                      {"data":{"items":{"meta":{"key":2}}}}])")),
              ElementsAre("upserted things 1 0", "upserted things 2 0"));
  EXPECT_TRUE(read(objects, R"({"data":{"items":[]}})").empty());
}

TEST(WebhookRecords, without_an_id_end_visibly_and_alone) {
  const std::vector<ObjectSettings> objects = {{kThings, "id"}};
  const std::string expected = "expected a text or a whole number as id at id, got ";
  EXPECT_EQ(reason(objects, R"({"name":"Secret Ltd"})"), "dead: " + expected + "nothing");
  EXPECT_EQ(reason(objects, R"({"id":null})"), "dead: " + expected + "null");
  EXPECT_EQ(reason(objects, R"({"id":""})"), "dead: " + expected + "a text");
  EXPECT_EQ(reason(objects, R"({"id":1.5})"), "dead: " + expected + "a number");
  EXPECT_EQ(reason(objects, R"({"id":true})"), "dead: " + expected + "true or false");
  EXPECT_EQ(reason(objects, R"({"id":["1"]})"), "dead: " + expected + "a list");
  EXPECT_EQ(reason(objects, R"({"id":{"a":1}})"), "dead: " + expected + "an object");
  EXPECT_EQ(reason(objects, R"({"id":")" + std::string(300, 'x') + "\"}"),
            "dead: " + expected + "a text");
  EXPECT_THAT(shown(read(objects, R"([{"id":1},{"no":2},"x",{"id":3}])")),
              ElementsAre("upserted things 1 0", "dead: event 2: " + expected + "nothing",
                          "dead: event 3: expected an object, got a text", "upserted things 3 0"));
}

TEST(WebhookRecords, that_are_not_where_they_should_be_are_told) {
  const std::vector<ObjectSettings> objects = {
      {.name = kThings, .id = "id", .records = "data.items"}};
  EXPECT_EQ(reason(objects, R"({"data":{}})"),
            "dead: expected a record or a list of them at data.items, got nothing");
  EXPECT_EQ(reason(objects, R"({"data":{"items":null}})"),
            "dead: expected a record or a list of them at data.items, got null");
  EXPECT_EQ(reason(objects, R"({"data":[{"items":{"id":1}}]})"),
            "dead: expected a record or a list of them at data.items, got nothing");
  EXPECT_EQ(reason(objects, R"({"data":{"items":"x"}})"), "dead: expected a record, got a text");
  EXPECT_THAT(shown(read(objects, R"({"data":{"items":[{"id":1},7,[{"id":2}]]}})")),
              ElementsAre("upserted things 1 0", "dead: record 2: expected a record, got a number",
                          "dead: record 3: expected a record, got a list"));
  EXPECT_THAT(shown(read(objects, R"([{},{"data":{"items":[null]}}])")),
              ElementsAre("dead: event 1: expected a record or a list of them at data.items, got "
                          "nothing",
                          "dead: event 2, record 1: expected a record, got null"));
}

TEST(WebhookRecords, have_the_version_that_their_field_says) {
  const std::vector<ObjectSettings> objects = {{.name = kThings, .id = "id", .updated = "at"}};
  for (const char* at : {R"("2026-01-31T10:00:00Z")", R"("2026-01-31 10:00:00")",
                         R"("2026-01-31T11:00:00.000+01:00")", "1769853600", "1769853600000",
                         "1769853600.0", R"("1769853600")", R"("1769853600000.0")"}) {
    const auto notices = read(objects, std::string(R"({"id":1,"at":)") + at + "}");
    ASSERT_THAT(shown(notices), ElementsAre("upserted things 1 " + std::to_string(kTen))) << at;
  }
  for (const char* at : {R"("yesterday")", R"("")", R"("12")", R"("nan")", R"("-infinity")",
                         R"("2026-13-01")", "1e300", "null", "true", "[]", "{}"}) {
    EXPECT_THAT(reason(objects, std::string(R"({"id":1,"at":)") + at + "}"),
                HasSubstr("dead: expected a time at at, got "))
        << at;
  }
  EXPECT_EQ(reason(objects, R"({"id":1})"), "dead: expected a time at at, got nothing");
  EXPECT_THAT(reason(objects, R"({"id":1,"at":"yesterday"})"), Not(HasSubstr("yesterday")));
}

TEST(WebhookRecords, may_have_their_version_in_the_event_around_them) {
  const std::vector<ObjectSettings> objects = {
      {.name = kThings, .id = "id", .records = "data", .updated = "timestamp"}};
  EXPECT_THAT(shown(read(objects, R"({"timestamp":"2026-01-31T10:00:00Z","data":{"id":1}})")),
              ElementsAre("upserted things 1 " + std::to_string(kTen)));
  EXPECT_THAT(shown(read(objects, R"({"timestamp":"2026-01-31T10:00:00Z",
                                      "data":{"id":1,"timestamp":1769853601}})")),
              ElementsAre("upserted things 1 " + std::to_string(kTen + 1000)));
}

const std::vector<ObjectSettings> kTyped = {
    {.name = core::ObjectName("logins"),
     .id = "id",
     .records = "data",
     .when = {{"type", {"login", "login.again"}}},
     .deleted = {{"type", {"login.deleted"}}}},
    {.name = core::ObjectName("orders"),
     .id = "no",
     .records = "data",
     .deleted_records = "keys",
     .when = {{"meta.entity", {"order"}}},
     .deleted = {{"meta.action", {"delete"}}}},
    {.name = core::ObjectName("other"), .id = "id"},
};

TEST(WebhookRecords, of_several_objects_are_told_apart_by_when) {
  EXPECT_THAT(shown(read(kTyped, R"([
      {"type":"login","data":{"id":1}}, {"type":"login.again","data":{"id":2}},
      {"type":"login.deleted","data":{"id":3}},
      {"meta":{"entity":"order","action":"change"},"data":{"no":4}},
      {"meta":{"entity":"order","action":"delete"},"data":null,"keys":[5,"6"]},
      {"meta":{"entity":"person","action":"delete"},"data":{"no":7}},
      {"type":"signup","data":{"id":8}}, {"type":["login"],"data":{"id":9}}])")),
              ElementsAre("upserted logins 1 0", "upserted logins 2 0", "deleted logins 3 0",
                          "upserted orders 4 0", "deleted orders 5 0", "deleted orders 6 0",
                          "ignored: event 6: no object's `when` fits",
                          "ignored: event 7: no object's `when` fits",
                          "ignored: event 8: no object's `when` fits"));
  EXPECT_EQ(read(kTyped, R"({"type":"login.again","data":{"id":2}})")[0].event, "login.again");
}

TEST(WebhookRecords, of_several_objects_are_told_apart_by_their_address) {
  EXPECT_THAT(shown(read(kTyped, R"({"id":1})", "other")), ElementsAre("upserted other 1 0"));
  // The address says enough; a deletion is still one.
  EXPECT_THAT(shown(read(kTyped, R"({"data":{"no":4}})", "orders")),
              ElementsAre("upserted orders 4 0"));
  EXPECT_THAT(shown(read(kTyped, R"({"meta":{"action":"delete"},"keys":9})", "orders")),
              ElementsAre("deleted orders 9 0"));
}

TEST(WebhookRecords, of_several_objects_without_any_rule_need_an_address) {
  const std::vector<ObjectSettings> two = {{kThings, "id"}, {core::ObjectName("others"), "id"}};
  EXPECT_THAT(refusal(two, R"({"id":1})"), HasSubstr("/hooks/product/OBJECT"));
  EXPECT_THAT(shown(read(two, R"({"id":1})", "others")), ElementsAre("upserted others 1 0"));
}

TEST(WebhookRecords, of_one_object_with_when_leave_others_out) {
  const std::vector<ObjectSettings> one = {
      {.name = kThings, .id = "id", .when = {{"live", {"true"}}, {"v", {"2"}}}}};
  EXPECT_EQ(reason(one, R"({"id":1,"live":true,"v":2})"), "upserted things 1 0");
  EXPECT_EQ(reason(one, R"({"id":1,"live":"true","v":"2"})"), "upserted things 1 0");
  for (const char* body : {R"({"id":1,"live":false,"v":2})", R"({"id":1,"live":true})",
                           R"({"id":1,"live":true,"v":2.0})"}) {
    EXPECT_EQ(reason(one, body), "ignored: no object's `when` fits") << body;
  }
}

TEST(WebhookRecords, a_deletion_may_leave_the_version_out_but_not_garble_it) {
  const std::vector<ObjectSettings> objects = {
      {.name = kThings, .id = "id", .updated = "at", .deleted = {{"type", {"gone"}}}}};
  EXPECT_EQ(reason(objects, R"({"type":"gone","id":1})"), "deleted things 1 0");
  EXPECT_EQ(reason(objects, R"({"type":"gone","id":1,"at":1769853600})"),
            "deleted things 1 " + std::to_string(kTen));
  EXPECT_THAT(reason(objects, R"({"type":"gone","id":1,"at":"x"})"), HasSubstr("dead: "));
}

TEST(WebhookRecords, what_is_no_json_object_or_list_is_refused_as_a_whole) {
  const std::vector<ObjectSettings> objects = {{kThings, "id"}};
  for (const char* body : {"", " ", "id=1&name=x", "{", "{\"id\":1", "[{\"id\":1},", "{\"id\":1}x",
                           "\xFF\xFE", "{\"id\":\"\xC3\"}"}) {
    EXPECT_FALSE(refusal(objects, body).empty()) << body;
  }
  EXPECT_EQ(refusal(objects, "\"secret\""), "expected a JSON object or a list of them, got a text");
  EXPECT_EQ(refusal(objects, "17"), "expected a JSON object or a list of them, got a number");
  EXPECT_EQ(refusal(objects, "null"), "expected a JSON object or a list of them, got null");
  EXPECT_FALSE(refusal(objects, std::string(100, '[') + std::string(100, ']')).empty());
}

TEST(WebhookRecords, are_bounded_in_number) {
  const auto of = [](std::size_t count) {
    std::string body = "[";
    for (std::size_t i = 0; i < count; ++i) {
      body += (i == 0 ? "" : ",") + ("{\"id\":" + std::to_string(i) + '}');
    }
    return body + ']';
  };
  constexpr std::size_t kMost = core::limits::kWebhookRecords;
  EXPECT_EQ(read({{kThings, "id"}}, of(kMost)).size(), kMost);
  EXPECT_THAT(refusal({{kThings, "id"}}, of(kMost + 1)), HasSubstr("at most 10000"));
  EXPECT_THAT(
      refusal({{.name = kThings, .id = "id", .records = "d"}}, "{\"d\":" + of(kMost + 1) + '}'),
      HasSubstr("at most 10000"));
}

std::string problem_of(const std::vector<ObjectSettings>& objects) {
  try {
    test::make_webhook_source(test::verify_settings("none", {}), objects);
  } catch (const SettingProblems& found) {
    std::string path;
    for (const std::string& step : found.problems.front().path) path += step + ' ';
    return path + found.problems.front().message;
  }
  return "";
}

TEST(WebhookObjects, that_can_never_be_reached_are_a_mistake) {
  EXPECT_EQ(problem_of(kTyped), "");
  EXPECT_THAT(problem_of({{.name = kThings, .id = "id", .when = {{"t", {"a"}}}},
                          {.name = core::ObjectName("b"), .id = "id", .when = {{"t", {"a"}}}}}),
              HasSubstr("objects b when expected another rule than that of things"));
  EXPECT_THAT(problem_of({{.name = kThings, .id = "id", .deleted_records = "d"}}),
              HasSubstr("objects things deleted_records expected `deleted` beside it"));
}

TEST(WebhookSource, sends_its_records_and_can_not_be_asked) {
  const auto source = test::make_webhook_source(test::verify_settings("none", {}), kTyped);
  EXPECT_EQ(source->objects().size(), 3U);
  EXPECT_TRUE(source->takes_webhooks());
  EXPECT_TRUE(source->takes_object_webhooks());
  EXPECT_FALSE(source->verifies_url());
  EXPECT_FALSE(source->reads_by_id());
  EXPECT_FALSE(source->lists_objects());
  EXPECT_EQ(source->roots(kThings), std::nullopt);
}

}  // namespace
}  // namespace assembly_sync::connectors::webhook
