// What a source's catalogue tells of rules before any record flows.
#include "mapping/field_checks.hpp"

#include <gmock/gmock.h>

#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kLine = 12;

/// A mapping whose last line, at kLine, is an additional property with the expression.
std::string with(const std::string& expression) {
  return R"(tables:
  industries: {Computer Software: Software}
  by_value: {COMPUTER_SOFTWARE: Software}
mappings:
  - name: m
    from: crm.companies
    to: company
    key: id
    fields: {name: '"N"', domain: '"a.test"'}
    additional_properties:
      Fixed: {value: x}
      P: )" +
         expression + '\n';
}

std::vector<std::string> short_texts(const core::Problems& problems) {
  std::vector<std::string> out;
  for (const core::Problem& problem : problems) {
    EXPECT_EQ(problem.file, "c.yaml");
    EXPECT_EQ(problem.line, kLine);
    EXPECT_EQ(problem.key, "mappings[0].additional_properties.P");
    out.push_back(std::to_string(problem.column) + ": " + problem.message);
  }
  return out;
}

FieldFindings findings(const std::string& yaml,
                       const core::Catalogue& catalogue = test::catalogue()) {
  const auto loaded = test::load_yaml(yaml);
  EXPECT_THAT(loaded.texts(), IsEmpty());
  return check_fields(loaded.rules, "c.yaml", core::SourceName("crm"),
                      core::ObjectName("companies"), catalogue);
}

std::vector<std::string> problems(const std::string& expression) {
  const FieldFindings found = findings(with(expression));
  EXPECT_THAT(short_texts(found.warnings), IsEmpty()) << expression;
  return short_texts(found.problems);
}

std::vector<std::string> warnings(const std::string& expression) {
  const FieldFindings found = findings(with(expression));
  EXPECT_THAT(short_texts(found.problems), IsEmpty()) << expression;
  return short_texts(found.warnings);
}

TEST(FieldChecks, FindNothingWrongInRulesThatFit) {
  for (const char* expression :
       {"id",
        "associations.company",
        "properties.name | lower",
        "properties.annualrevenue | to_number | round",
        "properties.annualrevenue > 100",
        "properties.annualrevenue == null",
        "properties.name == 5",
        "properties.name > \"M\"",
        "properties.industry == \"COMPUTER_SOFTWARE\"",
        "properties.industry == \"\"",
        "properties.industry | label",
        "properties.segments | label",
        "properties.vip == true",
        "properties.vip == \"true\"",
        "properties.vip | to_bool",
        "properties.renewal | add_days(3)",
        "properties.renewal >= \"2026-01-31\"",
        "properties.created >= \"2026-01\"",
        "properties.created | to_date(\"Europe/Berlin\")",
        "properties.created | to_epoch",
        "properties.industry | lookup(by_value)",
        "properties.industry | label | lookup(industries)",
        "properties.industry | lookup(industries, null)",
        "properties.segments | split(\";\")",
        "'\"enterprise\" in split(properties.segments, \";\")'",
        "properties.segments == \"enterprise;startup\"",
        "json(properties)",
        "properties.name | default(properties.annualrevenue)",
        "if(properties.vip | to_bool, properties.name, properties.industry)",
        "case(properties.industry, \"COMPUTER_SOFTWARE\", 1, 0)",
        "properties.industry in [\"COMPUTER_SOFTWARE\", null]",
        "length(properties.name) > 3",
        "properties.num_seats >= to_number(properties.annualrevenue)"}) {
    const FieldFindings found = findings(with(expression));
    EXPECT_THAT(short_texts(found.problems), IsEmpty()) << expression;
    EXPECT_THAT(short_texts(found.warnings), IsEmpty()) << expression;
  }
}

