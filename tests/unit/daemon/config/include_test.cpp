// `include`: further files that are one configuration together with the main one.
#include "core/limits.hpp"
#include "daemon/config/document.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/config/broken.hpp"

namespace assembly_sync::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A folder with a main file `c.yaml` and others beside it.
class Include : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    test::write_file(folder_ / name, text);
  }
  LoadResult load_main(const std::string& text) {
    write("c.yaml", text);
    return load_file(path("c.yaml"), kSecrets);
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// The problems, without the folder in front.
  std::vector<std::string> problems_with(const std::string& text) {
    const LoadResult result = load_main(text);
    EXPECT_EQ(result.config.has_value(), result.problems.empty());
    std::vector<std::string> out;
    for (const core::Problem& problem : result.problems) {
      std::string line = to_text(problem);
      const std::string folder = path("");
      for (auto at = line.find(folder); at != std::string::npos; at = line.find(folder)) {
        line.erase(at, folder.size());
      }
      out.push_back(line);
    }
    return out;
  }

  const test::TempDir folder_;
};

const std::string kSource =
    "sources:\n  t: {type: csv, path: rows.csv, objects: {rows: {id: n}}}\n";

std::string mapping_of(const std::string& name, const std::string& rest = "") {
  return "  - name: " + name + "\n    from: t.rows\n    to: customer\n    key: concat(\"" + name +
         "-\", n)\n    fields: {name: label, domain: mail" + rest + "}\n";
}

TEST_F(Include, JoinsMapsAndAppendsListsInTheOrderOfTheFiles) {
  write("parts/b.yaml", "mappings:\n" + mapping_of("b", ", tier: t | lookup(tiers)"));
  write("parts/a.yaml",
        "tables: {tiers: {gold: Gold}}\nmappings:\n" + mapping_of("a1") + mapping_of("a2"));
  write("source.yaml", kSource);
  write("tests.yaml",
        "tests:\n  - mapping: b\n    record: {n: 1, label: Ada, mail: a@a.test, t: gold}\n"
        "    expect: {key: b-1, fields: {tier: Gold}}\n");
  const LoadResult result = load_main(
      kGood + "include: [source.yaml, parts/*.yaml, tests.yaml]\nmappings:\n" + mapping_of("main"));
  ASSERT_TRUE(result.config.has_value()) << to_text(result.problems.front());
  EXPECT_EQ(result.config->rules->names(), (std::vector<std::string>{"main", "a1", "a2", "b"}));
  EXPECT_EQ(result.config->sources.size(), 1U);
  EXPECT_EQ(result.tests.passed, 1);
  std::vector<std::string> files;
  for (const ConfigFile& file : result.config->files) files.push_back(file.path);
  EXPECT_THAT(files, ElementsAre(path("c.yaml"), path("source.yaml"), path("parts/a.yaml"),
                                 path("parts/b.yaml"), path("tests.yaml")));
  EXPECT_EQ(result.config->files[1].text, kSource);
  EXPECT_EQ(result.config->file, path("c.yaml"));
}

TEST_F(Include, TakesOnePatternAsAText) {
  write("source.yaml", kSource);
  EXPECT_THAT(problems_with(kGood + "include: source.yaml\n"), IsEmpty());
  EXPECT_THAT(problems_with(kGood + "include: \"sour?e.y*\"\n"), IsEmpty());
}

TEST_F(Include, ReadsEachFileOnceAndNeverTheMainOne) {
  write("source.yaml", kSource);
  write(".hidden.yaml", kSource);
  const LoadResult result = load_main(kGood + "include: [source.yaml, \"*.yaml\"]\n");
  ASSERT_TRUE(result.config.has_value()) << to_text(result.problems.front());
  EXPECT_EQ(result.config->files.size(), 2U);
}

TEST_F(Include, PatternMayMatchNothingWhereItsFolderExists) {
  std::filesystem::create_directories(folder_ / "parts");
  EXPECT_THAT(problems_with(kGood + "include: parts/*.yaml\n"), IsEmpty());
  EXPECT_THAT(problems_with(kGood + "include: prats/*.yaml\n"),
              ElementsAre("c.yaml:5:10: include: expected a pattern in a folder that exists, got "
                          "one in prats, which does not"));
}

