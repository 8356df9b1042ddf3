#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using test::load_yaml;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kGood = R"(mappings:
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
      tier: properties.tier | lookup(tiers)
      tags: properties.segments | split(";")
    additional_properties:
      Industry: properties.industry
      Company size: properties.employees
    on_delete: tag
  - name: contacts
    from: crm.contacts
    to: contact
    key: concat("crm-contact-", id)
    company: concat("crm-company-", associations.company)
    fields: {name: 'concat(properties.firstname, " ", properties.lastname) | trim', domain: properties.email | lower}
tables:
  tiers: {gold: Gold, silver: Silver}
)";

TEST(Reader, TakesWhatTheDocumentationShows) {
  const auto loaded = load_yaml(kGood);
  EXPECT_THAT(loaded.texts(), IsEmpty());
  EXPECT_THAT(loaded.rules.names(), ElementsAre("companies", "contacts"));
  EXPECT_TRUE(loaded.rules.reads(core::SourceName("crm"), core::ObjectName("contacts")));
  EXPECT_FALSE(loaded.rules.reads(core::SourceName("crm"), core::ObjectName("deals")));
}

TEST(Reader, TellsEveryPathThatExpressionsUseButNoTables) {
  const auto loaded = load_yaml(kGood);
  using Path = std::vector<std::string>;
  EXPECT_THAT(loaded.rules.paths(core::SourceName("crm"), core::ObjectName("companies")),
              ElementsAre(Path{"id"}, Path{"properties", "annualrevenue"},
                          Path{"properties", "domain"}, Path{"properties", "employees"},
                          Path{"properties", "industry"}, Path{"properties", "lifecyclestage"},
                          Path{"properties", "name"}, Path{"properties", "segments"},
                          Path{"properties", "tier"}, Path{"properties", "website"}));
  EXPECT_THAT(loaded.rules.paths(core::SourceName("crm"), core::ObjectName("contacts")),
              testing::Contains(Path{"associations", "company"}));
}

TEST(Reader, WithoutMappingsHasNoRulesAndNoProblems) {
  EXPECT_THAT(load_yaml("version: 1\n").texts(), IsEmpty());
  EXPECT_THAT(load_yaml("mappings:\ntables:\n").texts(), IsEmpty());
  EXPECT_THAT(load_yaml("mappings: 5\n").texts(),
              ElementsAre("c.yaml:1:11: mappings: expected a list of mappings, got a text"));
  EXPECT_THAT(load_yaml("mappings: [5]\n").texts(),
              ElementsAre("c.yaml:1:12: mappings[0]: expected a mapping with name, from, to, key "
                          "and fields, got a text"));
}

TEST(Reader, ReportsAllProblemsAtOnceInTheOrderOfTheFile) {
  const auto loaded = load_yaml(R"(mappings:
  - nmae: a
    from: crm.company
    to: usages
    key: concat("x-", idd)
    fields:
      name: properties.name
      domain: propertis.domain
  - name: b
    from: crm.contacts
    to: contact
    key: id
    fields:
      nme: properties.name
      domain: lower(properties.email, 1)
      contract_value: split(properties.x, ",")
    on_delete: remove
tables:
  tiers: {}
)");
  EXPECT_THAT(
      loaded.texts(),
      ElementsAre(
          "c.yaml:2:5: mappings[0].nmae: expected one of name, from, to, when, key, match, "
          "more_keys, company, about, event_id, fields, additional_properties, metadata, on_null, "
          "tags_mode, properties_mode, on_change, on_delete, got an unknown key, did you mean "
          "`name`?",
          "c.yaml:3:11: mappings[0].from: expected SOURCE.OBJECT of a configured source, got "
          "`crm.company`, did you mean `crm.companies`? (configured: anything.rows, crm.companies, "
          "crm.contacts)",
          "c.yaml:4:9: mappings[0].to: expected company, customer, contact or usage, got usages, "
          "did you mean `usage`?",
          "c.yaml:9:5: mappings[1].company: expected the key or {domain: …} of the contact's "
          "company (A68), got nothing",
          "c.yaml:14:7: mappings[1].fields.name: expected an expression, since Assembly requires a "
          "name to create a contact (A66), got nothing",
          "c.yaml:14:7: mappings[1].fields.nme: expected an attribute of a contact, got an unknown "
          "one, did you mean `name`? (one of name, domain, image_url, phone, contract_value, "
          "contract_type, renewal_date, trial_expiration_date, tier, stage, tags, notes, "
          "id_in_tool, role; other names go under additional_properties)",
          "c.yaml:15:15: mappings[1].fields.domain: lower: expected 1 argument, got 2: lower(text: "
          "text) -> text",
          "c.yaml:16:23: mappings[1].fields.contract_value: expected number, got list",
          "c.yaml:17:16: mappings[1].on_delete: expected ignore, tag or delete, got remove",
          "c.yaml:19:10: tables.tiers: expected at least one entry `text: value`, got an empty "
          "map"));
}

