#include <gtest/gtest.h>

#include "mapping/expression.hpp"
#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using test::evaluate;

TEST(Paths, LeadThroughObjectsAndListsAndEndInNullWhereNothingIs) {
  constexpr auto kRecord = R"({"a": {"b": [{"odd key": 5}]}, "t": "x", "in": 1})";
  EXPECT_EQ(evaluate(R"(a.b[0]["odd key"])", kRecord), "5");
  EXPECT_EQ(evaluate("a.b[1]", kRecord), "null");
  EXPECT_EQ(evaluate("a.c.d.e", kRecord), "null");
  EXPECT_EQ(evaluate("t.x", kRecord), "null");
  EXPECT_EQ(evaluate("t[0]", kRecord), "null");
  EXPECT_EQ(evaluate("a['b'][0]", kRecord), R"({"odd key":5})");
}

TEST(Paths, MayHaveAnOddFirstName) {
  EXPECT_EQ(evaluate(R"(.["Company Name"] | lower)", R"({"Company Name": "ACME"})"), R"("acme")");
  EXPECT_EQ(evaluate("größe", R"({"größe": 3})"), "3");
  EXPECT_EQ(evaluate(".in", R"({"in": 4})"), "4");
}

TEST(Literals, MeanWhatIsWritten) {
  EXPECT_EQ(evaluate(R"("a\"\\\/\n\r\tA")"), R"("a\"\\/\n\r\tA")");
  EXPECT_EQ(evaluate(R"('a\n"')"), R"("a\\n\"")");
  EXPECT_EQ(evaluate("[1, -2.5, 1e2, true, false, null, 'x']"),
            R"([1,-2.5,100.0,true,false,null,"x"])");
  EXPECT_EQ(evaluate("[]"), "[]");
}

TEST(Pipe, HandsItsLeftAsTheFirstArgument) {
  EXPECT_EQ(evaluate("' A ' | trim | lower | concat('-', 'b')"), R"("a-b")");
  EXPECT_EQ(evaluate("a | default(b | lower)", R"({"b": "X"})"), R"("x")");
}

TEST(Precedence, IsPipeThenComparisonThenNotAndOr) {
  EXPECT_EQ(evaluate("a | lower == 'x'", R"({"a": "X"})"), "true");
  EXPECT_EQ(evaluate("'x' == a | lower", R"({"a": "X"})"), "true");
  EXPECT_EQ(evaluate("not 1 == 2"), "true");
  EXPECT_EQ(evaluate("true or false and false"), "true");
  EXPECT_EQ(evaluate("(true or false) and false"), "false");
  EXPECT_EQ(evaluate("not false and false"), "false");
  EXPECT_EQ(evaluate("not not true"), "true");
  EXPECT_EQ(evaluate("not 'a' in ['a']"), "false");
  EXPECT_EQ(evaluate("(1 == 1) == true"), "true");
}

TEST(Equality, HoldsForNullOnlyWithNull) {
  EXPECT_EQ(evaluate("a == null"), "true");
  EXPECT_EQ(evaluate("a != null", R"({"a": ""})"), "true");
  EXPECT_EQ(evaluate("a == b"), "true");
  EXPECT_EQ(evaluate("a == 'x'"), "false");
}

TEST(Equality, OfNumbersIsExactAcrossTheirForms) {
  EXPECT_EQ(evaluate("a == 5", R"({"a": 5.0})"), "true");
  EXPECT_EQ(evaluate("a == b", R"({"a": 9007199254740993, "b": 9007199254740992.0})"), "false");
  EXPECT_EQ(evaluate("a > b", R"({"a": 18446744073709551615, "b": 9223372036854775807})"), "true");
  EXPECT_EQ(evaluate("a < b", R"({"a": 1, "b": 1.5})"), "true");
  EXPECT_EQ(evaluate("a > b", R"({"a": -1, "b": -1.5})"), "true");
  EXPECT_EQ(evaluate("a < b", R"({"a": -1.5, "b": -1})"), "true");
}

TEST(Equality, OfATextWithANumberOrTrueAndFalseIsByWhatTheTextIs) {
  EXPECT_EQ(evaluate("a == 5", R"({"a": "5"})"), "true");
  EXPECT_EQ(evaluate("a == 5", R"({"a": "5.0"})"), "true");
  EXPECT_EQ(evaluate("a != 5", R"({"a": "6"})"), "true");
  EXPECT_EQ(evaluate("a == 5", R"({"a": "five"})"), "false");
  EXPECT_EQ(evaluate("a == 5", R"({"a": " 5"})"), "false");
  EXPECT_EQ(evaluate("a == 0", R"({"a": ""})"), "false");
  EXPECT_EQ(evaluate("a == 18446744073709551615", R"({"a": "18446744073709551615"})"), "true");
  EXPECT_EQ(evaluate("a == 9007199254740993", R"({"a": "9007199254740992"})"), "false");
  EXPECT_EQ(evaluate("a == 5", R"({"a": ")" + std::string(64, '0') + R"(5"})"), "false");
  EXPECT_EQ(evaluate("5 in a", R"({"a": ["4", "5"]})"), "true");
  EXPECT_EQ(evaluate("a in [1, 2]", R"({"a": "1"})"), "true");
  EXPECT_EQ(evaluate("a == true", R"({"a": "true"})"), "true");
  EXPECT_EQ(evaluate("a == false", R"({"a": "true"})"), "false");
  EXPECT_EQ(evaluate("a == true", R"({"a": "yes"})"), "false");
}

TEST(Equality, OfOtherDifferentTypesIsFalseAndListsAreRefused) {
  EXPECT_EQ(evaluate("a == 1", R"({"a": true})"), "false");
  EXPECT_EQ(evaluate("a != 0", R"({"a": false})"), "true");
  EXPECT_EQ(evaluate("a == 'x'", R"({"a": ["x"]})"),
            "refused: ==: expected texts, numbers or true/false, got list (an element of a list: "
            "\"x\" in list)");
  EXPECT_EQ(evaluate("a == b", R"({"a": {}, "b": {}})"),
            "refused: ==: expected texts, numbers or true/false, got object");
  EXPECT_EQ(evaluate("a == null", R"({"a": []})"), "false");
  EXPECT_EQ(evaluate("null in [a, b]", R"({"a": {}})"), "true");
}

TEST(Order, OfATextThatIsANumberIsByItsValue) {
  EXPECT_EQ(evaluate("a > 5", R"({"a": "10"})"), "true");
  EXPECT_EQ(evaluate("5 >= a", R"({"a": "5.0"})"), "true");
  EXPECT_EQ(evaluate("a > 5", R"({"a": ""})"), "false");
  EXPECT_EQ(evaluate("a < 5", R"({"a": ""})"), "false");
  EXPECT_EQ(evaluate("a < 5", R"({"a": "many"})"),
            "refused: <: expected two numbers, got a text that is none");
}

TEST(Order, IsFalseWithNullAndRefusedForOtherTypes) {
  EXPECT_EQ(evaluate("a < 5"), "false");
  EXPECT_EQ(evaluate("a >= null"), "false");
  EXPECT_EQ(evaluate("a < b", R"({"a": "2025-12-31", "b": "2026-01-01"})"), "true");
  EXPECT_EQ(evaluate("a < b", R"({"a": true, "b": false})"),
            "refused: <: expected two numbers or two texts, got true/false and true/false");
}

TEST(In, LooksForAnEqualElement) {
  EXPECT_EQ(evaluate("a in ['x', 'y']", R"({"a": "y"})"), "true");
  EXPECT_EQ(evaluate("a not in ['x', 'y']", R"({"a": "y"})"), "false");
  EXPECT_EQ(evaluate("'b' in a", R"({"a": ["a", "b"]})"), "true");
  EXPECT_EQ(evaluate("'b' in a"), "false");
  EXPECT_EQ(evaluate("'b' not in a"), "true");
  EXPECT_EQ(evaluate("'b' in a", R"({"a": "abc"})"),
            "refused: in: expected list, got text (write split(…, \";\"))");
}

TEST(Logic, TakesNullForFalseAndRefusesOtherTypes) {
  EXPECT_EQ(evaluate("a or b"), "false");
  EXPECT_EQ(evaluate("not a"), "true");
  EXPECT_EQ(
      evaluate("a and true", R"({"a": "true"})"),
      "refused: and: expected true/false, got text (write to_bool(…), or compare: … == \"…\")");
  EXPECT_EQ(evaluate("if(a, 1, 2)", R"({"a": 1})"),
            "refused: if: expected true/false, got number (write … > 0, or to_bool(…))");
}

struct Mistake {
  const char* expression;
  const char* message;
};

void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.expression;
}

class CompileError : public testing::TestWithParam<Mistake> {};

TEST_P(CompileError, SaysWhereAndWhatWasExpected) {
  EXPECT_EQ(evaluate(GetParam().expression), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, CompileError,
    testing::Values(
        Mistake{"", "error at 0: expected an expression, got nothing"},
        Mistake{"a.",
                "error at 2: expected a name after the dot, got the end (odd names go in brackets: "
                "a[\"odd name\"])"},
        Mistake{"a |", "error at 3: expected a function after |, got the end"},
        Mistake{"a | 5", "error at 4: expected a function after |, got `5`"},
        Mistake{
            "a || b",
            "error at 2: expected or, got `||` (write a or b; one | hands a value to a function)"},
        Mistake{"a && b", "error at 2: expected and, got `&&` (write a and b)"},
        Mistake{"a = b", "error at 2: expected ==, got `=` (write a == b)"},
        Mistake{"!a", "error at 0: expected not, got `!` (write not a)"},
        Mistake{"a + b",
                "error at 2: expected add or concat, got `+` (write add(a, b) for numbers, "
                "concat(a, b) for texts)"},
        Mistake{"(a", "error at 2: expected ) to close the parenthesis, got the end"},
        Mistake{"lower(a", "error at 7: expected , or ) after the arguments of lower, got the end"},
        Mistake{"lower(a b)", "error at 8: expected , or ) after the arguments of lower, got `b`"},
        Mistake{"concat(a,)", "error at 9: expected a value after the comma, got `)`"},
        Mistake{"'abc", "error at 0: expected a closing ' to this quote, got the end"},
        Mistake{"\"abc", "error at 0: expected a closing \" to this quote, got the end"},
        Mistake{
            R"("a\x")",
            R"(error at 2: expected an escape of \" \\ \/ \n \r \t \uXXXX, got `\x` (in '…' a backslash stands for itself))"},
        Mistake{
            R"("\ud800")",
            R"(error at 1: expected an escape of \" \\ \/ \n \r \t \uXXXX, got `\u` (in '…' a backslash stands for itself))"},
        Mistake{"12ab", "error at 0: expected a number such as 12 or -0.5, got `12ab`"},
        Mistake{"a[-1]",
                "error at 2: expected a name in quotes or a number from 0 in the brackets, got "
                "`-1` (from the end: at(list, -1))"},
        Mistake{"a b", "error at 2: expected an operator, | or the end, got `b`"},
        Mistake{"1 < 2 < 3", "error at 6: comparisons can't be chained: write a < b and b < c"},
        Mistake{"and a", "error at 0: expected a value, got the operator `and`"},
        Mistake{"[1, 2", "error at 5: expected , or ] in the list, got the end"}));

INSTANTIATE_TEST_SUITE_P(
    Names, CompileError,
    testing::Values(
        Mistake{"lowr(a)", "error at 0: expected a function, got `lowr`, did you mean `lower`?"},
        Mistake{"a | xyzzy", "error at 4: expected a function, got `xyzzy`"},
        Mistake{"lower(a, b)",
                "error at 0: lower: expected 1 argument, got 2: lower(text: text) -> text"},
        Mistake{"a | lower(b) | trimm",
                "error at 4: lower: expected 1 argument, got 2: lower(text: text) -> text; error "
                "at 15: expected a function, got `trimm`, did you mean `trim`?"},
        Mistake{"substring(a)",
                "error at 0: substring: expected 2 to 3 arguments, got 1: substring(text: text, "
                "begin: number, count?: number) -> text"},
        Mistake{"concat()",
                "error at 0: concat: expected at least 1 argument, got 0: concat(part: text, "
                "number or true/false, …) -> text"},
        Mistake{"lookup(a, tires)",
                "error at 10: lookup: expected a table, got `tires`, did you mean `tiers`? (one of "
                "tiers)"},
        Mistake{"lookup(a, 'tiers')",
                "error at 10: lookup: expected the bare name of a table (one of tiers)"}));

INSTANTIATE_TEST_SUITE_P(
    Types, CompileError,
    testing::Values(
        Mistake{"to_number([1])", "error at 10: to_number: expected text or number, got list"},
        Mistake{"a | split(',') | lower",
                "error at 4: lower: expected text, got list (write join(…, \", \") or first(…))"},
        Mistake{"1 == 'a'",
                "error at 2: ==: expected two values of one type, got number and text (a number "
                "stands without quotes)"},
        Mistake{"length(a) < 'x'",
                "error at 10: <: expected two numbers or two texts, got number and text (a number "
                "stands without quotes)"},
        Mistake{"true < false",
                "error at 5: <: expected two numbers or two texts, got true/false and true/false"},
        Mistake{"not length(a)",
                "error at 4: not: expected true/false, got number (write … > 0, or to_bool(…))"},
        Mistake{"a and 'x'",
                "error at 6: and: expected true/false, got text (write to_bool(…), or compare: … "
                "== \"…\")"},
        Mistake{"if('x', 1)",
                "error at 3: if: expected true/false, got text (write to_bool(…), or compare: … == "
                "\"…\")"},
        Mistake{"a in 'abc'",
                "error at 5: in: expected a list on the right, got text (a part of a text: "
                "contains(text, part))"},
        Mistake{"lower(a) in ['x', 1]",
                "error at 18: in: expected text as on the left, got number"},
        Mistake{"year('soon')",
                "error at 5: year: expected a date such as 2026-01-31 or 2026-01-31T10:00:00Z, or "
                "seconds or milliseconds since 1970, got a value of another form (another form is "
                "read by parse_date)"},
        Mistake{"add_days('31.1.2026', a)",
                "error at 9: add_days: expected a date such as 2026-01-31 or 2026-01-31T10:00:00Z, "
                "or seconds or milliseconds since 1970, got a value of another form (another form "
                "is read by parse_date)"},
        Mistake{
            "concat(a, to_number('x'))",
            "error at 10: to_number: expected a decimal number such as 1200.50, got a text of "
            "another form (with other separators: to_number(…, \",\"); with a currency: money)"},
        Mistake{"div(1, 0)", "error at 0: div: expected a divisor other than 0"}));

TEST(Limits, OfLengthAndNestingAreCompileErrors) {
  const std::string long_text(4097, 'a');
  EXPECT_EQ(evaluate(long_text),
            "error at 0: expected an expression of at most 4096 bytes, got 4097");
  std::string deep(33, '(');
  deep.append("a").append(33, ')');
  EXPECT_EQ(evaluate(deep), "error at 32: expected at most 32 levels of nesting, got more");
  std::string pipes = "a";
  for (int i = 0; i < 32; ++i) pipes += "|trim";
  EXPECT_EQ(evaluate(pipes), "error at 157: expected at most 32 levels of nesting, got more");
  std::string nots;
  for (int i = 0; i < 1000; ++i) nots += "not ";
  EXPECT_EQ(evaluate(nots + "a"), "error at 124: expected at most 32 levels of nesting, got more");
}

TEST(Limits, LeaveRoomForLongChainsOfAndAndOr) {
  std::string chain = "a";
  for (int i = 0; i < 400; ++i) chain += " or a";
  EXPECT_EQ(evaluate(chain), "false");
}

TEST(UnknownRoots, AreErrorsWithTheKnownOnes) {
  const std::optional<std::set<std::string>> roots{{"id", "properties"}};
  const auto error_of = [&](const char* text) {
    std::vector<ExpressionError> errors;
    static_cast<void>(Expression::compile(text, {&roots, nullptr}, errors));
    return errors.empty() ? "" : std::to_string(errors.front().offset) + ": " + errors[0].message;
  };
  EXPECT_EQ(error_of("properties.anything"), "");
  EXPECT_EQ(error_of("lower(propertis.name)"),
            "6: expected a name that the record has, got `propertis`, did you mean `properties`? "
            "(one of id, properties; a fixed text stands in quotes, alone as {value: …})");
  EXPECT_EQ(error_of("industry"),
            "0: expected a name that the record has, got `industry`, did you mean "
            "`properties.industry`? (one of id, properties; a fixed text stands in quotes, alone "
            "as {value: …})");
  EXPECT_EQ(
      error_of("lower"),
      "0: expected a name that the record has, got `lower` (a call has parentheses: "
      "lower(…)) (one of id, properties; a fixed text stands in quotes, alone as {value: …})");
}

}  // namespace
}  // namespace assembly_sync::mapping
