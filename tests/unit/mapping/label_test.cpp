// label(): what people see for the option that a property holds.
#include <gmock/gmock.h>

#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using test::apply;
using test::catalogue;
using test::evaluate;
using test::load_yaml;
using testing::ElementsAre;
using testing::HasSubstr;

std::string mapping_with(const std::string& from, const std::string& expression) {
  return "mappings:\n  - name: m\n    from: " + from +
         "\n    to: company\n    key: id\n    fields: {name: '\"N\"', domain: '\"a.test\"'}\n"
         "    additional_properties:\n      Industry: " +
         expression + '\n';
}

constexpr auto kMapping = "properties.industry | label";

TEST(Label, GivesTheLabelOfAnOptionAndNullForNothing) {
  EXPECT_EQ(evaluate("industry | label", R"({"industry": "COMPUTER_SOFTWARE"})"),
            R"("Computer Software")");
  EXPECT_EQ(evaluate("industry | label", R"({"industry": ""})"), "null");
  EXPECT_EQ(evaluate("industry | label", "{}"), "null");
  EXPECT_EQ(evaluate("vip | label", R"({"vip": "true"})"), R"("Yes")");
  EXPECT_EQ(evaluate("vip | label", R"({"vip": false})"), R"("No")");
}

TEST(Label, GivesAListForAPropertyOfSeveralOptions) {
  EXPECT_EQ(evaluate("segments | label", R"({"segments": "startup"})"), R"(["Start-up"])");
  EXPECT_EQ(evaluate("segments | label", R"({"segments": ";enterprise; startup;"})"),
            R"(["Enterprise","Start-up"])");
  EXPECT_EQ(evaluate("segments | label", R"({"segments": ";"})"), "null");
  EXPECT_EQ(evaluate("segments | label('Other')", R"({"segments": "startup;x"})"),
            R"(["Start-up","Other"])");
  EXPECT_EQ(evaluate("segments | label(null)", R"({"segments": "x;startup"})"), R"(["Start-up"])");
  EXPECT_EQ(evaluate("segments | label", R"({"segments": "startup;x"})"),
            "refused: label: no option of segments has the record's value");
}

TEST(Label, RefusesWhatTheSourceDoesNotKnowAndNeverShowsTheValue) {
  EXPECT_EQ(evaluate("industry | label", R"({"industry": "secret"})"),
            "refused: label: no option of industry has the record's value");
  EXPECT_EQ(evaluate("name | label", R"({"name": "Acme"})"),
            "refused: label: the source tells no options of name");
  EXPECT_EQ(evaluate("odd | label", R"({"odd": "x"})"),
            "refused: label: the source tells no options of odd");
  EXPECT_EQ(evaluate("industry | label", R"({"industry": ["x"]})"),
            "refused: label: expected text, number or true/false, got list");
}

TEST(Label, OtherwiseIsForAMissingOptionOnly) {
  EXPECT_EQ(evaluate("industry | label('Other')", R"({"industry": "MINING"})"), R"("Other")");
  EXPECT_EQ(evaluate("industry | label(null)", R"({"industry": "MINING"})"), "null");
  EXPECT_EQ(evaluate("name | label('Other')", R"({"name": "Acme"})"),
            "refused: label: the source tells no options of name");
}

TEST(Label, TakesAPropertyAsTheRecordHasIt) {
  const std::string refused = "expected a property";
  for (const char* expression : {"lower(industry) | label", "'x' | label", "list[0] | label",
                                 "default(industry, 'x') | label"}) {
    EXPECT_THAT(evaluate(expression), HasSubstr(refused)) << expression;
  }
}