TEST(Reader, PointsAtTheWordInsideTheExpressionWhateverTheYamlStyle) {
  const auto loaded = load_yaml(R"yaml(mappings:
  - name: a
    from: crm.companies
    to: company
    key: id
    fields:
      name: properties.name | lowr
      domain: 'concat("", ''it'', idd)'
      notes: "concat(\"a\\\"b\", idd)"
      role: x
      id_in_tool: >-
        concat(id,
          "-", idd)
      image_url: |
        concat(id,
               idd)
      company_type: properties.a
        | lowr
)yaml");
  std::vector<std::string> places;
  for (const core::Problem& p : loaded.problems) {
    places.push_back(std::to_string(p.line) + ':' + std::to_string(p.column) + ' ' + p.key);
  }
  EXPECT_THAT(
      places,
      ElementsAre("7:31 mappings[0].fields.name", "8:35 mappings[0].fields.domain",
                  "9:34 mappings[0].fields.notes", "10:7 mappings[0].fields.role",
                  "10:13 mappings[0].fields.role", "13:16 mappings[0].fields.id_in_tool",
                  "16:16 mappings[0].fields.image_url", "18:11 mappings[0].fields.company_type"));
}

TEST(Reader, ForbidsACompanyOnCompaniesAndCustomers) {
  const auto loaded = load_yaml(
      test::one_mapping("customer", {"key: id", "company: id", "fields: {name: n, domain: d}"}));
  EXPECT_THAT(loaded.texts(), ElementsAre("c.yaml:6:14: mappings[0].company: expected only in "
                                          "mappings to contact, got it in one to customer"));
}

TEST(Reader, TakesAContactsCompanyByDomain) {
  const std::string fields = "fields: {name: n, domain: d}";
  EXPECT_THAT(load_yaml(test::one_mapping("contact",
                                          {"key: id", "company: {domain: d | domain_of}", fields}))
                  .texts(),
              IsEmpty());
  EXPECT_THAT(
      load_yaml(test::one_mapping("contact", {"key: id", "company: {domian: d}", fields})).texts(),
      ElementsAre(HasSubstr("unknown key, did you mean `domain`?")));
}

TEST(Reader, WantsNamesOfMappingsOnce) {
  const std::string one =
      "{name: a, from: anything.rows, to: company, key: id, fields: {name: n, domain: d}}";
  EXPECT_THAT(load_yaml("mappings: [" + one + ",\n" + one + "]\n").texts(),
              ElementsAre("c.yaml:2:8: mappings[1].name: expected a name that no other mapping "
                          "has, got `a` again"));
}

TEST(Reader, WantsAKeyThatReadsTheRecord) {
  const auto problem = [](const std::string& line) {
    const auto loaded =
        load_yaml(test::one_mapping("company", {line, "fields: {name: n, domain: d}"}));
    return loaded.texts().empty() ? "" : loaded.texts().front();
  };
  EXPECT_EQ(problem("key: concat('a-', id)"), "");
  EXPECT_THAT(problem("key: concat('a-', 'b')"),
              HasSubstr("mappings[0].key: expected an expression that reads the record's id, got "
                        "the same text for every record"));
  EXPECT_THAT(problem("key: split(id, ',')"), HasSubstr("expected text or number, got list"));
  EXPECT_THAT(problem("key: {value: a}"), HasSubstr("expected an expression, got a map"));
  EXPECT_THAT(problem("when: 'true'"),
              HasSubstr("expected an expression for the source-specific ID"));
  EXPECT_THAT(problem("key:"), HasSubstr("expected an expression, got nothing"));
}

TEST(Reader, WantsAConditionToBeTrueOrFalse) {
  const auto loaded = load_yaml(
      test::one_mapping("company", {"when: lower(a)", "key: id", "fields: {name: n, domain: d}"}));
  EXPECT_THAT(loaded.texts(), ElementsAre("c.yaml:5:11: mappings[0].when: expected true/false, got "
                                          "text (write to_bool(…), or compare: … == \"…\")"));
}