TEST(FieldChecks, NameThePropertyThatWasMeant) {
  EXPECT_THAT(problems("properties.indusrty"),
              ElementsAre("10: expected a property of crm.companies, got "
                          "`properties.indusrty`, which does not exist there, did you mean "
                          "`industry` (labelled Industry)?"));
  EXPECT_THAT(problems("properties.annual_revenue | to_number"),
              ElementsAre(HasSubstr("did you mean `annualrevenue` (labelled Annual revenue)?")));
  EXPECT_THAT(problems(R"('properties["Annual revenue"]')"),
              ElementsAre(HasSubstr("did you mean `annualrevenue` (labelled Annual revenue)?")));
  EXPECT_THAT(problems(R"('concat("x", properties.seats)')"),
              ElementsAre("23: expected a property of crm.companies, got `properties.seats`, "
                          "which does not exist there, did you mean `num_seats` (labelled "
                          "Seats)?"));
  EXPECT_THAT(problems("properties.quarterly_review"),
              ElementsAre("10: expected a property of crm.companies, got "
                          "`properties.quarterly_review`, which does not exist there"));
  EXPECT_THAT(problems("properties.fax"), ElementsAre(HasSubstr("archived in the source")));
  EXPECT_THAT(problems("properties.name.first"),
              ElementsAre(HasSubstr("expected `properties.name` as a whole, got a part of it")));
}

TEST(FieldChecks, KnowWhatAFunctionCanTake) {
  EXPECT_THAT(problems("properties.name | round"),
              ElementsAre("10: round: expected number, got text (write to_number(…)): "
                          "properties.name holds a text"));
  EXPECT_THAT(problems("properties.annualrevenue | default(properties.name) | round"),
              ElementsAre(HasSubstr("properties.annualrevenue holds a number"),
                          HasSubstr("properties.name holds a text")));
  EXPECT_THAT(problems("properties.renewal | to_number"),
              ElementsAre("10: to_number: expected a number, got a date: properties.renewal "
                          "holds a date"));
  EXPECT_THAT(problems("money(properties.created)"),
              ElementsAre(HasSubstr("money: expected a number, got a date with time")));
  EXPECT_THAT(problems("properties.industry | to_int"),
              ElementsAre(HasSubstr("to_int: expected a number, got one of its options")));
  EXPECT_THAT(problems("properties.vip | add_days(1)"),
              ElementsAre(HasSubstr("add_days: expected a date, got true or false")));
  EXPECT_THAT(problems("properties.segments | first"),
              ElementsAre(HasSubstr("first: expected list, got text (write split(…, \";\"))")));
  EXPECT_THAT(problems("if(properties.vip, 1, 2)"),
              ElementsAre(HasSubstr("if: expected true/false, got text (write to_bool(…)")));
  EXPECT_THAT(problems("properties.vip and true"),
              ElementsAre(HasSubstr("and: expected true/false, got text")));
  EXPECT_THAT(problems("properties.name | label"),
              ElementsAre(HasSubstr("label: expected a property with options, got one without: "
                                    "properties.name holds a text")));
}

TEST(FieldChecks, KnowWhatAPropertyCanEqual) {
  EXPECT_THAT(problems(R"('properties.annualrevenue == "many"')"),
              ElementsAre("39: ==: expected a number, got a text that is none: "
                          "properties.annualrevenue holds a number"));
  EXPECT_THAT(problems(R"('properties.annualrevenue > "100"')"),
              ElementsAre(HasSubstr("a number stands without quotes")));
  EXPECT_THAT(problems("properties.annualrevenue > properties.num_seats"),
              ElementsAre(HasSubstr(">: expected a number on one side")));
  EXPECT_THAT(problems("properties.vip == \"yes\""),
              ElementsAre(HasSubstr("expected true or false, got another value")));
  EXPECT_THAT(problems("properties.renewal > 2026"),
              ElementsAre(HasSubstr("expected a date in quotes such as \"2026-01-31\", got "
                                    "number")));
  EXPECT_THAT(problems(R"('"31.1.2026" < properties.renewal')"),
              ElementsAre(HasSubstr("expected a date in quotes")));
  EXPECT_THAT(problems("properties.industry == \"Computer software\""),
              ElementsAre(HasSubstr("expected one of the property's options, got `Computer "
                                    "software`, did you mean `COMPUTER_SOFTWARE` (labelled "
                                    "Computer Software)? (its options: COMPUTER_SOFTWARE)")));
  EXPECT_THAT(problems("properties.industry in [\"MINING\"]"),
              ElementsAre(HasSubstr("in: expected one of the property's options")));
  EXPECT_THAT(problems("case(properties.industry, \"software\", 1)"),
              ElementsAre(HasSubstr("case: expected one of the property's options")));
  EXPECT_THAT(problems(R"('"Enterprise" in split(properties.segments, ";")')"),
              ElementsAre(HasSubstr("did you mean `enterprise` (labelled Enterprise)?")));
  EXPECT_THAT(problems(R"('"enterprise" in properties.segments')"),
              ElementsAre(HasSubstr("in: expected list, got text (write split(…, \";\"))")));
}

