#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using core::Value;
using test::apply;
using test::company_with;
using test::load_yaml;
using Kind = Result::Kind;

constexpr auto kRules = R"(mappings:
  - name: companies
    from: crm.companies
    to: company
    when: properties.lifecyclestage == "customer"
    key: concat("crm-company-", id)
    fields:
      name: properties.name
      domain: properties.domain | default(properties.website | domain_of)
      contract_value: properties.annualrevenue | to_number
      contract_type: {value: Year}
      tags: properties.segments | split(";")
    additional_properties:
      Industry: properties.industry
      Source of truth: {value: [crm, 1]}
    on_delete: delete
  - name: contacts
    from: crm.contacts
    to: contact
    key: concat("crm-contact-", id)
    company: concat("crm-company-", associations.company)
    fields: {name: properties.name, domain: properties.email | lower, role: properties.job}
)";

Result first(const std::string& from, std::string_view record) {
  static const auto kLoaded = load_yaml(kRules);
  return apply(kLoaded.rules, from, record).at(0);
}

TEST(Apply, MakesAnIntentOfARecord) {
  const Result result = first("crm.companies", R"({"id": "7", "properties": {
      "lifecyclestage": "customer", "name": "Acme", "domain": "", "website": "https://www.acme.test",
      "annualrevenue": "1200.50", "segments": "EU; Retail;;EU", "industry": null}})");
  ASSERT_EQ(result.kind, Kind::intent) << result.refusal.reason;
  EXPECT_EQ(result.mapping, "companies");
  EXPECT_EQ(result.intent.on_delete, core::OnDelete::remove);
  EXPECT_EQ(core::dump_json(core::to_value(result.intent)),
            test::json(R"({"mapping": "companies", "to": "company", "key": "crm-company-7",
                "fields": {"name": "Acme", "domain": "acme.test", "contract_value": 1200.5,
                           "contract_type": "Year"},
                "tags": ["EU", "Retail"],
                "additional_properties": {"Source of truth": ["crm", 1]}})"));
}

TEST(Apply, GivesNothingForAnObjectThatNoMappingReads) {
  const auto loaded = load_yaml(kRules);
  EXPECT_TRUE(apply(loaded.rules, "crm.deals", "{}").empty());
  EXPECT_TRUE(apply(loaded.rules, "other.companies", "{}").empty());
}

TEST(Apply, FiltersWhenTheConditionIsFalseOrNullAndKeepsTheKey) {
  const Result lead =
      first("crm.companies", R"({"id": 8, "properties": {"lifecyclestage": "lead"}})");
  EXPECT_EQ(lead.kind, Kind::filtered);
  EXPECT_EQ(lead.intent.key.str(), "crm-company-8");
  EXPECT_EQ(lead.refusal.reason, "");
  const Result without_id = first("crm.companies", "{}");
  EXPECT_EQ(without_id.kind, Kind::filtered);
  EXPECT_TRUE(without_id.intent.key.empty());
}

TEST(Apply, SaysThatAContactHasNoParentWhenItsCompanyIsNull) {
  const Result result = first(
      "crm.contacts", R"({"id": 9, "properties": {"name": "Ada", "email": "ADA@acme.test"}})");
  EXPECT_EQ(result.kind, Kind::no_parent);
  EXPECT_EQ(result.intent.key.str(), "crm-contact-9");
  EXPECT_FALSE(result.intent.company_key);
  EXPECT_EQ(result.intent.fields.at("domain"), Value("ada@acme.test"));
  const Result worse = first("crm.contacts", R"({"id": 9})");
  EXPECT_EQ(worse.kind, Kind::no_parent);
  EXPECT_EQ(worse.refusal.reason, "");
}

TEST(Apply, SetsAContactsParentByKeyOrByDomain) {
  const Result by_key = first("crm.contacts", R"({"id": 9, "associations": {"company": 7},
      "properties": {"name": "Ada", "email": "ada@acme.test"}})");
  ASSERT_EQ(by_key.kind, Kind::intent);
  EXPECT_EQ(by_key.intent.company_key->str(), "crm-company-7");

  const auto loaded = load_yaml(test::one_mapping(
      "contact", {"key: id", "company: {domain: d}", "fields: {name: n, domain: m}"}));
  const auto run = [&](const char* domain) {
    return apply(loaded.rules, "anything.rows",
                 std::string(R"({"id": 1, "n": "A", "m": "a@b.test", "d": )") + domain + "}")[0];
  };
  EXPECT_EQ(run(R"("acme.test")").intent.company_domain, "acme.test");
  EXPECT_EQ(run("null").kind, Kind::no_parent);
  EXPECT_EQ(run(R"("")").kind, Kind::no_parent);
  EXPECT_EQ(run(R"("acme")").refusal.field, "company.domain");
  EXPECT_EQ(run(R"("acme")").kind, Kind::refused);
}

