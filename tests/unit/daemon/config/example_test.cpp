// The example file is the documentation of the keys: it has to be right and complete.
#include <sstream>

#include "daemon/config/config.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/config/fake_secrets.hpp"

namespace assembly_sync::config {
namespace {

const std::string kExample = (test::source_dir() / "config.example.yaml").string();

/// What stands behind `NAME:` in a live or commented line; nothing when there is no such line.
std::vector<std::string> values_of(const std::string& text, const std::string& name) {
  std::vector<std::string> values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto start = line.find_first_not_of(" #-{");
    if (start == std::string::npos) continue;
    for (auto at = line.find(name + ':', start); at != std::string::npos;
         at = line.find(name + ':', at + 1)) {
      const std::string before = line.substr(start, at - start);
      const bool is_key = before.empty() || before.back() == '{' || before.ends_with(", ");
      const auto from = at + name.size() + 1;
      if (is_key) values.push_back(from < line.size() ? line.substr(from + 1) : "");
    }
  }
  return values;
}

TEST(Example, LoadsWithoutProblemsAndPassesItsTests) {
  const LoadResult result = load(kExample, test::read_file(kExample), FakeSecrets());
  for (const core::Problem& problem : result.problems) ADD_FAILURE() << to_text(problem);
  ASSERT_TRUE(result.config.has_value());
  EXPECT_EQ(result.tests.passed, 9);
  EXPECT_EQ(result.tests.failed, 0);
  EXPECT_EQ(result.config->sources.size(), 3U);
  EXPECT_EQ(
      result.config->rules->names(),
      (std::vector<std::string>{"companies", "contacts", "subscribers", "plans", "payments"}));
}

TEST(Example, ShowsEveryKeyWithItsDefault) {
  const std::string text = test::read_file(kExample);
  for (const KeyInfo& key : known_keys()) {
    const std::string name = key.path.substr(key.path.rfind('.') + 1);
    if (name == "*") continue;
    const auto values = values_of(text, name);
    EXPECT_FALSE(values.empty()) << key.path;
    // The example switches on what is off by default; its remark names the default.
    if (key.default_value.empty() || key.path == "labels.create") continue;
    EXPECT_THAT(values,
                testing::Contains(testing::AnyOf(key.default_value, '"' + key.default_value + '"')))
        << key.path;
  }
}

TEST(KnownKeys, AreDescribed) {
  EXPECT_GT(known_keys().size(), 40U);
  for (const KeyInfo& key : known_keys()) {
    EXPECT_FALSE(key.type.empty()) << key.path;
    EXPECT_FALSE(key.help.empty()) << key.path;
  }
}

TEST(KnownKeys, HaveTypesInPlainWords) {
  const auto type = [](const std::string& path) {
    for (const KeyInfo& key : known_keys()) {
      if (key.path == path) return key.type + " | " + key.default_value + " | " + key.help;
    }
    return std::string("unknown");
  };
  EXPECT_EQ(
      type("assembly.rate_per_second"),
      "number from 0.1 to 1000 | 30 | calls that may start in one second, all kinds together");
  EXPECT_EQ(type("version"), "1 |  | version of this file's format");
  EXPECT_EQ(type("sources.*.access_token"), "secret |  | optional; for type hubspot, type attio");
  EXPECT_EQ(type("sources.*.poll_seconds"),
            "whole number from 0 to 86400 | 300 | optional; for type hubspot, type csv, "
            "type ndjson, type postgresql, type sqlite, type salesforce, type rest, type attio, "
            "type close, type espocrm, type odoo, type pipedrive, type twenty, type zoho");
}

}  // namespace
}  // namespace assembly_sync::config
