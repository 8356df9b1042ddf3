#include "mapping/functions.hpp"

#include <set>

#include <gtest/gtest.h>

#include "mapping_support.hpp"

namespace assembly_sync::mapping {

void PrintTo(const Function& function, std::ostream* out) {
  *out << function.name;
}

namespace {

using test::evaluate;
using test::json;

class EveryFunction : public testing::TestWithParam<Function> {};

TEST_P(EveryFunction, GivesWhatItsExamplesSay) {
  const Function& function = GetParam();
  ASSERT_FALSE(function.examples.empty());
  for (const Example& example : function.examples) {
    const std::string expected = example.result.starts_with("refused: ")
                                     ? std::string(example.result)
                                     : json(example.result);
    EXPECT_EQ(evaluate(example.expression, example.record), expected) << example.expression;
    EXPECT_NE(example.expression.find(function.name), std::string_view::npos)
        << "the example shows another function";
  }
}

TEST_P(EveryFunction, HasHelpThatIsASentenceAndCodeThatFitsItsForm) {
  const Function& function = GetParam();
  EXPECT_TRUE(function.help.ends_with('.')) << function.help;
  EXPECT_EQ(function.form == Form::plain, function.run != nullptr);
  EXPECT_EQ(find_function(function.name)->signature(), function.signature());
}

TEST_P(EveryFunction, GivesOnlyTheTypesItDeclares) {
  for (const Example& example : GetParam().examples) {
    if (example.result.starts_with("refused: ")) continue;
    core::JsonDocument document;
    const Datum value(document.parse(example.result).value());
    if (find_function(example.expression.substr(0, example.expression.find('('))) == &GetParam()) {
      EXPECT_TRUE(value.type().meets(GetParam().result | kNull)) << example.result;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, EveryFunction, testing::ValuesIn(functions()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Functions, AreAtLeastSeventyWithNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Function& function : functions()) names.insert(function.name);
  EXPECT_EQ(names.size(), functions().size());
  EXPECT_GE(names.size(), 70U);
}

TEST(Concat, IsNullOnlyWhenEveryPartThatIsNoLiteralIsNullOrEmpty) {
  EXPECT_EQ(evaluate("concat('a', 'b')"), R"("ab")");
  EXPECT_EQ(evaluate("concat('k-', id)"), "null");
  EXPECT_EQ(evaluate("concat('k-', id)", R"({"id": ""})"), "null");
  EXPECT_EQ(evaluate("concat('k-', id, '-', x)", R"({"id": 7})"), R"("k-7-")");
  EXPECT_EQ(evaluate("'k-' | concat(id)", R"({})"), "null");
  EXPECT_EQ(evaluate("concat(id, true, 1.5, null)", R"({"id": 18446744073709551615})"),
            R"("18446744073709551615true1.5")");
}

TEST(Concat, RefusesListsAndTooLongTexts) {
  EXPECT_EQ(evaluate("concat('a', x)", R"({"x": [1]})"),
            "refused: concat: expected text, number or true/false, got list");
  const std::string long_text(40'000, 'x');
  EXPECT_EQ(evaluate("concat(x, x)", R"({"x": ")" + long_text + R"("})"),
            "refused: concat: expected to make a text of at most 65536 bytes, got a longer one");
}

TEST(Default, SkipsTheEmptyTextWhereCoalesceDoesNot) {
  EXPECT_EQ(evaluate("default(a, b, 'c')", R"({"a": "", "b": null})"), R"("c")");
  EXPECT_EQ(evaluate("coalesce(a, b, 'c')", R"({"a": "", "b": null})"), R"("")");
  EXPECT_EQ(evaluate("default(a, 5)", R"({"a": 0})"), "0");
  EXPECT_EQ(evaluate("default(a, 5)", R"({"a": false})"), "false");
}

TEST(LazyFunctions, DoNotLookAtTheValueTheyDoNotNeed) {
  EXPECT_EQ(evaluate("default(a, to_number(b))", R"({"a": 1, "b": "x"})"), "1");
  EXPECT_EQ(evaluate("if(a, 1, to_number(b))", R"({"a": true, "b": "x"})"), "1");
  EXPECT_EQ(evaluate("lookup(a, tiers, to_text(to_number(b)))", R"({"a": "gold", "b": "x"})"),
            R"("Gold")");
  EXPECT_EQ(evaluate("a or to_bool(b)", R"({"a": true, "b": "x"})"), "true");
  EXPECT_EQ(evaluate("a and to_bool(b)", R"({"a": false, "b": "x"})"), "false");
}

TEST(Lookup, GivesNullForNullAndEmptyAndTakesNumbersAsText) {
  EXPECT_EQ(evaluate("lookup(a, tiers)"), "null");
  EXPECT_EQ(evaluate("lookup(a, tiers)", R"({"a": ""})"), "null");
  EXPECT_EQ(evaluate("lookup(a, tiers, null)", R"({"a": 5})"), "null");
  EXPECT_EQ(evaluate("lookup(a, tiers)", R"({"a": 5})"),
            "refused: lookup: no entry in table tiers");
}

TEST(Numbers, StayExactTo64BitsAndAreRefusedBeyond) {
  EXPECT_EQ(evaluate("add(a, 1)", R"({"a": 9223372036854775806})"), "9223372036854775807");
  EXPECT_EQ(evaluate("add(a, 1)", R"({"a": 9223372036854775807})"),
            "refused: add: expected a result within the range of numbers, got a larger one");
  EXPECT_EQ(evaluate("abs(a)", R"({"a": -9223372036854775808})"), "9223372036854775808");
  EXPECT_EQ(evaluate("div(a, -1)", R"({"a": -9223372036854775808})"), "9.223372036854776e+18");
  EXPECT_EQ(evaluate("mul(a, a)", R"({"a": 1e300})"),
            "refused: mul: expected a result within the range of numbers, got a larger one");
  EXPECT_EQ(evaluate("to_text(to_number(a))", R"({"a": "9007199254740993"})"),
            R"("9007199254740993")");
}

TEST(ToNumber, TakesDecimalsOnly) {
  for (const char* text :
       {"1,5", "0x10", "1e", "--1", "1 000", "NaN", "inf", ".", "1e999", "+-1"}) {
    EXPECT_TRUE(evaluate("to_number(a)", std::string(R"({"a": ")") + text + R"("})")
                    .starts_with("refused: to_number: expected a decimal number"))
        << text;
  }
  EXPECT_EQ(evaluate("to_number(a)", R"({"a": "+1.5E3"})"), "1500.0");
  EXPECT_EQ(evaluate("to_number(a)", R"({"a": "007"})"), "7");
  EXPECT_EQ(evaluate("to_number(a)", R"({"a": "  "})"), "null");
}

TEST(Lists, OfTheRecordAndOfTheExpressionBehaveAlike) {
  EXPECT_EQ(evaluate("unique([a, a, 'z'])", R"({"a": 1})"), R"([1,"z"])");
  EXPECT_EQ(evaluate("unique(a)", R"({"a": [1, 1.0, true, "1", "1"]})"), R"([1,true,"1"])");
  EXPECT_EQ(evaluate("sort(a)", R"({"a": ["b", 2, "a", null, true]})"), R"([true,2,"a","b"])");
  EXPECT_EQ(evaluate("sort(a)", R"({"a": [{}]})"),
            "refused: sort: expected texts, numbers or true/false in the list, got object");
  EXPECT_EQ(evaluate("at(a, 5)", R"({"a": [1]})"), "null");
  EXPECT_EQ(evaluate("at(a, -2)", R"({"a": [1]})"), "null");
  EXPECT_EQ(evaluate("join([a, b], '-')", R"({"a": "x"})"), R"("x")");
  EXPECT_EQ(evaluate("first(a).b", R"({"a": []})"),
            "error at 8: expected an operator, | or the end, got `.`");
}

TEST(Lists, LongerThanTheLimitAreRefused) {
  std::string items = "1";
  for (int i = 0; i < 10'000; ++i) items += ",1";
  EXPECT_EQ(evaluate("count(a)", R"({"a": [)" + items + "]}"),
            "refused: count: expected a list of at most 10000 elements, got a longer one");
  const std::string separators(10'001, ';');
  EXPECT_EQ(evaluate("split(a, ';')", R"({"a": ")" + separators + R"("})"),
            "refused: split: expected to make a list of at most 10000 elements, got a longer one");
}

TEST(Search, RefusesTextsThatWouldMakeItSlow) {
  const std::string needle(1025, 'x');
  EXPECT_EQ(evaluate("contains('abc', a)", R"({"a": ")" + needle + R"("})"),
            "refused: contains: expected a text of 1 to 1024 bytes to look for, got a longer one");
  EXPECT_EQ(evaluate("replace(a, a, 'y')", R"({"a": ""})"),
            "refused: replace: expected a text of 1 to 1024 bytes to look for, got an empty one");
}

TEST(Evaluation, OfManyLongTextsIsRefusedAtTheLimitOfMemory) {
  std::string calls = "lower(x)";
  for (int i = 0; i < 300; ++i) calls += ", lower(x)";
  const std::string text(60'000, 'A');
  EXPECT_EQ(evaluate("count([" + calls + "])", R"({"x": ")" + text + R"("})"),
            "refused: lower: too much text and lists made by one expression");
}

}  // namespace
}  // namespace assembly_sync::mapping
