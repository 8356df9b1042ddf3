// What becomes of a field that has no value, and the modes of tags, properties and keys.
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

/// The one result of a mapping to a company whose further lines are these.
Result run(const std::vector<std::string>& lines, std::string_view record) {
  const auto loaded = load_yaml(test::one_mapping("company", lines));
  EXPECT_THAT(loaded.texts(), IsEmpty());
  return apply(loaded.rules, "anything.rows", record).at(0);
}

constexpr auto kRecord = R"({"id": 1, "n": "Acme", "d": "acme.test", "gold": "Gold", "e": ""})";

Result with(const std::string& policy, const std::string& expression) {
  return run(
      {"key: id", "fields:", "  name: n", "  domain: d",
       "  tier: {expr: " + expression + ", on_null: " + policy + "}",
       "additional_properties:", "  Plan: {expr: " + expression + ", on_null: " + policy + "}"},
      kRecord);
}

TEST(OnNull, SkipLeavesOut) {
  const core::Intent intent = with("skip", "x").intent;
  EXPECT_FALSE(intent.fields.contains("tier"));
  EXPECT_THAT(intent.additional_properties, IsEmpty());
  EXPECT_THAT(intent.kept_fields, IsEmpty());
}

TEST(OnNull, ClearWantsNothingThere) {
  const core::Intent intent = with("clear", "x").intent;
  EXPECT_EQ(intent.fields.at("tier"), Value());
  EXPECT_EQ(intent.additional_properties.at("Plan"), Value());
}

TEST(OnNull, KeepNamesWhatStays) {
  const core::Intent intent = with("keep", "x").intent;
  EXPECT_FALSE(intent.fields.contains("tier"));
  EXPECT_THAT(intent.kept_fields, ElementsAre("tier"));
  EXPECT_THAT(intent.kept_properties, ElementsAre("Plan"));
  EXPECT_EQ(core::to_value(intent).at("kept"),
            Value::list({"fields.tier", "additional_properties.Plan"}));
}

TEST(OnNull, FailRefusesWithFieldAndPlace) {
  const Result result = with("fail", "x");
  ASSERT_EQ(result.kind, Kind::refused);
  EXPECT_EQ(result.refusal.field, "fields.tier");
  EXPECT_EQ(result.refusal.line, 9);
  EXPECT_EQ(result.refusal.column, 20);
  EXPECT_EQ(result.refusal.reason, "expected a value, got nothing (on_null: fail)");
}

TEST(OnNull, MakesNoDifferenceWhereThereIsAValue) {
  for (const char* policy : {"skip", "clear", "keep", "fail"}) {
    const core::Intent intent = with(policy, "gold").intent;
    EXPECT_EQ(intent.fields.at("tier"), Value("Gold")) << policy;
    EXPECT_EQ(intent.additional_properties.at("Plan"), Value("Gold")) << policy;
    EXPECT_THAT(intent.kept_fields, IsEmpty()) << policy;
  }
}

TEST(OnNull, HoldsForTheEmptyTextOnlyWhereThatMeansNothing) {
  const core::Intent intent =
      run({"key: id", "on_null: clear", "fields:", "  name: n", "  domain: d", "  tier: e",
           "  contract_type: e", "  renewal_date: e", "  notes: e", "  phone: e"},
          kRecord)
          .intent;
  for (const char* cleared : {"tier", "contract_type", "renewal_date"}) {
    EXPECT_EQ(intent.fields.at(cleared), Value()) << cleared;
  }
  EXPECT_EQ(intent.fields.at("notes"), Value(""));
  EXPECT_EQ(intent.fields.at("phone"), Value::list());
}

TEST(OnNull, OfTheMappingHoldsForEntriesThatDoNotSayIt) {
  const core::Intent intent = run({"key: id", "on_null: clear", "fields:", "  name: n",
                                   "  domain: d", "  tier: x", "  stage: {expr: x, on_null: skip}"},
                                  kRecord)
                                  .intent;
  EXPECT_EQ(intent.fields.at("tier"), Value());
  EXPECT_FALSE(intent.fields.contains("stage"));
}

