#include "core/problem.hpp"

namespace assembly_sync::core {
namespace {

TEST(Problem, TextHasFilePlaceKeyAndMessage) {
  EXPECT_EQ(to_text({"c.yaml", 3, 7, "a.b", "expected x, got y"}),
            "c.yaml:3:7: a.b: expected x, got y");
}

TEST(Problem, TextLeavesOutWhatIsNotKnown) {
  EXPECT_EQ(to_text({"c.yaml", 0, 0, "", "expected a file, got nothing"}),
            "c.yaml: expected a file, got nothing");
  EXPECT_EQ(to_text({"c.yaml", 1, 2, "", "m"}), "c.yaml:1:2: m");
}

TEST(Nearest, FindsSlipsOfThePen) {
  const std::vector<std::string> words = {"base_url", "api_key", "rate_per_second", "to"};
  EXPECT_EQ(nearest("bse_url", words), "base_url");
  EXPECT_EQ(nearest("apikey", words), "api_key");
  EXPECT_EQ(nearest("rate_per_secnods", words), "rate_per_second");
  EXPECT_EQ(nearest("api_key", words), "api_key");
  EXPECT_EQ(nearest("csv", {"cvs", "hubspot"}), "cvs");
  EXPECT_EQ(nearest("paht", {"type", "path"}), "path");
}

TEST(Nearest, PrefersTheBeginThatIsAlike) {
  EXPECT_EQ(nearest("lables", {"tables", "labels"}), "labels");
}

TEST(SortByPlace, ComesByFileAndThenByLineAndColumn) {
  Problems problems = {{"b", 1, 1, "", "4"},
                       {"a", 2, 1, "", "3"},
                       {"a", 1, 9, "", "2"},
                       {"m", 7, 1, "", "1"},
                       {"b", 1, 1, "", "5"}};
  sort_by_place(problems, {"m", "a"});
  std::string order;
  for (const Problem& problem : problems) order += problem.message;
  EXPECT_EQ(order, "12345");
}

TEST(Nearest, IsEmptyWhenNothingIsNear) {
  EXPECT_EQ(nearest("colour", {"base_url", "api_key"}), "");
  EXPECT_EQ(nearest("x", {}), "");
}

TEST(Nearest, TakesTheFirstOfEquallyNearWords) {
  EXPECT_EQ(nearest("tag", {"tags", "tug"}), "tags");
}

}  // namespace
}  // namespace assembly_sync::core
