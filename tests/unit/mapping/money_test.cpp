// Numbers as people write them.
#include "mapping/money.hpp"

#include <gtest/gtest.h>

#include "mapping/numbers.hpp"
#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using test::evaluate;

std::string money(std::string_view text, std::optional<char> decimal = {}) {
  const auto amount = parse_money(text, decimal);
  if (amount) return number_text(*amount);
  return amount.error().find("one way") != std::string::npos ? "two ways" : "no amount";
}

TEST(Money, IsReadWithItsCurrencyAndGroups) {
  EXPECT_EQ(money("€ 1.234,50"), "1234.5");
  EXPECT_EQ(money("$1,234.50"), "1234.5");
  EXPECT_EQ(money("US$ 1,234.50"), "1234.5");
  EXPECT_EQ(money("1 234,50 €"), "1234.5");
  EXPECT_EQ(money("1\u00a0234,50\u00a0€"), "1234.5");
  EXPECT_EQ(money("1\u202f234\u202f567,5 EUR"), "1234567.5");
  EXPECT_EQ(money("CHF 1'234.50"), "1234.5");
  EXPECT_EQ(money("Fr. 1’200.-"), "1200");
  EXPECT_EQ(money("1200,- kr"), "1200");
  EXPECT_EQ(money("1.234.567"), "1234567");
  EXPECT_EQ(money("12,34,567.89 INR"), "1234567.89");
  EXPECT_EQ(money("₹12,34,567.89"), "1234567.89");
  EXPECT_EQ(money("1234.567"), "1234.567");
  EXPECT_EQ(money("0,500"), "0.5");
  EXPECT_EQ(money("$.50"), "0.5");
  EXPECT_EQ(money("1200"), "1200");
  EXPECT_EQ(money("12.5 zł"), "12.5");
}

TEST(Money, IsReadWithFactorsAndSigns) {
  EXPECT_EQ(money("USD 5k"), "5000");
  EXPECT_EQ(money("1.2 Mio. €"), "1200000");
  EXPECT_EQ(money("$2.5bn"), "2500000000");
  EXPECT_EQ(money("10M EUR"), "10000000");
  EXPECT_EQ(money("-5 €"), "-5");
  EXPECT_EQ(money("-€5"), "-5");
  EXPECT_EQ(money("€ -5"), "-5");
  EXPECT_EQ(money("\u22125 €"), "-5");
  EXPECT_EQ(money("1,234.50-"), "-1234.5");
  EXPECT_EQ(money("($1,234.50)"), "-1234.5");
  EXPECT_EQ(money("+5"), "5");
}

TEST(Money, IsNotGuessedWhereThereAreTwoReadings) {
  EXPECT_EQ(money("1.234"), "two ways");
  EXPECT_EQ(money("€ 12,345"), "two ways");
  EXPECT_EQ(money("1.234", ','), "1234");
  EXPECT_EQ(money("1.234", '.'), "1.234");
  EXPECT_EQ(money("12,345 €", ','), "12.345");
  EXPECT_EQ(money("1,234.50", ','), "no amount");
}

TEST(Money, RefusesOtherTexts) {
  for (const char* text : {"much", "5 apples", "1,23,4", "12.34.56", "1,2345.6", "5k k", "EUR",
                           "1 2 3", "1-2", "5%", "12:30", "2026-01-31", "k5", "€€5 EUR USD"}) {
    EXPECT_EQ(money(text), "no amount") << text;
  }
  EXPECT_EQ(money(std::string(100'000, '1')), "no amount");
}

TEST(ToNumber, ReadsGroupsWhenTheSeparatorOfDecimalsIsNamed) {
  const auto read = [](const std::string& call, const std::string& text) {
    return evaluate(call, R"({"a": ")" + text + R"("})");
  };
  EXPECT_EQ(read("to_number(a, ',')", "1.234.567,25"), "1234567.25");
  EXPECT_EQ(read("to_number(a, ',')", "-1 234,5"), "-1234.5");
  EXPECT_EQ(read("to_number(a, '.')", "1'234.50"), "1234.5");
  EXPECT_EQ(read("to_number(a, '.')", "1,234"), "1234");
  EXPECT_EQ(read("to_number(a, ',')", "1,234"), "1.234");
  EXPECT_EQ(read("to_number(a, ',')", ""), "null");
  EXPECT_EQ(read("to_int(a, ',')", "1.234,9"), "1234");
  for (const char* text : {"1,23,4", "1.2,5", "1 2345", "1.234 567", "€5", "5-", ","}) {
    EXPECT_EQ(read("to_number(a, ',')", text),
              "refused: to_number: expected a number with these separators, got a text of another "
              "form")
        << text;
  }
  EXPECT_EQ(read("to_number(a, ';')", "1"),
            "error at 13: to_number: expected \".\" or \",\" as the separator of decimals, got "
            "another text");
}

TEST(Arithmetic, KeepsTheDecimalsThatPeopleSee) {
  EXPECT_EQ(evaluate("add(0.1, 0.2)"), "0.3");
  EXPECT_EQ(evaluate("sub(0.3, 0.1)"), "0.2");
  EXPECT_EQ(evaluate("mul(19.9, 3)"), "59.7");
  EXPECT_EQ(evaluate("sum([0.1, 0.2, '0.3', null, ''])"), "0.6");
  EXPECT_EQ(evaluate("sum([1, 2, 9007199254740993])"), "9007199254740996");
  EXPECT_EQ(evaluate("sum(['x'])"), "error at 0: sum: expected numbers in the list, got text");
}

}  // namespace
}  // namespace assembly_sync::mapping
