#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using core::Value;
using test::apply;
using test::load_yaml;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = Result::Kind;

constexpr auto kLogin = R"({"id": 17, "company": 4, "at": "2026-01-31T10:00:00.900+01:00",
    "user": "Ada", "plan": {"name": "Pro", "seats": [1, 2.5]}})";

Result run(const std::vector<std::string>& lines, std::string_view record = kLogin) {
  const auto loaded = load_yaml(test::one_mapping("usage", lines));
  EXPECT_THAT(loaded.texts(), IsEmpty());
  return apply(loaded.rules, "anything.rows", record).at(0);
}

std::vector<std::string> logins(const std::vector<std::string>& further) {
  std::vector<std::string> lines = {"about: {company: 'concat(\"c-\", company)'}", "event_id: id"};
  lines.insert(lines.end(), further.begin(), further.end());
  return lines;
}

const std::string kFields =
    "fields: {timestamp: at, type: {value: Action}, content: user, attribute: {value: Login}}";

TEST(Usage, BecomesALogAboutSomebody) {
  const Result result = run(logins({kFields, "metadata: {User: user, Plan: plan, None: nothing}"}));
  ASSERT_EQ(result.kind, Kind::intent) << result.refusal.reason;
  EXPECT_EQ(result.intent.kind, core::EntityKind::usage);
  EXPECT_EQ(result.intent.about, (core::About{core::EntityKind::company, core::Key("c-4")}));
  EXPECT_FALSE(result.intent.update_on_change);
  EXPECT_EQ(core::dump_json(core::to_value(result.intent)), test::json(R"({
      "mapping": "m", "to": "usage", "key": "anything.rows/17", "about": {"company": "c-4"},
      "fields": {"timestamp": "2026-01-31T09:00:00Z", "type": "Action", "content": "Ada",
                 "attribute": "Login"},
      "metadata": {"User": "Ada", "Plan": {"name": "Pro", "seats": [1, 2.5]}}})"));
}

TEST(Usage, KeepsItsEventIdForSyncToAdd) {
  const Result result = run(logins({kFields}));
  EXPECT_EQ(result.intent.key,
            core::event_key(core::SourceName("anything"), core::ObjectName("rows"), "17"));
  EXPECT_THAT(result.intent.metadata, IsEmpty());
}

TEST(Usage, MayBeAboutACustomerAContactOrTheOrganisation) {
  const auto about = [](const std::string& line) {
    return run({"about: " + line, "event_id: id", kFields}).intent;
  };
  EXPECT_EQ(about("{customer: user}").about,
            (core::About{core::EntityKind::customer, core::Key("Ada")}));
  EXPECT_EQ(about("{contact: company}").about,
            (core::About{core::EntityKind::contact, core::Key("4")}));
  EXPECT_EQ(about("none").about, std::nullopt);
  EXPECT_EQ(core::to_value(about("none")).at("about"), Value("none"));
}

TEST(Usage, AboutNobodyIsNotSent) {
  const Result result = run(logins({kFields}), R"({"id": 1})");
  EXPECT_EQ(result.kind, Kind::no_parent);
  EXPECT_EQ(result.reason, "it is about nobody");
  EXPECT_EQ(result.refusal.reason, "");
}

TEST(Usage, WithoutAnEventIdIsRefused) {
  const Result result = run(logins({kFields}), R"({"company": 1})");
  EXPECT_EQ(result.kind, Kind::refused);
  EXPECT_EQ(result.refusal.field, "event_id");
  EXPECT_EQ(result.refusal.reason, "expected an event id, got nothing");
}

TEST(Usage, TakesWhatTheConfigurationSaysAboutChangesAndDeletions) {
  const core::Intent intent =
      run(logins({kFields, "on_change: update", "on_delete: delete"})).intent;
  EXPECT_TRUE(intent.update_on_change);
  EXPECT_EQ(intent.on_delete, core::OnDelete::remove);
  EXPECT_EQ(core::to_value(intent).at("on_change"), Value("update"));
}

/// The reason of the refusal for this record, or the timestamp that came out.
std::string timestamp(const std::string& at) {
  const Result result =
      run(logins({kFields}), R"({"id": 1, "company": 1, "user": "A", "at": )" + at + "}");
  return result.kind == Kind::intent ? result.intent.fields.at("timestamp").as_string()
                                     : result.refusal.field + ": " + result.refusal.reason;
}

