#include "core/yaml.hpp"

#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/limits.hpp"

namespace assembly_sync::core {
namespace {

struct ReadBack {
  YamlNode root;
  std::vector<std::string> problems;
};

ReadBack read(std::string_view text) {
  Problems problems;
  ReadBack out{read_yaml(text, "f", problems), {}};
  for (const Problem& problem : problems) out.problems.push_back(to_text(problem));
  return out;
}

std::string as_json(std::string_view text) {
  return dump_json(to_value(read(text).root));
}

TEST(ReadYaml, GivesEveryNodeItsPlace) {
  const auto [root, problems] = read("a: 1\nb:\n  c: [x, y]\n");
  EXPECT_THAT(problems, testing::IsEmpty());
  EXPECT_EQ(root.line, 1);
  EXPECT_EQ(root.column, 1);
  const YamlNode* b = root.find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->line, 3);
  EXPECT_EQ(b->column, 3);
  const YamlNode* c = b->find("c");
  ASSERT_NE(c, nullptr);
  ASSERT_EQ(c->items.size(), 2U);
  EXPECT_EQ(c->items[1].line, 3);
  EXPECT_EQ(c->items[1].column, 10);
}

TEST(ReadYaml, KeepsMembersInFileOrder) {
  const YamlNode root = read("z: 1\na: 2\nm: 3\n").root;
  std::string order;
  for (const auto& [key, value] : root.members) order += key.scalar;
  EXPECT_EQ(order, "zam");
}

TEST(ReadYaml, AbsentValueHasThePlaceOfItsKey) {
  const YamlNode root = read("a: 1\n  \nbb:\n").root;
  const YamlNode* b = root.find("bb");
  ASSERT_NE(b, nullptr);
  EXPECT_TRUE(b->is_null());
  EXPECT_EQ(b->line, 3);
  EXPECT_EQ(b->column, 1);
}

TEST(ReadYaml, RemembersQuotes) {
  const YamlNode root = read("a: \"1\"\nb: '1'\nc: 1\nd: |\n  1\n").root;
  EXPECT_TRUE(root.find("a")->quoted);
  EXPECT_TRUE(root.find("b")->quoted);
  EXPECT_FALSE(root.find("c")->quoted);
  EXPECT_TRUE(root.find("d")->quoted);
}

TEST(ReadYaml, EmptyTextIsNothing) {
  EXPECT_TRUE(read("").root.is_null());
  EXPECT_TRUE(read("# only a remark\n").root.is_null());
}

struct BrokenYaml {
  const char* text;
  std::vector<std::string> problems;
};

TEST(ReadYaml, ReportsWhatIsBroken) {
  const BrokenYaml cases[] = {
      {"a: 1\na: 2\n",
       {"f:2:1: a: expected each key once, got one that appears twice, first on line 1 (take one "
        "of them out)"}},
      {"x:\n  a: 1\n  b: 2\n  a: 3\n",
       {"f:4:3: x.a: expected each key once, got one that appears twice, first on line 2 (take one "
        "of them out)"}},
      {"l:\n  - {a: 1, a: 2}\n",
       {"f:2:12: l[0].a: expected each key once, got one that appears twice, first on line 2 (take "
        "one of them out)"}},
      {"a:\n  ? [1, 2]\n  : b\n", {"f:2:5: a: expected a name as key, got a list"}},
      {"a: b: c\n",
       {"f:1:5: expected one value behind the key, got another `: ` (a text with a colon and a "
        "space in it stands in quotes; a key of its own stands at the column of the one above "
        "it)"}},
      {"a: *x\n",
       {"f:1:4: expected the name of an &NAME further up behind *, got something else (a text that "
        "begins with * stands in quotes)"}},
      {"a: [1\n",
       {"f:2:1: expected , or ] inside [ … ], got something else (is the ] missing? a text with , "
        "[ or ] in it stands in quotes)"}},
      {"a: 1\n---\nb: 2\n", {"f:3:1: expected one YAML document, got 2"}},
      {"a: 1\n---\nb: 2\n---\n- c\n", {"f:3:1: expected one YAML document, got 3"}},
      // The library would read on here for ever.
      {",a: 1\n", {"f:1:1: expected a key or a value, got a character that none can begin with"}},
      {"a: 1\n---\n, b\n",
       {"f:3:1: expected a key or a value, got a character that none can begin with"}},
  };
  for (const BrokenYaml& c : cases) EXPECT_EQ(read(c.text).problems, c.problems) << c.text;
}

TEST(ReadYaml, ReportsATabInFrontOfALine) {
  const std::string message =
      "expected spaces in front of the line, got a tab (write two spaces a step)";
  EXPECT_THAT(read("a:\n\tb: 1\n").problems, testing::ElementsAre("f:2:1: " + message));
  EXPECT_THAT(read("a:\n  b: 1\n  \tc: 1\n").problems, testing::ElementsAre("f:3:3: " + message));
  EXPECT_THAT(read("a: 1\n# a\tremark\nb:\t1\n").problems, testing::IsEmpty());
}

TEST(ReadYaml, CountsColumnsInCharacters) {
  const YamlNode root = read("größe: {ü: é, b: x}\n").root;
  const YamlNode* map = root.find("größe");
  ASSERT_NE(map, nullptr);
  EXPECT_EQ(map->column, 8);
  EXPECT_EQ(map->find("b")->column, 18);
  EXPECT_THAT(read("ü: [é, {a: 1, a: 2}]\n").problems,
              testing::ElementsAre(testing::StartsWith("f:1:15: ")));
  EXPECT_THAT(read("\xEF\xBB\xBFü: b: c\n").problems,
              testing::ElementsAre(testing::StartsWith("f:1:5: ")));
}

TEST(Misspells, AKeyThatIsNoneOfTheKnownAndNearToTheName) {
  const std::vector<std::string> known = {"name", "from", "fields"};
  EXPECT_TRUE(misspells(read("{nmae: a, from: b}").root, known, "name"));
  EXPECT_FALSE(misspells(read("{nmae: a, from: b}").root, known, "fields"));
  EXPECT_FALSE(misspells(read("{from: b}").root, known, "from"));
  EXPECT_FALSE(misspells(read("{other: b}").root, known, "from"));
}

TEST(ItemPaths, CountAnewInEachFile) {
  Problems problems;
  YamlNode list = read_yaml("[a, b]", "f", problems);
  const YamlNode more = read_yaml("[c]", "g", problems);
  list.items.insert(list.items.end(), more.items.begin(), more.items.end());
  EXPECT_EQ(item_paths(list, "l"), (std::vector<std::string>{"l[0]", "l[1]", "l[0]"}));
}

TEST(ReadYaml, ReportsAQuoteThatIsNeverClosed) {
  const char* message = "expected a closing quote, got the end of the file";
  EXPECT_THAT(read("a: \"x\nb: 1\n").problems,
              testing::ElementsAre(std::string("f:1:4: a: ") + message));
  EXPECT_THAT(read("a: 1\nb: 'it''s\n").problems,
              testing::ElementsAre(std::string("f:2:4: b: ") + message));
  EXPECT_THAT(read("a: \"x\\\"\n").problems,
              testing::ElementsAre(std::string("f:1:4: a: ") + message));
}

TEST(ReadYaml, TakesQuotesThatAreClosed) {
  for (const char* text : {"a: \"x\\\"y\"", "a: 'it''s'", "a: ''\nb: 1\n", "é: \"ü\"\nb: 'x'\n",
                           "a: \"x\r\n  y\"\r\nb: 'z'\r\n",
                           "\xEF\xBB\xBF"
                           "a: \"x\"\n",
                           "a: |\n  \"x\n", "a: !t \"x\"\n", "a: &n 'x'\nb: *n\n"}) {
    EXPECT_THAT(read(text).problems, testing::IsEmpty()) << text;
  }
}

TEST(ReadYaml, FirstOfTwoEqualKeysStays) {
  EXPECT_EQ(read("a: 1\na: 2\n").root.find("a")->scalar, "1");
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(ReadYaml, StopsAtTheDepthLimit) {
  EXPECT_THAT(read(nested(limits::kConfigDepth)).problems, testing::IsEmpty());
  EXPECT_THAT(
      read(nested(limits::kConfigDepth + 2)).problems,
      testing::ElementsAre(testing::HasSubstr("expected at most 32 levels of nesting, got more")));
}

TEST(ReadYaml, SurvivesDepthThatWouldExhaustTheStack) {
  EXPECT_THAT(read(std::string(1'000'000, '[')).problems, testing::SizeIs(1));
  std::string maps;
  for (int i = 0; i < 100'000; ++i) maps += "{a: ";
  EXPECT_THAT(read(maps).problems, testing::SizeIs(1));
}

TEST(ReadYaml, StopsAliasesThatMultiply) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string previous = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    text += name + ": &" + name + " [";
    for (int j = 0; j < 10; ++j) text += (j == 0 ? "" : ", ") + previous;
    text += "]\n";
  }
  EXPECT_THAT(read(text).problems,
              testing::ElementsAre(testing::HasSubstr("expected at most 200000 values")));
}

TEST(ReadYaml, StopsAtTheByteLimit) {
  EXPECT_THAT(read(std::string(limits::kConfigBytes + 1, ' ')).problems,
              testing::ElementsAre("f: expected at most 4194304 bytes, got 4194305"));
}

TEST(YamlToValue, PlainScalarsFollowTheCoreSchema) {
  EXPECT_EQ(as_json("[true, False, ~, null, '', 17, -3, 1.5, 1e3, 0.5]"),
            R"([true,false,null,null,"",17,-3,1.5,1000.0,0.5])");
}

TEST(YamlToValue, WhatOnlyLooksLikeAnotherTypeStaysText) {
  EXPECT_EQ(as_json("[yes, no, on, off, 0123, 0x1F, 1_000, 2024-01-31, 1.2.3, '17', \"true\"]"),
            R"(["yes","no","on","off","0123","0x1F","1_000","2024-01-31","1.2.3","17","true"])");
}

TEST(YamlToValue, IntegersBeyond64BitsBecomeReal) {
  EXPECT_TRUE(to_value(read("99999999999999999999").root).is_double());
}

TEST(YamlToValue, ConvertsTrees) {
  EXPECT_EQ(as_json("b: [1, {c: x}]\na: {}\n"), R"({"a":{},"b":[1,{"c":"x"}]})");
}

/// The place of `word` inside the scalar `k` of a file.
std::string place_of(std::string_view text, std::string_view word) {
  const YamlNode root = read(text).root;
  const YamlNode* scalar = root.find("k");
  const YamlPlace place = place_in(*scalar, scalar->scalar.find(word));
  return std::to_string(place.line) + ':' + std::to_string(place.column);
}

TEST(PlaceIn, SeesThroughTheStyleOfTheScalar) {
  EXPECT_EQ(place_of("k: one two\n", "one"), "1:4");
  EXPECT_EQ(place_of("k: one two\n", "two"), "1:8");
  EXPECT_EQ(place_of("k: 'one two'\n", "two"), "1:9");
  EXPECT_EQ(place_of("k: 'it''s two'\n", "two"), "1:11");
  EXPECT_EQ(place_of("k: \"a\\\"b two\"\n", "two"), "1:10");
  EXPECT_EQ(place_of("a: 1\nk: |\n  one\n  two\n", "two"), "4:3");
  EXPECT_EQ(place_of("k: >-\n  one\n  two\n", "two"), "3:3");
  EXPECT_EQ(place_of("k: one\n   two\n", "two"), "2:4");
  EXPECT_EQ(place_of("\xEF\xBB\xBFk: one two\n", "two"), "1:8");
  EXPECT_EQ(place_of("k: größe two\n", "two"), "1:10");
  EXPECT_EQ(place_of("k: \"größe\\n two\"\n", "two"), "1:13");
}

TEST(YamlNode, NamesItsKindForMessages) {
  const YamlNode root = read("a: x\nb: [1]\nc: {d: 1}\ne:\n").root;
  EXPECT_EQ(root.find("a")->kind_name(), "a text");
  EXPECT_EQ(root.find("b")->kind_name(), "a list");
  EXPECT_EQ(root.find("c")->kind_name(), "a map");
  EXPECT_EQ(root.find("e")->kind_name(), "nothing");
  EXPECT_EQ(root.find("f"), nullptr);
}

}  // namespace
}  // namespace assembly_sync::core