TEST_F(Include, RelativePathsStartAtTheFileInWhichTheyStand) {
  write("crm/source.yaml", kSource);
  write("crm/rows.csv", "n,label,mail\n1,Ada,a@a.test\n");
  write("crm/url.txt", "https://a.test\n");
  const LoadResult result = load_main(kGood + "include: crm/source.yaml\n");
  ASSERT_TRUE(result.config.has_value()) << to_text(result.problems.front());
}

TEST_F(Include, ProblemsHaveTheFileInWhichTheyStand) {
  write("a.yaml", "mappings:\n" + mapping_of("a") + mapping_of("b", ", tier: t | lowr") +
                      mapping_of("a", ", rle: x"));
  write("s.yaml",
        "sources:\n  t: {type: csv, path: rows.csv, objects: {rows: {id: n}}}\n"
        "  u: {type: csv, path: \"${env:NONE}\", objects: {rows: {id: n}}}\n");
  write("t.yaml", "tables:\n  empty: {}\n");
  EXPECT_THAT(
      problems_with(kGood + "include: [s.yaml, a.yaml, t.yaml]\nlabels: {create: yes}\n"),
      ElementsAre(
          "c.yaml:6:18: labels.create: expected true or false, got \"yes\"",
          "s.yaml:3:24: sources.u.path: expected a value from ${env:NONE}, got an environment "
          "variable that is not set",
          "a.yaml:11:51: mappings[1].fields.tier: expected a function, got `lowr`, did you mean "
          "`lower`?",
          "a.yaml:12:11: mappings[2].name: expected a name that no other mapping has, got `a` "
          "again",
          HasSubstr("a.yaml:16:41: mappings[2].fields.rle: expected an attribute of a customer, "
                    "got an unknown one, did you mean `role`?"),
          "t.yaml:2:10: tables.empty: expected at least one entry `text: value`, got an empty "
          "map"));
}

TEST_F(Include, FailedTestsHaveTheFileInWhichTheyStand) {
  write("s.yaml", kSource);
  write("m.yaml", "mappings:\n" + mapping_of("a"));
  write("tests.yaml",
        "tests:\n  - mapping: a\n    record: {n: 1, label: Ada, mail: a@a.test}\n"
        "    expect: {key: a-2}\n");
  EXPECT_THAT(problems_with(kGood + "include: [s.yaml, m.yaml, tests.yaml]\n"),
              ElementsAre("tests.yaml:2:5: tests[0]: test failed: expected key \"a-2\", got "
                          "\"a-1\""));
}

TEST_F(Include, NameInTwoFilesIsAProblemThatNamesBothPlaces) {
  write("s.yaml", kSource + "tables: {x: {a: b}}\n");
  write("more.yaml", "tables:\n  x: {c: d}\n");
  EXPECT_THAT(
      problems_with(kGood + "include: [s.yaml, more.yaml]\n" + kSource),
      ElementsAre("s.yaml:2:3: sources.t: expected a name that no other file gives, got one that "
                  "stands at c.yaml:7:3 already (take one of them out, or rename it)",
                  "more.yaml:2:3: tables.x: expected a name that no other file gives, got one that "
                  "stands at s.yaml:3:10 already (take one of them out, or rename it)"));
}

TEST_F(Include, OnlyCertainBlocksMayStandInAnIncludedFile) {
  write("a.yaml", "include: b.yaml\nversion: 1\nmapings: []\nsources: []\ntests: {}\ntables:\n");
  EXPECT_THAT(
      problems_with(kGood + "include: a.yaml\n"),
      ElementsAre(
          "a.yaml:1:1: include: expected `include` in the main file only, got it in one that is "
          "included",
          "a.yaml:2:1: expected one of sources, tables, mappings, tests in a file that is "
          "included, got \"version\" (all others stand in the main file)",
          "a.yaml:3:1: expected one of sources, tables, mappings, tests in a file that is "
          "included, got \"mapings\": did you mean \"mappings\"?",
          "a.yaml:4:10: sources: expected a map, got a list",
          "a.yaml:5:8: tests: expected a list, got a map"));
}

