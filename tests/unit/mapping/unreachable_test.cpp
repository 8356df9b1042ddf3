// Rules that no record reaches: which are told, and, as important, which are not.
#include <gmock/gmock.h>

#include "mapping/contradiction.hpp"
#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

enum class Truth { never, always, sometimes };

void PrintTo(Truth truth, std::ostream* out) {
  *out << (truth == Truth::never ? "never" : truth == Truth::always ? "always" : "sometimes");
}

Truth truth_of(const std::string& text) {
  std::vector<ExpressionError> errors;
  const Expression expression = Expression::compile(text, {nullptr, &test::tables()}, errors);
  if (!expression.usable()) {
    ADD_FAILURE() << text << ": " << errors.front().message;
    return Truth::sometimes;
  }
  if (contradictory(expression, {{&expression.root(), true}})) return Truth::never;
  return contradictory(expression, {{&expression.root(), false}}) ? Truth::always
                                                                  : Truth::sometimes;
}

TEST(Contradiction, IsFound) {
  for (const char* never : {"false",
                            "1 == 2",
                            "not true",
                            "a == 'x' and a == 'y'",
                            "'x' == a and a == 'y'",
                            "a == 'x' and (b == 'z' or c) and a != 'x'",
                            "a in ['x', 'y'] and a == 'z'",
                            "a in ['x'] and a not in ['x', 'y']",
                            "a == 'x' and not (a == 'x' or b)",
                            "a == null and a == 'x'",
                            "is_null(a) and a == 'x'",
                            "a == 'x' and is_empty(a)",
                            "not_empty(a) and is_empty(a)",
                            "not_empty(a) and a in ['', null]",
                            "a > 5 and a < 3",
                            "a > 5 and a <= 5",
                            "5 < a and a < 3",
                            "a == 4 and a > 5",
                            "a and not a",
                            "lower(a) == 'x' and lower(a) == 'y'",
                            "(a == 'x' or a == 'y') and a == 'z'",
                            "a == true and a == false",
                            "a == 1 and a == 2",
                            "a == 'x' and a == 1",
                            "a in []"}) {
    EXPECT_EQ(truth_of(never), Truth::never) << never;
  }
  for (const char* always : {"true", "a != 'x' or a != 'y'", "a == 'x' or a != 'x'", "a or not a",
                             "a not in ['x'] or a in ['x', 'y']", "is_empty(a) or not_empty(a)",
                             "1 < 2", "not (a == 'x' and a == 'y')"}) {
    EXPECT_EQ(truth_of(always), Truth::always) << always;
  }
}

TEST(Contradiction, IsNotSeenWhereThereIsNone) {
  for (const char* sometimes :
       {"a", "a == 'x'", "a == 'x' and b == 'y'", "a == 'x' or a == 'y'", "a != 'x' and a != 'y'",
        // A CRM sends numbers and true/false as text: these are equal.
        "a == '5' and a == 5", "a == '5' and a == '5.0'", "a == true and a == 'true'",
        "a == 5 and a != '5.0'", "a == 'X' and lower(a) == 'x'", "a > 3 and a < 5",
        "a >= 5 and a <= 5", "a in ['x', 'y'] and a != 'x'", "a < 5 or a >= 5",
        // Neither less nor not less where there is no value.
        "not (a < 5) and not (a >= 5)", "a == null or a == ''", "a == 'x' and b.a == 'y'",
        "a > 'b' and a < 'a'", "a in b and a not in c", "is_empty(a) and a == ''",
        "is_empty(a) and a == null", "not_empty(a) and a == 'x'"}) {
    EXPECT_EQ(truth_of(sometimes), Truth::sometimes) << sometimes;
  }
}

TEST(Contradiction, TakesLittleTimeForLongConditions) {
  std::string text = "(a0 or b0)";
  for (int i = 1; i < 20; ++i) {
    const std::string n = std::to_string(i);
    text += " and (a" + n + " or b" + n + ")";
  }
  EXPECT_EQ(truth_of(text), Truth::sometimes);
}

/// What a conclusion says must hold for every value: all expressions are run over many.
TEST(Contradiction, AgreesWithTheEvaluator) {
  const char* values[] = {"null", "\"\"", "\"x\"", "\"y\"",    "\"5\"", "\"5.0\"", "5",  "4",
                          "0",    "true", "false", "\"true\"", "\"X\"", "-1",      "6.5"};
  const char* atoms[] = {"a == 'x'",
                         "a != 'y'",
                         "a == 5",
                         "a == '5.0'",
                         "a == true",
                         "a in ['x', 5]",
                         "a not in ['y', null]",
                         "is_empty(a)",
                         "not_empty(a)",
                         "is_null(a)",
                         "a == null",
                         "a != ''",
                         "a == 'true'"};
  int concluded = 0;
  for (const std::string first : atoms) {
    for (const std::string second : atoms) {
      for (const std::string joint : {" and ", " or ", " and not "}) {
        const std::string text = first + joint + second;
        const Truth truth = truth_of(text);
        if (truth == Truth::sometimes) continue;
        ++concluded;
        for (const char* value : values) {
          const std::string got = test::evaluate(text, std::string("{\"a\": ") + value + "}");
          EXPECT_NE(got, truth == Truth::never ? "true" : "false") << text << " over " << value;
        }
      }
    }
  }
  EXPECT_GT(concluded, 60);
}

