// Regular expressions, lists of objects, digests: what the examples of the table leave out.
#include <gtest/gtest.h>

#include "mapping_support.hpp"

namespace assembly_sync::mapping {
namespace {

using test::evaluate;

TEST(Patterns, KnowCharactersAndEnds) {
  EXPECT_EQ(evaluate("matches(a, '^.$')", R"({"a": "é"})"), "true");
  EXPECT_EQ(evaluate("matches(a, '^$')", R"({"a": ""})"), "true");
  EXPECT_EQ(evaluate("extract(a, '(x)|(y)')", R"({"a": "y"})"), "null");
  EXPECT_EQ(evaluate("extract(a, 'b*')", R"({"a": "aab"})"), R"("")");
  EXPECT_EQ(evaluate("extract(a, \"\\\\d+\")", R"({"a": "no 12"})"), R"("12")");
}

TEST(Patterns, ReplaceEveryPlaceAlsoEmptyOnes) {
  EXPECT_EQ(evaluate("replace_pattern(a, 'x*', '-')", R"({"a": "éxa"})"), R"("-é--a-")");
  EXPECT_EQ(evaluate("replace_pattern(a, '', '.')", R"({"a": "ab"})"), R"(".a.b.")");
  EXPECT_EQ(evaluate("replace_pattern(a, '^', '> ')", R"({"a": "ab"})"), R"("> ab")");
  EXPECT_EQ(evaluate("replace_pattern(a, 'b', '\\\\')", R"({"a": "abc"})"), R"("a\\c")");
  EXPECT_EQ(evaluate("replace_pattern(a, 'b|(c)', '[\\1]')", R"({"a": "bc"})"), R"("[][c]")");
  EXPECT_EQ(evaluate("replace_pattern(a, 'z', '')", R"({"a": "abc"})"), R"("abc")");
}

TEST(Patterns, CostLittleWhateverTheyAre) {
  const std::string record = R"({"a": ")" + std::string(60'000, 'a') + R"("})";
  EXPECT_EQ(evaluate("matches(a, '(a+)+$')", record), "true");
  EXPECT_EQ(evaluate("matches(a, '(a|aa)+b')", record), "false");
  EXPECT_EQ(
      evaluate("replace_pattern(a, 'a(.*b)?', '')", record),
      "refused: replace_pattern: expected fewer places that the pattern fits in so long a text, "
      "got more");
  EXPECT_EQ(evaluate("replace_pattern(a, 'a+', '\\0\\0')", record),
            "refused: replace_pattern: expected to make a text of at most 65536 bytes, got a "
            "longer one");
  const std::string longer = R"({"a": ")" + std::string(70'000, 'a') + R"("})";
  EXPECT_EQ(evaluate("matches(a, 'b')", longer),
            "refused: matches: expected a text of at most 65536 bytes, got a longer one");
}

TEST(Patterns, ThatNeedMuchMemoryAreErrors) {
  EXPECT_EQ(evaluate("matches(a, '((a{100}){100}){100}')"),
            "error at 15: matches: expected a regular expression, got a repetition that is too "
            "large");
  EXPECT_EQ(evaluate("matches(a, '\\pL{999}')").substr(0, 5), "error");
  EXPECT_EQ(evaluate("matches(a, '(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)')"),
            "error at 11: matches: expected at most 9 groups (one that is not used: (?:…)), got "
            "10");
}

TEST(Pluck, LooksIntoObjectsOnly) {
  constexpr auto kRecord =
      R"({"a": [{"p": {"q": 1}}, {"p": 2}, 3, null, [], {"p": {"q": null}}, {"p": {"q": [4]}}]})";
  EXPECT_EQ(evaluate("pluck(a, 'p.q')", kRecord), "[1,[4]]");
  EXPECT_EQ(evaluate("pluck(a, 'p.q') | flatten", kRecord), "[1,4]");
  EXPECT_EQ(evaluate("pluck(a, 'p..q')", kRecord),
            "error at 12: pluck: expected the name of an element's property such as \"name\" or "
            "\"properties.name\", got an empty name");
}

TEST(Where, ComparesAsEqualityDoes) {
  constexpr auto kRecord =
      R"({"a": [{"n": "5"}, {"n": 5.0}, {"n": 6}, {"n": [5]}, {"m": 5}, {"n": null}, 5]})";
  EXPECT_EQ(evaluate("where(a, 'n', 5)", kRecord), R"([{"n":"5"},{"n":5.0}])");
  EXPECT_EQ(evaluate("count(where(a, 'n', null))", kRecord), "2");
  EXPECT_EQ(evaluate("where(a, 'n', x)", R"({"a": [], "x": [1]})"),
            "refused: where: expected text, number or true/false, got list");
}

TEST(Flatten, IsBounded) {
  std::string items = "0";
  for (int i = 1; i < 4000; ++i) items += ",0";
  EXPECT_EQ(evaluate("flatten([a, a, a])", R"({"a": [)" + items + "]}"),
            "refused: flatten: expected to make a list of at most 10000 elements, got a longer "
            "one");
}

TEST(Case, TakesTheFirstEqualAndLooksAtNoOther) {
  constexpr auto kRecord = R"({"a": "1", "bad": "x"})";
  EXPECT_EQ(evaluate("case(a, 1, 'one', 1, to_number(bad))", kRecord), R"("one")");
  EXPECT_EQ(evaluate("case(a, 2, to_number(bad), 1, 'one')", kRecord), R"("one")");
  EXPECT_EQ(evaluate("case(b, null, 'none', 'some')", kRecord), R"("none")");
  EXPECT_EQ(evaluate("case(a, 'x', 'y') | lower", kRecord), "null");
  EXPECT_EQ(evaluate("case(a, [1], 'y')", kRecord),
            "error at 8: case: expected text, number or true/false, got list");
  EXPECT_EQ(evaluate("case(a, 'x')", kRecord).substr(0, 46),
            "error at 0: case: expected at least 3 argument");
  EXPECT_EQ(evaluate("case(a, 'x', 1, 'y', 2) | lower"),
            "error at 0: lower: expected text, got number (write to_text(…))");
}

TEST(Json, IsCompactAndBounded) {
  EXPECT_EQ(evaluate("json([a, true, null, 1.5])", R"({"a": {"z": "\"", "b": []}})"),
            R"x("[{\"z\":\"\\\"\",\"b\":[]},true,null,1.5]")x");
  const std::string record = R"({"a": ")" + std::string(40'000, 'a') + R"("})";
  EXPECT_EQ(evaluate("json([a, a])", record),
            "refused: json: expected to make a text of at most 65536 bytes, got a longer one");
}

TEST(ShortHash, HasALengthThatTellsApart) {
  EXPECT_EQ(evaluate("short_hash('abc', 64) == sha256('abc')"), "true");
  EXPECT_EQ(evaluate("sha256('abc')"),
            R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")");
  EXPECT_EQ(evaluate("short_hash(a, 4)", R"({"a": "x"})"),
            "refused: short_hash: expected a length of 8 to 64, got another number");
}

}  // namespace
}  // namespace assembly_sync::mapping