TEST(OnNull, NeverLetsARequiredAttributeBeMissing) {
  for (const char* policy : {"skip", "clear", "keep", "fail"}) {
    const Result result = run(
        {"key: id", std::string("on_null: ") + policy, "fields: {name: n, domain: x}"}, kRecord);
    EXPECT_EQ(result.refusal.reason,
              "Assembly requires a domain to create a company (A15), got nothing")
        << policy;
  }
}

TEST(Tags, ThatAreNullAreLeftAloneAndAnEmptyListMeansNone) {
  const auto tags = [](const std::string& line, const char* value) {
    return run({"key: id", "fields:", "  name: n", "  domain: d", "  tags: " + line},
               std::string(R"({"id": 1, "n": "A", "d": "a.test", "t": )") + value + "}")
        .intent;
  };
  EXPECT_FALSE(tags("t", "null").fields.contains("tags"));
  EXPECT_EQ(tags("t", "[]").fields.at("tags"), Value::list());
  EXPECT_EQ(tags("t", R"("")").fields.at("tags"), Value::list());
  EXPECT_EQ(tags("{expr: t, on_null: clear}", "null").fields.at("tags"), Value());
  EXPECT_THAT(tags("{expr: t, on_null: keep}", "null").kept_fields, ElementsAre("tags"));
}

TEST(Modes, GoIntoTheIntent) {
  const auto lines = [](const std::string& tags, const std::string& properties) {
    return run({"key: id", tags, properties, "fields: {name: n, domain: d, tags: n}"}, kRecord)
        .intent;
  };
  const core::Intent usual = lines("tags_mode: mirror", "properties_mode: merge");
  EXPECT_FALSE(usual.exact_tags);
  EXPECT_FALSE(usual.mirror_properties);
  const core::Intent strict = lines("tags_mode: exact", "properties_mode: mirror");
  EXPECT_TRUE(strict.exact_tags);
  EXPECT_TRUE(strict.mirror_properties);
  EXPECT_EQ(core::to_value(strict).at("tags_mode"), Value("exact"));
  EXPECT_EQ(core::to_value(strict).at("properties_mode"), Value("mirror"));
  EXPECT_EQ(core::to_value(usual).find("tags_mode"), nullptr);
}

TEST(MoreKeys, AreEachOnceWithoutNothingAndWithoutTheKeyItself) {
  const auto keys = [](const char* more) {
    std::vector<std::string> out;
    const Result result =
        run({"key: concat('c-', id)", "more_keys: more", "fields: {name: n, domain: d}"},
            std::string(R"({"id": 1, "n": "A", "d": "a.test", "more": )") + more + "}");
    for (const core::Key& key : result.intent.more_keys) out.push_back(key.str());
    if (result.kind == Kind::refused) out.push_back("refused: " + result.refusal.reason);
    return out;
  };
  EXPECT_THAT(keys("null"), IsEmpty());
  EXPECT_THAT(keys(R"("")"), IsEmpty());
  EXPECT_THAT(keys("17"), ElementsAre("17"));
  EXPECT_THAT(keys(R"(["b", null, "c-1", "", "a", "b", 3])"), ElementsAre("b", "a", "3"));
  EXPECT_THAT(keys("[true]"), ElementsAre("refused: expected texts in the list, got true/false"));
  EXPECT_THAT(keys("{}"), ElementsAre("refused: expected text, number or list, got object"));
}

TEST(Match, EnrichesByKeyWithoutWhatIsRequired) {
  const auto lines = std::vector<std::string>{"match: {key: 'concat(\"c-\", c)'}",
                                              "fields: {contract_value: v}", "on_delete: delete"};
  const Result result = run(lines, R"({"c": 7, "v": 10})");
  ASSERT_EQ(result.kind, Kind::intent) << result.refusal.reason;
  EXPECT_EQ(result.intent.match, core::Match::key);
  EXPECT_EQ(result.intent.key.str(), "c-7");
  EXPECT_EQ(result.intent.on_delete, core::OnDelete::remove);
  EXPECT_EQ(core::to_value(result.intent).at("match"), Value::object({{"key", "c-7"}}));
  const Result none = run(lines, R"({"v": 10})");
  EXPECT_EQ(none.kind, Kind::no_parent);
  EXPECT_EQ(none.reason, "it has no key to match by");
}