TEST_F(Include, WhatCantBeReadIsAProblemAtItsNameOnly) {
  write("broken.yaml", "mappings:\n  - name: \"a\n");
  write("list.yaml", "- a\n");
  write("latin.yaml", "# f\xFCr\n");
  std::filesystem::create_directories(folder_ / "folder");
  EXPECT_THAT(
      problems_with(kGood +
                    "include:\n  - none.yaml\n  - folder\n  - list.yaml\n  - latin.yaml\n"
                    "  - {a: b}\n  - ''\n  - c.yaml\n  - ${env:KEY}\nmappings:\n" +
                    mapping_of("a")),
      ElementsAre("c.yaml:6:5: include[0]: expected none.yaml to be a readable file, got nothing",
                  "c.yaml:7:5: include[1]: expected folder to be a readable file, got a folder",
                  "c.yaml:10:5: include[4]: expected a file name or a pattern such as "
                  "mappings/*.yaml, got a map",
                  "c.yaml:11:5: include[5]: expected a file name or a pattern such as "
                  "mappings/*.yaml, got an empty text",
                  "c.yaml:12:5: include[6]: expected another file, got this one itself",
                  "c.yaml:13:5: include[7]: expected a file name or a pattern such as "
                  "mappings/*.yaml, got a reference, which can't stand here",
                  "list.yaml:1:1: expected a map of settings, got a list",
                  "latin.yaml:1:4: expected UTF-8 text, got another byte"));
  EXPECT_THAT(
      problems_with(kGood + "include: broken.yaml\n"),
      testing::Contains(
          "broken.yaml:2:11: mappings[0].name: expected a closing quote, got the end of the file"));
  EXPECT_THAT(problems_with(kGood + "include:\n"),
              ElementsAre("c.yaml:5:1: include: expected a file name or a pattern such as "
                          "mappings/*.yaml, got nothing"));
}

TEST_F(Include, Invariant12_NumberAndSizeOfTheFilesAreBounded) {
  for (std::size_t i = 0; i < core::limits::kConfigFiles; ++i) {
    write("many/" + std::to_string(1000 + i) + ".yaml", "tables:\n");
  }
  EXPECT_THAT(problems_with(kGood + "include: many/*\n"),
              ElementsAre("c.yaml:5:10: include: expected at most 200 files together, this one "
                          "among them, got more"));
  write("big/1.yaml", std::string(core::limits::kConfigBytes - 50, '#'));
  write("big/2.yaml", std::string(200, '#'));
  const auto problems = problems_with(kGood + "include: big/*\n");
  EXPECT_THAT(problems, testing::Contains("c.yaml:5:10: include: expected at most 4194304 bytes "
                                          "in all files together, got more, with big/1.yaml"));
}

TEST_F(Include, AliasesOfAllFilesShareOneLimit) {
  std::string text = "tables:\n  a: &a {";
  for (int i = 0; i < 1000; ++i) text += (i == 0 ? "k" : ", k") + std::to_string(i) + ": v";
  text += "}\n";
  for (int i = 0; i < 60; ++i) text += "  NAME" + std::to_string(i) + ": *a\n";
  for (const char* name : {"x", "y"}) {
    std::string own = text;
    for (auto at = own.find("NAME"); at != std::string::npos; at = own.find("NAME")) {
      own.replace(at, 4, name);
    }
    own.replace(own.find("  a:"), 4, std::string("  ") + name + ":");
    write(std::string(name) + ".yaml", own);
  }
  EXPECT_THAT(problems_with(kGood + "include: x.yaml\n"), IsEmpty());
  EXPECT_THAT(problems_with(kGood + "include: [x.yaml, y.yaml]\n"),
              testing::Contains(HasSubstr("expected at most 200000 values in all files together")));
}

TEST_F(Include, HashCoversEveryFileAndItsName) {
  write("s.yaml", kSource);
  write("t.yaml", "tables: {x: {a: b}}\n");
  const auto hash = [&] { return load_main(kGood + "include: [s.yaml, t*.yaml]\n").config->hash; };
  const std::string first = hash();
  EXPECT_EQ(hash(), first);
  write("t.yaml", "tables: {x: {a: c}}\n");
  const std::string changed = hash();
  EXPECT_NE(changed, first);
  std::filesystem::rename(folder_ / "t.yaml", folder_ / "t2.yaml");
  EXPECT_NE(hash(), changed);
}

}  // namespace
}  // namespace assembly_sync::config