TEST(Apply, RefusesWithThePlaceOfTheCallThatFailed) {
  const Result result = first("crm.companies", R"({"id": "7", "properties": {
      "lifecyclestage": "customer", "name": "Acme", "domain": "acme.test", "annualrevenue": "much"}})");
  EXPECT_EQ(result.kind, Kind::refused);
  EXPECT_EQ(result.refusal.mapping, "companies");
  EXPECT_EQ(result.refusal.field, "fields.contract_value");
  EXPECT_EQ(result.refusal.line, 10);
  EXPECT_EQ(result.refusal.column, 50);
  EXPECT_EQ(
      result.refusal.reason,
      "to_number: expected a decimal number such as 1200.50, got a text of another form (with "
      "other separators: to_number(…, \",\"); with a currency: money)");
  EXPECT_EQ(result.intent.key.str(), "crm-company-7");
}

TEST(Apply, RefusesARecordWithoutNameOrDomainOrKey) {
  const auto reason = [](const char* record) {
    const Result result = first("crm.companies", record);
    EXPECT_EQ(result.kind, Kind::refused);
    return result.refusal.field + ": " + result.refusal.reason;
  };
  EXPECT_EQ(reason(R"({"id": 1, "properties": {"lifecyclestage": "customer", "name": "A"}})"),
            "fields.domain: Assembly requires a domain to create a company (A15), got nothing");
  EXPECT_EQ(reason(R"({"id": 1, "properties": {"lifecyclestage": "customer", "name": " ",
                       "domain": "a.test"}})"),
            "fields.name: Assembly requires a name to create a company (A14), got nothing");
  EXPECT_EQ(reason(R"({"properties": {"lifecyclestage": "customer"}})"),
            "key: expected a source-specific ID, got nothing");
  EXPECT_EQ(reason(R"({"id": 1, "properties": {"lifecyclestage": {}}})"),
            "when: ==: expected texts, numbers or true/false, got object");
}

TEST(Apply, WantsADomainOfACompanyAndAnAddressOfAPerson) {
  const auto run = [](const std::string& to, const char* domain) {
    std::vector<std::string> lines = {"key: id", "fields: {name: id, domain: d}"};
    if (to == "contact") lines.emplace_back("company: id");
    const auto loaded = load_yaml(test::one_mapping(to, lines));
    const std::string record = std::string(R"({"id": "1", "d": ")") + domain + R"("})";
    return apply(loaded.rules, "anything.rows", record)[0];
  };
  EXPECT_EQ(run("company", "acme.test").kind, Kind::intent);
  EXPECT_EQ(
      run("company", "https://acme.test").refusal.reason,
      "expected a domain such as company.com (A16), got a text of another form (use domain_of)");
  for (const char* to : {"customer", "contact"}) {
    EXPECT_EQ(run(to, "a@acme.test").kind, Kind::intent) << to;
    EXPECT_EQ(
        run(to, "acme.test").refusal.reason,
        "expected an e-mail address such as name@company.com (A17, A67), got a text of another "
        "form");
  }
}

Value field(const std::string& line, std::string_view record) {
  const Result result = company_with({line}, record);
  if (result.kind != Kind::intent) return "refused: " + result.refusal.reason;
  const auto found = result.intent.fields.find(line.substr(0, line.find(':')));
  return found == result.intent.fields.end() ? Value("left out") : found->second;
}

TEST(Attributes, GetTheirFormFromWhatTheExpressionGives) {
  constexpr auto kRecord =
      R"({"id": 1, "t": " x ", "n": 20.0, "f": 2.5, "d": "2026-01-31T23:00:00-03:00",
      "ms": 1767225600000, "e": "", "l": ["b", " a ", null, "", "b", 3], "o": {}})";
  EXPECT_EQ(field("phone: t", kRecord), Value::list({"x"}));
  EXPECT_EQ(field("phone: l", kRecord), Value::list({"b", "a", "b", "3"}));
  EXPECT_EQ(field("tags: l", kRecord), Value::list({"b", "a", "3"}));
  EXPECT_EQ(field("tags: e", kRecord), Value::list());
  EXPECT_EQ(field("tags: missing", kRecord), Value("left out"));
  EXPECT_EQ(field("tags: '[t, t, o]'", kRecord),
            Value("refused: expected texts in the list, got object"));
  EXPECT_EQ(field("number_of_seats: n", kRecord), Value(20));
  EXPECT_EQ(field("number_of_seats: f", kRecord),
            Value("refused: expected a whole number, got one with decimals (use to_int or round)"));
  EXPECT_EQ(field("contract_value: f", kRecord), Value(2.5));
  EXPECT_EQ(field("contract_value: t", kRecord),
            Value("refused: expected number, got text (use to_number or to_int)"));
  EXPECT_EQ(field("renewal_date: d", kRecord), Value("2026-02-01"));
  EXPECT_EQ(field("renewal_date: ms", kRecord), Value("2026-01-01"));
  EXPECT_EQ(field("renewal_date: e", kRecord), Value("left out"));
  EXPECT_EQ(field("trial_expiration_date: o", kRecord),
            Value("refused: expected text or number, got object"));
  EXPECT_EQ(field("contract_type: t", kRecord),
            Value("refused: expected Month or Year, got another text"));
  EXPECT_EQ(field("tier: e", kRecord), Value("left out"));
  EXPECT_EQ(field("notes: e", kRecord), Value(""));
  EXPECT_EQ(field("id_in_tool: id", kRecord), Value("1"));
  EXPECT_EQ(field("notes: l", kRecord),
            Value("refused: expected text or number, got list (use join)"));
}