std::vector<std::string> problems_of(const std::string& expression) {
  return test::load_yaml(
             test::one_mapping("customer", {"key: id", "fields:", "  name: n", "  domain: d",
                                            "  notes: >-", "    " + expression}))
      .texts();
}

TEST(Branches, ThatAreNeverTakenAreTold) {
  EXPECT_THAT(problems_of("if(a == 'x', 'A', if(a == 'x', 'B', 'C'))"),
              testing::ElementsAre("c.yaml:10:27: mappings[0].fields.notes: if: expected a "
                                   "condition that can be true here, got one that never is: `'B'` "
                                   "is never taken"));
  EXPECT_THAT(problems_of("if(a != 'x' or a != 'y', 'A', 'B')"),
              testing::ElementsAre(testing::HasSubstr(
                  "c.yaml:10:9: mappings[0].fields.notes: if: expected a condition that can be "
                  "false here, got one that never is: `'B'` is never taken")));
  EXPECT_THAT(problems_of("case(a, 'x', 1, 'y', 2, 'x', 3) | to_text"),
              testing::ElementsAre("c.yaml:10:33: mappings[0].fields.notes: case: expected each "
                                   "value once, got `'x'` again: `3` is never taken"));
  EXPECT_THAT(problems_of("'x' | default(a)"),
              testing::ElementsAre("c.yaml:10:23: mappings[0].fields.notes: default: expected a "
                                   "value before this one that can be nothing, got `'x'`, which "
                                   "never is: `a` is never taken"));
  EXPECT_THAT(problems_of("coalesce(a, '', b)"), testing::SizeIs(1));
}

TEST(Branches, ThatMayBeTakenAreNotTold) {
  for (const char* good :
       {"if(a == 'x', 'A', if(a == 'y', 'B', 'C'))", "a | default('x')", "default(a, '', b)",
        "coalesce(a, b, '')", "case(a, 'x', 1, 'X', 2) | to_text",
        "case(a, '5', 1, 5, 2) | to_text", "if(a == 'x', if(b == 'x', 'A', 'B'))",
        "lower(a) | default('x')", "if(a, 'x') | default('y')", "default(lookup(a, t), 'x')"}) {
    const std::string text =
        "tables: {t: {k: v}}\n" +
        test::one_mapping("customer", {"key: id", "fields:", "  name: n", "  domain: d",
                                       "  notes: >-", std::string("    ") + good});
    EXPECT_THAT(test::load_yaml(text).texts(), testing::IsEmpty()) << good;
  }
}

std::string mapping_of(const std::string& name, const std::string& key, const std::string& rest) {
  return "  - name: " + name + "\n    from: anything.rows\n    to: customer\n    " + key +
         "\n    " + rest + "\n    fields: {name: n, domain: d}\n";
}

TEST(Twins, AreToldWhereNothingTellsThemApart) {
  const auto texts = [](const std::string& a, const std::string& b) {
    return test::load_yaml("mappings:\n" + a + b).texts();
  };
  const std::string first = mapping_of("a", "key: concat('x', id)", "when: paying == true");
  EXPECT_THAT(texts(first, mapping_of("b", "key: \"concat('x', id)\"", "when: paying == true")),
              testing::ElementsAre(testing::StartsWith(
                  "c.yaml:11:10: mappings[1].key: expected another key or another `when` than "
                  "those of mapping `a`")));
  EXPECT_THAT(texts(first, mapping_of("b", "key: concat('x', id)", "when: paying == false")),
              testing::IsEmpty());
  EXPECT_THAT(texts(first, mapping_of("b", "key: concat('x', id)", "on_null: skip")),
              testing::IsEmpty());
  EXPECT_THAT(texts(first, mapping_of("b", "key: concat('y', id)", "when: paying == true")),
              testing::IsEmpty());
  EXPECT_THAT(
      texts(first, mapping_of("b", "match: {key: \"concat('x', id)\"}", "when: paying == true")),
      testing::IsEmpty());
}

TEST(Conditions, ThatNeverOrAlwaysHoldAreToldAtTheirPlace) {
  const auto with = [](const std::string& condition) {
    return test::load_yaml("mappings:\n" + mapping_of("a", "key: id", "when: " + condition))
        .texts();
  };
  EXPECT_THAT(with("a == 'x' and a == 'y'"),
              testing::ElementsAre(testing::HasSubstr("c.yaml:6:20: mappings[0].when: expected a "
                                                      "condition that some record can meet")));
  EXPECT_THAT(with("a != 'x' or a != 'y'"),
              testing::ElementsAre(testing::HasSubstr("got one that is always true")));
  EXPECT_THAT(with("true"), testing::IsEmpty());
}

}  // namespace
}  // namespace assembly_sync::mapping