TEST(Usage, SendsUtcInWholeSeconds) {
  EXPECT_EQ(timestamp(R"("2026-01-31")"), "2026-01-31T00:00:00Z");
  EXPECT_EQ(timestamp(R"("2026-01-31T23:30:00-03:00")"), "2026-02-01T02:30:00Z");
  EXPECT_EQ(timestamp("1767225600999"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(timestamp("1767225600"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(timestamp(R"("1969-12-31T23:59:59.500Z")"), "1969-12-31T23:59:59Z");
  for (const char* nothing : {"null", R"("")", R"("  ")"}) {
    EXPECT_EQ(timestamp(nothing),
              "fields.timestamp: Assembly requires a timestamp to create a usage log (A147), got "
              "nothing");
  }
  EXPECT_THAT(timestamp(R"("soon")"), testing::HasSubstr("expected a date such as 2026-01-31"));
}

/// `type`, then what came of a log with this value.
std::string measured(const std::string& type, const std::string& value, const std::string& given) {
  const std::string line = value.empty() ? "" : ", value: " + value;
  const Result result = run(logins({"fields: {timestamp: at, type: " + type +
                                    ", content: user, attribute: user" + line + "}"}),
                            R"({"id": 1, "company": 1, "user": "A", "at": "2026-01-31", "v": )" +
                                given + R"(, "t": "Metric", "a": "Action"})");
  if (result.kind != Kind::intent) return result.refusal.field + ": " + result.refusal.reason;
  const auto found = result.intent.fields.find("value");
  return found == result.intent.fields.end() ? "none" : core::dump_json(found->second);
}

TEST(Usage, OfAMetricNeedsAValue) {
  const std::string missing =
      ": Assembly requires a value of a Metric or CumulativeMetric (A151), got nothing";
  EXPECT_EQ(measured("{value: Metric}", "v", "7.25"), "7.25");
  EXPECT_EQ(measured("{value: Metric}", "v", "-20"), "-20");
  EXPECT_EQ(measured("{value: CumulativeMetric}", "v", "null"), "fields.value" + missing);
  EXPECT_EQ(measured("t", "v", "1"), "1");
  EXPECT_EQ(measured("t", "v", "null"), "fields.value" + missing);
  EXPECT_EQ(measured("t", "", "1"), "fields.type" + missing);
  EXPECT_EQ(measured("a", "", "1"), "none");
  EXPECT_EQ(measured("a", "v", "null"), "none");
  EXPECT_EQ(measured("a", "v", "3"), "3");
  EXPECT_EQ(measured("{value: Metric}", "v", R"("$20")"),
            "fields.value: expected number, got text (use to_number or to_int)");
  EXPECT_EQ(measured("v", "v", R"("action")"),
            "fields.type: expected Action, Metric or CumulativeMetric, got another text");
  EXPECT_EQ(measured("v", "v", R"("")"),
            "fields.type: Assembly requires a type to create a usage log (A148), got nothing");
}

TEST(Usage, KnowsTwoPoliciesForWhatIsNull) {
  const auto reason = [](const std::string& metadata) {
    return run(logins({kFields, metadata})).refusal.reason;
  };
  EXPECT_EQ(reason("metadata: {A: {expr: x, on_null: skip}}"), "");
  EXPECT_EQ(reason("metadata: {A: {expr: x, on_null: fail}}"),
            "expected a value, got nothing (on_null: fail)");
}

TEST(Usage, ThatDoesNotMatchIsFiltered) {
  const Result result = run(logins({"when: user == 'Bob'", kFields}));
  EXPECT_EQ(result.kind, Kind::filtered);
  EXPECT_EQ(result.intent.key.str(), "anything.rows/17");
}

TEST(Usage, TellsItsPaths) {
  const auto loaded =
      load_yaml(test::one_mapping("usage", logins({kFields, "metadata: {A: b.c}"})));
  using Path = std::vector<std::string>;
  EXPECT_THAT(loaded.rules.paths(core::SourceName("anything"), core::ObjectName("rows")),
              ElementsAre(Path{"at"}, Path{"b", "c"}, Path{"company"}, Path{"id"}, Path{"user"}));
}

}  // namespace
}  // namespace assembly_sync::mapping
