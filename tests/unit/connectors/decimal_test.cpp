#include "connectors/decimal.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace assembly_sync::connectors {
namespace {

std::string sum(const std::vector<std::string>& texts) {
  DecimalSum total;
  for (const std::string& text : texts) EXPECT_TRUE(total.add(text)) << text;
  return total.text();
}

TEST(Decimal, sums_are_exact) {
  EXPECT_EQ(sum({}), "0");
  EXPECT_EQ(sum({"0.1", "0.2"}), "0.3");
  EXPECT_EQ(sum({"1200.50", "0.5"}), "1201");
  EXPECT_EQ(sum({"9007199254740993", "1"}), "9007199254740994");
  EXPECT_EQ(sum({"99999999999999999999.99", "0.01"}), "100000000000000000000");
  EXPECT_EQ(sum(std::vector<std::string>(1000, "0.001")), "1");
}

TEST(Decimal, signs_and_exponents_are_read) {
  EXPECT_EQ(sum({"-1.5", "1"}), "-0.5");
  EXPECT_EQ(sum({"1", "-1"}), "0");
  EXPECT_EQ(sum({"+3", "-10.25"}), "-7.25");
  EXPECT_EQ(sum({"1.5E7"}), "15000000");
  EXPECT_EQ(sum({"125e-2", "1e+1"}), "11.25");
  EXPECT_EQ(sum({".5", "1."}), "1.5");
  EXPECT_EQ(sum({"000", "007"}), "7");
}

TEST(Decimal, what_is_no_number_is_refused_and_adds_nothing) {
  DecimalSum total;
  ASSERT_TRUE(total.add("1.5"));
  for (const char* text : {"", "-", ".", "1,5", "a;b;c", "1.2.3", " 1", "1 ", "1e", "1e99999", "e5",
                           "1e5.5", "--1", "0x10", "NaN", "1e+-1"}) {
    EXPECT_FALSE(total.add(text)) << text;
  }
  EXPECT_FALSE(total.add(std::string(200, '9')));
  EXPECT_EQ(total.text(), "1.5");
}

}  // namespace
}  // namespace assembly_sync::connectors