TEST(Match, EnrichesByDomainOfTheKindsForm) {
  const auto matched = [](const char* to, const char* domain) {
    const auto loaded = load_yaml(
        test::one_mapping(to, {"match: {domain: d}", "additional_properties: {Plan: p}"}));
    EXPECT_THAT(loaded.texts(), IsEmpty());
    return apply(loaded.rules, "anything.rows",
                 std::string(R"({"p": "Pro", "d": )") + domain + "}")[0];
  };
  EXPECT_EQ(matched("company", R"("acme.test")").intent.match_domain, "acme.test");
  EXPECT_TRUE(matched("company", R"("acme.test")").intent.key.empty());
  EXPECT_EQ(matched("contact", R"("a@acme.test")").intent.match_domain, "a@acme.test");
  EXPECT_EQ(matched("customer", R"("a@acme.test")").intent.match, core::Match::domain);
  const Result none = matched("company", "null");
  EXPECT_EQ(none.kind, Kind::no_parent);
  EXPECT_EQ(none.reason, "it has no domain to match by");
  EXPECT_EQ(matched("company", R"("a@acme.test")").refusal.field, "match.domain");
  EXPECT_EQ(matched("contact", R"("acme.test")").kind, Kind::refused);
}

TEST(Match, NeverEmptiesWhatAssemblyRequires) {
  const auto fields = [](const char* policy, const char* name) {
    const Result result = run({"match: {key: c}", std::string("on_null: ") + policy,
                               "fields: {name: n, domain: d, tier: t}"},
                              std::string(R"({"c": "1", "n": )") + name + "}");
    EXPECT_EQ(result.kind, Kind::intent) << result.refusal.reason;
    return result.intent;
  };
  EXPECT_EQ(Value(fields("clear", "null").fields), Value::object({{"tier", nullptr}}));
  EXPECT_EQ(Value(fields("clear", R"(" ")").fields), Value::object({{"tier", nullptr}}));
  EXPECT_EQ(Value(fields("skip", R"("A")").fields), Value::object({{"name", "A"}}));
  EXPECT_THAT(fields("keep", "null").kept_fields, ElementsAre("domain", "name", "tier"));
}

TEST(Position, IsThatOfTheMappingInTheFile) {
  const auto loaded = load_yaml(
      "mappings:\n"
      "  - {name: a, from: anything.rows, to: company, key: id, fields: {name: n, domain: d}}\n"
      "  - {name: b, from: crm.contacts, to: company, match: {key: id}, fields: {notes: id}}\n"
      "  - {name: c, from: anything.rows, to: company, match: {key: id}, fields: {notes: n}}\n");
  ASSERT_THAT(loaded.texts(), IsEmpty());
  const auto results = apply(loaded.rules, "anything.rows", kRecord);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].intent.position, 0);
  EXPECT_EQ(results[1].intent.position, 2);
}

TEST(Paths, OfEveryRuleAreTold) {
  const auto loaded = load_yaml(
      test::one_mapping("company", {"match: {domain: a.b}", "more_keys: c", "on_null: clear",
                                    "additional_properties: {P: {expr: e, on_null: keep}}"}));
  ASSERT_THAT(loaded.texts(), IsEmpty());
  using Path = std::vector<std::string>;
  EXPECT_THAT(loaded.rules.paths(core::SourceName("anything"), core::ObjectName("rows")),
              ElementsAre(Path{"a", "b"}, Path{"c"}, Path{"e"}));
}

}  // namespace
}  // namespace assembly_sync::mapping