TEST(Label, NeedsASourceThatTellsOptions) {
  EXPECT_EQ(load_yaml(mapping_with("crm.companies", kMapping)).problems.size(), 0U);
  EXPECT_THAT(load_yaml(mapping_with("crm.contacts", kMapping)).texts(),
              ElementsAre(HasSubstr("c.yaml:8:39: mappings[0].additional_properties.Industry: "
                                    "label: expected a source that tells the options")));
  EXPECT_THAT(load_yaml(mapping_with("crm.companies", "id | label")).texts(),
              ElementsAre(HasSubstr("expected a property under `properties` as the record has it, "
                                    "got a path")));
}

TEST(Label, WithoutACatalogueTheRecordIsRefusedAndItIsSaidWhy) {
  const auto loaded = load_yaml(mapping_with("crm.companies", kMapping));
  constexpr auto kRecord = R"({"id": "1", "properties": {"industry": "COMPUTER_SOFTWARE"}})";
  const Result blind = apply(loaded.rules, "crm.companies", kRecord).front();
  EXPECT_EQ(blind.kind, Result::Kind::refused);
  EXPECT_TRUE(blind.refusal.option_missing);
  EXPECT_EQ(blind.refusal.reason, "label: the options of industry are not known");

  const Result seen = apply(loaded.rules, "crm.companies", kRecord, &catalogue()).front();
  ASSERT_EQ(seen.kind, Result::Kind::intent);
  EXPECT_EQ(seen.intent.additional_properties.at("Industry"), core::Value("Computer Software"));
}

TEST(Label, AMissingOptionIsToldFromOtherRefusals) {
  const auto loaded =
      load_yaml(mapping_with("crm.companies", "to_number(properties.name) | round"));
  const auto other = apply(loaded.rules, "crm.companies",
                           R"({"id": "1", "properties": {"name": "x"}})", &catalogue());
  EXPECT_EQ(other.front().kind, Result::Kind::refused);
  EXPECT_FALSE(other.front().refusal.option_missing);
}

TEST(Label, NamesThePropertiesThatNeedOptions) {
  const auto loaded = load_yaml(mapping_with(
      "crm.companies", "concat(properties.industry | label, properties.tier | label('x'))"));
  EXPECT_THAT(loaded.rules.labelled(core::SourceName("crm"), core::ObjectName("companies")),
              ElementsAre("industry", "tier"));
  EXPECT_TRUE(loaded.rules.labelled(core::SourceName("crm"), core::ObjectName("contacts")).empty());
}

struct Tested {
  TestSummary summary;
  core::Problems problems;
};

Tested run(const std::string& test) {
  const auto loaded =
      load_yaml(mapping_with("crm.companies",
                             "'[properties.industry | label, properties.segments | label]'") +
                "tests:\n  - mapping: m\n    record: {id: '1', properties: {industry: S, segments: "
                "'a;b'}}\n" +
                test);
  EXPECT_EQ(loaded.problems.size(), 0U);
  Tested out;
  out.summary = run_tests(loaded.rules, loaded.root, "c.yaml", out.problems);
  return out;
}

TEST(Label, OfAMappingTestIsWhatItsOptionsSay) {
  const Tested passed = run(
      "    options: {properties.industry: {S: Software}, 'properties.segments[]': {a: A, b: B}}\n"
      "    expect: {additional_properties: {Industry: [Software, [A, B]]}}\n");
  EXPECT_EQ(passed.summary.passed, 1) << core::to_text(passed.problems.front());

  const Tested without = run("    expect: {key: '1'}\n");
  EXPECT_EQ(without.summary.failed, 1);
  EXPECT_THAT(without.problems.at(0).message, HasSubstr("the options of industry are not known"));

  const Tested wrong = run("    options: {properties.industry: [S]}\n    expect: {key: '1'}\n");
  EXPECT_EQ(wrong.summary.failed, 1);
  EXPECT_EQ(wrong.problems.at(0).key, "tests[0].options.properties.industry");
  EXPECT_THAT(wrong.problems.at(0).message, HasSubstr("expected a map of values"));
}

}  // namespace
}  // namespace assembly_sync::mapping
