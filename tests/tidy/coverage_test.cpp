// Every numbered rule of Assembly's API that an HTTP client can meet has a test that bears its
// number, and no test bears a number that does not exist.
#include "tests/tidy/coverage.hpp"

#include <filesystem>
#include <iostream>
#include <set>

#include <gmock/gmock.h>

#include "tests/support/support.hpp"

namespace assembly_sync::tidy {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = test::source_dir();

std::vector<Rule> documented() {
  return rules_in(test::read_file(kRoot / "docs" / "assembly-api.md"));
}

/// Of all tests of the client, of the local Assembly and of what sends through them.
Coverage covered() {
  Coverage coverage;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kRoot / "tests")) {
    if (!entry.is_regular_file() || entry.path().extension() != ".cpp") continue;
    if (entry.path().parent_path().filename() == "tidy") continue;
    for (const std::string& name : tests_in(test::read_file(entry.path()))) {
      for (const std::string& number : numbers_in(name)) coverage[number].push_back(name);
    }
  }
  return coverage;
}

TEST(RuleTable, EveryRuleThatCanBeMetHasATest) {
  const Coverage coverage = covered();
  std::vector<std::string> without;
  for (const Rule& rule : documented()) {
    const auto tests = coverage.find(rule.number);
    std::cout << rule.number << (rule.needs_test ? "" : " (ui)") << " ->";
    if (tests != coverage.end()) {
      for (const std::string& name : tests->second) std::cout << ' ' << name;
    } else if (rule.needs_test) {
      without.push_back(rule.number);
    }
    std::cout << '\n';
  }
  EXPECT_THAT(without, testing::IsEmpty());
}

TEST(RuleTable, NoTestBearsANumberThatDoesNotExist) {
  std::set<std::string> known;
  for (const Rule& rule : documented()) known.insert(rule.number);
  for (const auto& [number, tests] : covered()) {
    EXPECT_TRUE(known.contains(number)) << number << " in " << tests.front();
  }
}

TEST(RuleTable, TheDocumentHasEveryNumberOnceAndInOrder) {
  std::vector<std::string> wanted;
  for (const auto& [letter, last] : {std::pair{"A", 172}, {"I", 28}, {"Q", 33}}) {
    for (int n = 1; n <= last; ++n) wanted.push_back(letter + std::to_string(n));
  }
  std::vector<std::string> found;
  for (const Rule& rule : documented()) found.push_back(rule.number);
  EXPECT_EQ(found, wanted);
}

TEST(RuleTable, NumbersAreReadFromNamesAndRowsOnly) {
  EXPECT_THAT(numbers_in("Accounts.A13_I6_Q20_CreateNeedsA14"),
              testing::ElementsAre("A13", "I6", "Q20"));
  EXPECT_THAT(numbers_in("Invariant11.A_Value_B1_F4_I"), testing::IsEmpty());
  EXPECT_THAT(tests_in("\nTEST(A, B) {\n  TEST(no, no)\nTEST_F(C,\n       D) {\nTEST_P(E, F) {"),
              testing::UnorderedElementsAre("A.B", "C.D", "E.F"));
  const auto rules = rules_in("| A1 (ui) | x |\n| A2 | y |\n| # | z |\nA3 | no |\n| B1 | no |");
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_FALSE(rules[0].needs_test);
  EXPECT_TRUE(rules[1].needs_test);
}

}  // namespace
}  // namespace assembly_sync::tidy