TEST(Attributes, OfMoreThan64KiBAreRefused) {
  const std::string text(65'537, 'x');
  EXPECT_EQ(field("notes: t", R"({"id": 1, "t": ")" + text + R"("})"),
            Value("refused: expected a text of at most 65536 bytes, got a longer one"));
}

TEST(Trace, ShowsEachPartInnerPartsFirst) {
  const auto loaded = load_yaml(test::one_mapping(
      "company", {"key: id", "fields:", "  name: lower(n) | trim", "  domain: split(d, 1)"}));
  ASSERT_EQ(loaded.texts().size(), 1U);  // split needs a text as separator
  const auto good = load_yaml(test::one_mapping(
      "company", {"key: id", "fields:", "  name: lower(n) | trim", "  domain: lower(d)"}));
  core::JsonDocument document;
  const auto view = document.parse(R"({"id": 1, "n": " A ", "d": 5})");
  std::vector<TraceStep> trace;
  good.rules.apply(core::SourceName("anything"), core::ObjectName("rows"), *view, &trace);
  std::vector<std::string> steps;
  for (const TraceStep& step : trace) {
    steps.push_back(step.field + ' ' + step.expression + " = " + core::dump_json(step.result) +
                    (step.error.empty() ? "" : " ! " + step.error));
  }
  EXPECT_THAT(steps, testing::ElementsAre(
                         "key id = 1", "fields.name n = \" A \"", "fields.name lower(n) = \" a \"",
                         "fields.name lower(n) | trim = \"a\"", "fields.domain d = 5",
                         "fields.domain lower(d) = null ! lower: expected text, got number "
                         "(write to_text(…))"));
}

TEST(Trace, ShowsWhatNoExpressionMakes) {
  const auto loaded = load_yaml(test::one_mapping(
      "company", {"key: id", "fields:", "  name: n", "  domain: n | concat(\".test\")",
                  "  contract_type: {value: Year}", "  tags: s",
                  "  tier: {expr: t, on_null: clear}", "  notes: t"}));
  ASSERT_THAT(loaded.texts(), testing::IsEmpty());
  core::JsonDocument document;
  const auto view = document.parse(R"({"id": 1, "n": "a", "s": "x"})");
  std::vector<TraceStep> trace;
  loaded.rules.apply(core::SourceName("anything"), core::ObjectName("rows"), *view, &trace);
  std::vector<std::string> steps;
  for (const TraceStep& step : trace) {
    steps.push_back(step.field + ' ' + step.expression + " = " + core::dump_json(step.result));
  }
  EXPECT_THAT(steps, testing::IsSupersetOf(
                         {"fields.contract_type value = \"Year\"", "fields.tags s = \"x\"",
                          "fields.tags as sent = [\"x\"]", "fields.tier on_null: clear = null",
                          "fields.notes on_null: skip = null"}));
}

TEST(ApplyNamed, RunsOneMappingWhateverItsObject) {
  const auto loaded = load_yaml(kRules);
  core::JsonDocument document;
  const auto view = document.parse(R"({"id": 3})");
  EXPECT_EQ(loaded.rules.apply_named("contacts", *view)->kind, Kind::no_parent);
  EXPECT_FALSE(loaded.rules.apply_named("nobody", *view));
}

}  // namespace
}  // namespace assembly_sync::mapping