TEST(FieldChecks, WarnOfWhatHoldsForSomeRecordsOnly) {
  EXPECT_THAT(warnings("properties.industry | lookup(industries)"),
              ElementsAre("32: lookup: table industries has no entry for the option "
                          "COMPUTER_SOFTWARE of properties.industry: their records will be "
                          "refused; the table has labels, the record holds values: write "
                          "properties.industry | label | lookup(industries)"));
  EXPECT_THAT(warnings("properties.industry | label | lookup(by_value)"),
              ElementsAre(HasSubstr("no entry for the option Computer Software of "
                                    "properties.industry: their records will be refused; the "
                                    "table has values where labels are looked up")));
  EXPECT_THAT(warnings("properties.segments == \"enterprise\""),
              ElementsAre(HasSubstr("is true only for records with this option alone")));
  EXPECT_THAT(warnings("properties.segments | lookup(by_value)"),
              ElementsAre(HasSubstr("finds only records with one option")));
  EXPECT_THAT(warnings("properties.vip | lookup(by_value)"),
              ElementsAre(HasSubstr("has no entry for the options false, true")));
}

std::vector<std::string> company_problems(const std::vector<std::string>& lines) {
  std::string yaml =
      "mappings:\n  - name: m\n    from: crm.companies\n    to: company\n    key: id\n";
  for (const std::string& line : lines) yaml += "    " + line + '\n';
  std::vector<std::string> out;
  for (const core::Problem& problem : findings(yaml).problems) {
    out.push_back(problem.key + ": " + problem.message);
  }
  return out;
}

TEST(FieldChecks, KnowWhatAnAttributeTakes) {
  EXPECT_THAT(
      company_problems({"when: properties.vip", "fields:", "  name: properties.name",
                        "  domain: properties.renewal",
                        "  contract_value: properties.annualrevenue",
                        "  renewal_date: properties.industry", "  tags: properties.segments"}),
      testing::UnorderedElementsAre(
          HasSubstr("mappings[0].when: when: expected true/false, got text"),
          HasSubstr("mappings[0].fields.domain: expected a domain, got a date"),
          HasSubstr("mappings[0].fields.contract_value: expected number, got text (write "
                    "to_number(…)): properties.annualrevenue holds a number"),
          HasSubstr("mappings[0].fields.renewal_date: expected a date, got one of its options")));
}

TEST(FieldChecks, LookIntoTheRecordItselfWhereItHoldsTheFields) {
  core::Catalogue table;
  table.texts = true;
  table.fields["Company Name"] = {.label = "Company Name"};
  table.fields["id"] = {.label = "id"};
  const auto loaded = test::load_yaml(
      test::one_mapping("company", {"key: id", "fields:", "  name: '.[\"Company name\"]'",
                                    "  domain: '.[\"Company Name\"] | round | to_text'"}));
  ASSERT_THAT(loaded.texts(), IsEmpty());
  const auto found = check_fields(loaded.rules, "c.yaml", core::SourceName("anything"),
                                  core::ObjectName("rows"), table);
  ASSERT_EQ(found.problems.size(), 2U);
  EXPECT_THAT(found.problems[0].message,
              HasSubstr("expected a property of anything.rows, got `Company name`, which does not "
                        "exist there, did you mean `Company Name`?"));
  EXPECT_THAT(found.problems[1].message, HasSubstr("round: expected number, got text"));
}

TEST(FieldChecks, LookAtTheMappingsOfTheObjectOnly) {
  const auto loaded = test::load_yaml(with("properties.nothing"));
  const auto found = check_fields(loaded.rules, "c.yaml", core::SourceName("crm"),
                                  core::ObjectName("contacts"), test::catalogue());
  EXPECT_THAT(found.problems, IsEmpty());
}

}  // namespace
}  // namespace assembly_sync::mapping