struct Wrong {
  const char* field;
  const char* message;
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
  *out << wrong.field;
}

class WrongField : public testing::TestWithParam<Wrong> {};

TEST_P(WrongField, IsAProblemOfTheConfiguration) {
  const auto loaded =
      load_yaml(test::one_mapping("company", {"key: id", "fields:", "  name: n", "  domain: d",
                                              std::string("  ") + GetParam().field}));
  EXPECT_THAT(loaded.texts(), ElementsAre(HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    Attributes, WrongField,
    testing::Values(
        Wrong{"source_specific_ids: id",
              "expected an attribute, got source_specific_ids, which `key` and `more_keys` set"},
        Wrong{"roles: r", "expected an attribute of a company, got an unknown one"},
        Wrong{"contract_type: '\"Weekly\"'", "expected Month or Year, got another text"},
        Wrong{"contract_type: {value: Weekly}", "expected Month or Year, got another text"},
        Wrong{"contract_type: {vale: Year}", "unknown key, did you mean `value`?"},
        Wrong{"contract_value: {value: much}",
              "expected number, got text (use to_number or to_int)"},
        Wrong{"number_of_seats: {value: 2.5}",
              "expected a whole number, got one with decimals (use to_int or round)"},
        Wrong{"renewal_date: {value: soon}", "expected a date such as 2026-01-31"},
        Wrong{"tags: {value: [a, [b]]}",
              "expected a text, a number or true/false in the list, got a list"},
        Wrong{"tags: [a, b]",
              "expected an expression, got a list (an expression that begins with [ stands in "
              "quotes)"},
        Wrong{"notes:", "expected an expression, got nothing"},
        Wrong{"notes: ' '", "expected an expression, got an empty text"},
        Wrong{"notes: {value: }",
              "expected an expression or {value: literal}, got a map with nothing as value"},
        Wrong{"notes: split(a, ',')", "expected text or number, got list"}));

INSTANTIATE_TEST_SUITE_P(Required, WrongField, testing::Values(Wrong{"name: x", "appears twice"}));

TEST(Reader, WantsRequiredFieldsToBeMoreThanAnEmptyLiteral) {
  const auto loaded = load_yaml(test::one_mapping(
      "company", {"key: id", "fields: {name: {value: ''}, domain: {value: not a domain}}"}));
  EXPECT_THAT(loaded.texts(),
              ElementsAre(HasSubstr("fields.name: expected a value, since Assembly requires a name "
                                    "to create a company (A14), got nothing"),
                          HasSubstr("fields.domain: expected a domain such as company.com (A16)")));
}

TEST(Reader, WantsFieldsAtAll) {
  EXPECT_THAT(load_yaml(test::one_mapping("customer", {"key: id"})).texts(),
              ElementsAre(HasSubstr("fields.name: expected an expression, since Assembly requires "
                                    "a name to create a customer (A14)"),
                          HasSubstr("fields.domain: expected an expression, since Assembly "
                                    "requires a domain to create a customer (A15)")));
  EXPECT_THAT(load_yaml(test::one_mapping("customer", {"key: id", "fields: [a]"})).texts(),
              ElementsAre(HasSubstr("expected a map of attribute to expression, got a list")));
}

TEST(Tables, TakeTextsNumbersAndBoolsOnly) {
  EXPECT_THAT(load_yaml("tables: {a: {x: 1, y: true, z: t}}\n").texts(), IsEmpty());
  EXPECT_THAT(
      load_yaml("tables: {a: {x: [1]}, b: 5}\n").texts(),
      ElementsAre(HasSubstr("tables.a.x: expected a text, a number or true/false, got a list"),
                  HasSubstr("tables.b: expected at least one entry `text: value`, got a text")));
  EXPECT_THAT(load_yaml("tables: [1]\n").texts(),
              ElementsAre(HasSubstr("expected a map of NAME to a table, got a list")));
}

TEST(Tables, GiveTheirTypesToTheExpressionsThatUseThem) {
  const auto loaded =
      load_yaml("tables: {words: {a: b}}\n" +
                test::one_mapping("company", {"key: id", "fields:", "  name: n", "  domain: d",
                                              "  contract_value: x | lookup(words)"}));
  EXPECT_THAT(loaded.texts(), ElementsAre(HasSubstr("expected number, got text")));
}

}  // namespace
}  // namespace assembly_sync::mapping
