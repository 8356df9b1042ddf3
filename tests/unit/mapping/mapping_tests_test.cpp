// The configuration's `tests:` block.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using test::load_yaml;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kMappings = R"(mappings:
  - name: companies
    from: anything.rows
    to: company
    when: stage != "lead"
    key: concat("c-", id)
    fields: {name: name, domain: domain, tags: tags, contract_value: value}
    additional_properties: {Industry: industry}
  - name: contacts
    from: anything.rows
    to: contact
    key: id
    company: concat("c-", company)
    fields: {name: name, domain: domain}
tests:
)";

struct Ran {
  TestSummary summary;
  std::vector<std::string> problems;
};

Ran run(const std::string& tests) {
  auto loaded = load_yaml(kMappings + tests);
  EXPECT_THAT(loaded.texts(), IsEmpty());
  Ran out;
  out.summary = run_tests(loaded.rules, loaded.root, "c.yaml", loaded.problems);
  out.problems = loaded.texts();
  return out;
}

TEST(RunTests, PassesWhatIsNamedAndComesOut) {
  const Ran ran = run(R"(
  - mapping: companies
    record: {id: "1", stage: customer, name: Acme, domain: acme.test, tags: [b, a], value: 5.0, industry: Steel}
    expect:
      key: c-1
      fields: {name: Acme, contract_value: 5, notes: null}
      tags: [a, b]
      additional_properties: {Industry: Steel, Other: null}
  - name: leads
    mapping: companies
    record: {stage: lead}
    expect: {filtered: true}
  - mapping: companies
    record: {id: 1, name: Acme}
    expect: {refused: requires a domain}
  - mapping: contacts
    record: {id: 4, name: Ada, domain: ada@acme.test, company: 1}
    expect: {company: c-1, key: 4}
  - mapping: contacts
    record: {id: 4, name: Ada, domain: ada@acme.test}
    expect: {no_parent: true}
)");
  EXPECT_THAT(ran.problems, IsEmpty());
  EXPECT_EQ(ran.summary.passed, 5);
  EXPECT_EQ(ran.summary.failed, 0);
}

TEST(RunTests, ShowsTheDifferenceAtThePlaceOfTheTest) {
  const Ran ran = run(R"(
  - name: acme
    mapping: companies
    record: {id: "1", name: Acm, domain: acme.test, tags: [a]}
    expect:
      key: c-2
      fields: {name: Acme, domain: acme.test}
      tags: []
      additional_properties: {Industry: Steel}
  - mapping: companies
    record: {stage: lead}
    expect: {key: c-1}
  - mapping: companies
    record: {id: 1}
    expect: {filtered: true}
  - mapping: companies
    record: {id: 1, name: a, domain: a.test}
    expect: {refused: domain}
)");
  EXPECT_EQ(ran.summary.failed, 4);
  EXPECT_THAT(
      ran.problems,
      ElementsAre("c.yaml:17:5: tests[0]: test \"acme\" failed: expected key \"c-2\", got \"c-1\"; "
                  "expected "
                  "tags [], got [\"a\"]; expected fields.name \"Acme\", got \"Acm\"; expected "
                  "additional_properties.Industry \"Steel\", got nothing",
                  "c.yaml:25:5: tests[1]: test failed: expected an intent, got filtered",
                  "c.yaml:28:5: tests[2]: test failed: expected filtered, got refused: "
                  "fields.name: Assembly "
                  "requires a name to create a company (A14), got nothing",
                  "c.yaml:31:5: tests[3]: test failed: expected refused: domain, got an intent"));
}

TEST(RunTests, ReportsTestsThatAreNotWellFormed) {
  const Ran ran = run(R"(
  - mapping: companys
    record: {}
    expect: {keys: a}
  - record: [1]
  - 5
  - mapping: companies
    record: {}
    expect: {filtered: no, fields: 5}
)");
  EXPECT_EQ(ran.summary.failed, 4);
  EXPECT_THAT(
      ran.problems,
      ElementsAre(HasSubstr("tests[0].mapping: expected the name of a mapping, got `companys`, "
                            "did you mean `companies`? (known: companies, contacts)"),
                  HasSubstr("tests[0].expect.keys: unknown key, did you mean `key`?"),
                  HasSubstr("tests[1].mapping: expected the name of a mapping, got nothing"),
                  HasSubstr("tests[1].record: expected a record, as the CRM gives it, got a "
                            "list"),
                  HasSubstr("tests[1].expect: expected what must come out, got nothing"),
                  HasSubstr("tests[2]: expected a test with mapping, record and expect, got "
                            "a text"),
                  HasSubstr("tests[3].expect.filtered: expected true, got another value"),
                  HasSubstr("tests[3].expect.fields: expected a map, got a text")));
}

TEST(RunTests, WithoutABlockRunsNothing) {
  const Ran ran = run("");
  EXPECT_EQ(ran.summary.passed + ran.summary.failed, 0);
  auto loaded = load_yaml("tests: {a: 1}\n");
  static_cast<void>(run_tests(loaded.rules, loaded.root, "c.yaml", loaded.problems));
  EXPECT_THAT(loaded.texts(),
              ElementsAre("c.yaml:1:8: tests: expected a list of tests, got a map"));
}

}  // namespace
}  // namespace assembly_sync::mapping
