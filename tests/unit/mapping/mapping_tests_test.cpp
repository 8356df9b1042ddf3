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
                  "expected tags [], got [\"a\"]; expected fields.name \"Acme\", got \"Acm\"; "
                  "expected additional_properties.Industry \"Steel\", got nothing",
                  "c.yaml:25:5: tests[1]: test failed: expected an intent, got filtered",
                  "c.yaml:28:5: tests[2]: test failed: expected filtered, got refused: "
                  "fields.name: Assembly requires a name to create a company (A14), got nothing",
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
      ElementsAre(
          HasSubstr("tests[0].mapping: expected the name of a mapping, got `companys`, did you "
                    "mean `companies`? (known: companies, contacts)"),
          HasSubstr("got an unknown key, did you mean `key`?"),
          HasSubstr("tests[1].mapping: expected the name of a mapping, got nothing"),
          HasSubstr("tests[1].record: expected a record, as the CRM gives it, got a list"),
          HasSubstr("tests[1].expect: expected what must come out, got nothing"),
          HasSubstr("tests[2]: expected a test with mapping, record and expect, got a text"),
          HasSubstr("tests[3].expect.filtered: expected true, got another value"),
          HasSubstr("tests[3].expect.fields: expected a map, got a text")));
}

constexpr auto kFurther = R"(mappings:
  - name: plans
    from: anything.rows
    to: company
    match: {domain: domain}
    more_keys: ids
    on_null: keep
    fields: {tier: tier, stage: {expr: stage, on_null: clear}}
    additional_properties: {Plan: plan}
  - name: logins
    from: anything.rows
    to: usage
    about: {company: company}
    event_id: id
    fields: {timestamp: at, type: {value: Metric}, content: text, attribute: {value: Login}, value: n}
    metadata: {Browser: browser}
  - name: news
    from: anything.rows
    to: usage
    about: none
    event_id: concat("news-", id)
    fields: {timestamp: at, type: {value: Action}, content: text, attribute: {value: News}}
tests:
)";

Ran run_further(const std::string& tests) {
  auto loaded = load_yaml(kFurther + tests);
  EXPECT_THAT(loaded.texts(), IsEmpty());
  Ran out;
  out.summary = run_tests(loaded.rules, loaded.root, "c.yaml", loaded.problems);
  out.problems = loaded.texts();
  return out;
}

TEST(RunTests, CompareWhatEnrichesAndWhatIsLogged) {
  const Ran ran = run_further(R"(
  - mapping: plans
    record: {domain: acme.test, ids: [7, b], plan: {name: Pro, seats: 2.0}}
    expect:
      match: {domain: acme.test}
      more_keys: [b, 7]
      kept: [fields.tier]
      cleared: [fields.stage]
      additional_properties: {Plan: {name: Pro, seats: 2}}
  - mapping: plans
    record: {plan: Pro}
    expect: {no_parent: true}
  - mapping: logins
    record: {id: 3, company: 4, at: 2026-01-31T10:00:00Z, text: hello, n: 2, browser: Lynx}
    expect:
      key: anything.rows/3
      about: {company: 4}
      fields: {timestamp: "2026-01-31T10:00:00Z", type: Metric, value: 2}
      metadata: {Browser: Lynx, Other: null}
  - mapping: logins
    record: {id: 3, company: 4, at: 2026-01-31, text: hello}
    expect: {refused: A151}
  - mapping: news
    record: {id: 3, at: 2026-01-31, text: hello}
    expect: {about: none}
)");
  EXPECT_THAT(ran.problems, IsEmpty());
  EXPECT_EQ(ran.summary.passed, 5);
}

TEST(RunTests, ShowWhereTheseDiffer) {
  const Ran ran = run_further(R"(
  - mapping: plans
    record: {domain: acme.test, plan: {name: Pro}}
    expect: {match: {key: a}, more_keys: [b], kept: [], additional_properties: {Plan: {name: Pro, seats: 2}}}
  - mapping: logins
    record: {id: 3, company: 4, at: 2026-01-31, text: a, n: 1}
    expect: {about: none, metadata: {Browser: Lynx}}
  - mapping: logins
    record: {id: 3, at: 2026-01-31}
    expect: {about: none}
  - mapping: logins
    record: {id: 3}
    expect: {metdata: {}}
)");
  EXPECT_EQ(ran.summary.failed, 4);
  EXPECT_THAT(
      ran.problems,
      ElementsAre(
          HasSubstr(
              R"(tests[0]: test failed: expected match {"key":"a"}, got )"
              R"({"domain":"acme.test"}; expected more_keys ["b"], got []; expected kept [], )"
              R"(got ["fields.tier"]; expected additional_properties.Plan )"
              R"({"name":"Pro","seats":2}, got {"name":"Pro"})"),
          HasSubstr(R"(tests[1]: test failed: expected about "none", got {"company":"4"}; )"
                    R"(expected metadata.Browser "Lynx", got nothing)"),
          HasSubstr("tests[2]: test failed: expected an intent, got no_parent: it is about nobody"),
          HasSubstr("got an unknown key, did you mean `metadata`?")));
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
