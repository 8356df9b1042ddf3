// The mistakes that people make who come from spreadsheets, SQL, templates or other languages: each
// is found when the rules are read, at its place, with what to write instead.
#include <gtest/gtest.h>

#include "mapping/expression.hpp"
#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

struct Typical {
  const char* name;
  const char* expression;
  const char* message;  // with the byte that it points at
};

void PrintTo(const Typical& typical, std::ostream* out) {
  *out << typical.expression;
}

class Mistake : public testing::TestWithParam<Typical> {};

TEST_P(Mistake, IsToldWithItsPlaceAndWhatToWrite) {
  const std::optional<std::set<std::string>> roots{{"id", "properties"}};
  std::vector<ExpressionError> errors;
  static_cast<void>(Expression::compile(GetParam().expression, {&roots, &test::tables()}, errors));
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(std::to_string(errors[0].offset) + ": " + errors[0].message, GetParam().message);
}

constexpr Typical kMistakes[] = {
    {"MissingQuote", R"(concat("crm-, id))", "7: expected a closing \" to this quote, got the end"},
    {"ApostropheInSingleQuotes", "properties.a == 'it's'",
     "21: expected a closing ' to this quote, got the end (a text with an apostrophe stands in "
     "\"…\")"},
    {"SingleEquals", "properties.a = \"x\"", "13: expected ==, got `=` (write a == b)"},
    {"TripleEquals", "properties.a === \"x\"", "13: expected ==, got `===` (write a == b)"},
    {"SqlUnequal", "properties.a <> 1", "13: expected !=, got `<>` (write a != b)"},
    {"DoubleAmpersand", "id == 1 && id == 2", "8: expected and, got `&&` (write a and b)"},
    {"DoubleBar", "id == 1 || id == 2",
     "8: expected or, got `||` (write a or b; one | hands a value to a function)"},
    {"ExclamationMark", "!properties.a", "0: expected not, got `!` (write not a)"},
    {"CapitalAnd", "id == 1 AND id == 2",
     "8: expected an operator, | or the end, got `AND` (write it in small letters: and; a property "
     "of that name: .AND)"},
    {"CapitalNot", "NOT properties.a",
     "0: expected a value, got `NOT` (write it in small letters: not; a property of that name: "
     ".NOT)"},
    {"CapitalTrue", "properties.a == True",
     "16: expected a value, got `True` (write it in small letters: true; a property of that name: "
     ".True)"},
    {"NoneForNull", "properties.a == None",
     "16: expected a value, got `None` (write it in small letters: null; a property of that name: "
     ".None)"},
    {"BracketWithoutQuotes", "properties[name]",
     "11: expected a name in quotes or a number from 0 in the brackets, got `name` (write "
     "[\"name\"])"},
    {"Template", "{{ properties.name }}",
     "0: expected an expression, got `{{` (write the path alone, without the braces: "
     "properties.name)"},
    {"ShellTemplate", "${properties.name}",
     "0: expected a path, got `${` (write the path alone, without ${ and }: properties.name)"},
    {"MissingPipe", "properties.name lower",
     "16: expected an operator, | or the end, got `lower` (a function comes after | or before "
     "parentheses: … | lower, lower(…))"},
    {"FunctionWithoutParentheses", "lower properties.name",
     "0: expected a value, got the function `lower` (write lower(…))"},
    {"Semicolon", "concat(id; id)",
     "9: expected a comma, got `;` (write a comma between arguments)"},
    {"CommaOutside", "properties.a, properties.b",
     "12: expected an operator, | or the end, got `,` (several values: concat(a, b) as one text, "
     "[a, b] as a list; a decimal point is .)"},
    {"DecimalComma", "mul(1, 2) == 1,5",
     "14: expected an operator, | or the end, got `,` (several values: concat(a, b) as one text, "
     "[a, b] as a list; a decimal point is .)"},
    {"CurlyQuotes", "properties.a == “x”",
     "16: expected a straight quote \" or ', got `“` (a word processor made it curly: write "
     "\"text\")"},
    {"CurlySingleQuotes", "properties.a == ‘x’",
     "16: expected a straight quote \" or ', got `‘` (a word processor made it curly: write "
     "'text')"},
    {"Backticks", "properties.a == `x`", "16: expected a quote \" or ', got ``` (write \"text\")"},
    {"TooManyArguments", "lower(id, id)",
     "0: lower: expected 1 argument, got 2: lower(text: text) -> text"},
    {"TooFewArguments", "properties.a | replace(' ')",
     "15: replace: expected 3 arguments, got 2: replace(text: text, find: text, with: text) -> "
     "text"},
    {"TextComparedWithNumber", "length(properties.a) == \"5\"",
     "21: ==: expected two values of one type, got number and text (a number stands without "
     "quotes)"},
    {"NumberFunctionComparedWithText", "lower(properties.a) == to_number(properties.b)",
     "20: ==: expected two values of one type, got text and number (write to_number(…) or "
     "to_text(…))"},
    {"TrueInQuotes", "is_empty(properties.a) == \"true\"",
     "23: ==: expected two values of one type, got true/false and text (true and false stand "
     "without quotes)"},
    {"NearFunction", "properties.name | lowr",
     "18: expected a function, got `lowr`, did you mean `lower`?"},
    {"SpreadsheetFunction", "LEN(properties.name)",
     "0: expected a function, got `LEN` (write length)"},
    {"Clock", "days_between(properties.a, today())",
     "27: expected a function, got `today` (there is no clock: the same record must give the same "
     "value tomorrow)"},
    {"UnknownRoot", "propertis.name",
     "0: expected a name that the record has, got `propertis`, did you mean `properties`? (one of "
     "id, properties; a fixed text stands in quotes, alone as {value: …})"},
    {"ForgottenRoot", "industry | lower",
     "0: expected a name that the record has, got `industry`, did you mean `properties.industry`? "
     "(one of id, properties; a fixed text stands in quotes, alone as {value: …})"},
    {"RecordRoot", "record.properties.name",
     "0: expected a name that the record has, got `record` (a path begins with a property of the "
     "record itself) (one of id, properties; a fixed text stands in quotes, alone as {value: …})"},
    {"Plus", "properties.a + properties.b",
     "13: expected add or concat, got `+` (write add(a, b) for numbers, concat(a, b) for texts)"},
    {"MinusNumber", "properties.a -1",
     "13: expected an operator, | or the end, got `-1` (write sub(a, b))"},
    {"SqlIs", "properties.a is null",
     "13: expected an operator, | or the end, got `is` (write a == \"x\", a == null or "
     "is_empty(a))"},
    {"TextForList", "\"a;b\" | first", "0: first: expected list, got text (write split(…, \";\"))"},
    {"ConditionThatIsAText", "if(lower(properties.a), 1, 2)",
     "3: if: expected true/false, got text (write to_bool(…), or compare: … == \"…\")"},
    {"PatternFromTheRecord", "matches(properties.a, properties.b)",
     "22: matches: expected a text in quotes as pattern, got a path"},
    {"PatternWithoutItsParenthesis", "matches(properties.a, 'x(')",
     "22: matches: expected a regular expression, got a parenthesis without its partner (a plain "
     "one is written \\( or \\))"},
    {"PatternWithLookAhead", "extract(properties.a, 'ab(?=c)')",
     "25: extract: expected a regular expression, got a group of an unknown kind (there is no "
     "look-ahead or look-behind)"},
    {"UnknownZone", "to_date(properties.a, 'Europe/Berlim')",
     "22: to_date: expected the name of a time zone such as \"Europe/Berlin\", got another text, "
     "did you mean `Europe/Berlin`?"},
    {"UnknownPatternLetter", "date_format(properties.a, '%d.%q')",
     "30: date_format: expected %Y %y %m %d %H %I %M %S %p %B %b %z or %% in the pattern, got "
     "another %"},
    {"PatternWithoutYear", "parse_date(properties.a, '%d.%m.')",
     "25: parse_date: expected a pattern with year, month and day such as '%d.%m.%Y', got one "
     "without %Y"},
    {"DayOfAnotherZone", "properties.a | in_zone('Asia/Tokyo') | to_date",
     "39: to_date: expected the zone as the last argument, got in_zone(…), whose moment is taken "
     "in UTC (write to_date(…, \"Europe/Berlin\"))"},
    {"UnknownGroup", "replace_pattern(properties.a, '(a)', '\\2')",
     "37: replace_pattern: expected \\0 to \\1 (the pattern's groups) or \\\\, got another \\"},
    {"CaseOfAnotherType", "case(length(properties.a), 1, 'one', 'two', 2)",
     "37: case: expected number as the value, got text"},
};

INSTANTIATE_TEST_SUITE_P(Typical, Mistake, testing::ValuesIn(kMistakes),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(NoMistake, IsWhatOtherLanguagesShareWithThisOne) {
  constexpr auto kRecord = R"({"properties": {"x": "v"}, "OR": 5, "a": "A"})";
  EXPECT_EQ(test::evaluate(R"(properties["x"])", kRecord), R"("v")");
  EXPECT_EQ(test::evaluate(".OR", kRecord), "5");
  EXPECT_EQ(test::evaluate("a\u00a0|\u200b lower", kRecord), R"("a")");  // copied white space
  EXPECT_EQ(test::evaluate("\"“x”\""), R"("“x”")");
}

}  // namespace
}  // namespace assembly_sync::mapping
