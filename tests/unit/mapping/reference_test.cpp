#include "mapping/reference.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "mapping/mapping.hpp"
#include "tests/support/support.hpp"

namespace assembly_sync::mapping {
namespace {

TEST(Reference, InDocsIsWhatTheFunctionTableSays) {
  const std::string fresh = reference_markdown();
  const std::filesystem::path stored = test::source_dir() / "docs" / "mapping-language.md";
  const std::string text =
      std::filesystem::exists(stored) ? assembly_sync::test::read_file(stored) : std::string();
  if (text == fresh) return;
  const std::filesystem::path made = std::filesystem::temp_directory_path() / "mapping-language.md";
  assembly_sync::test::write_file(made, fresh);
  FAIL() << "docs/mapping-language.md is out of date. To renew it:\n  cp " << made.string() << ' '
         << stored.string();
}

TEST(Reference, ShowsAConfigurationThatLoads) {
  const std::string text = reference_markdown();
  const std::size_t block = text.find("```yaml\ntables:");
  ASSERT_NE(block, std::string::npos);
  const std::size_t begin = text.find('\n', block) + 1;
  core::Problems problems;
  const core::YamlNode root =
      core::read_yaml(text.substr(begin, text.find("```", begin) - begin), "docs", problems);
  Schemas schemas;
  schemas["hubspot.companies"].roots = {"id", "properties", "associations"};
  const Rules rules = load(root, "docs", schemas, problems);
  EXPECT_EQ(problems.size(), 0U) << core::to_text(problems.front());
  EXPECT_EQ(rules.names(), std::vector<std::string>{"companies"});
}

TEST(Reference, ShowsMappingsThatLoad) {
  const std::string text = reference_markdown();
  constexpr std::string_view kFence = "```yaml\n";
  std::string mappings = "mappings:\n";
  for (auto at = text.find("```yaml\n  - name"); at != std::string::npos;
       at = text.find("```yaml\n  - name", at + 1)) {
    const std::size_t begin = at + kFence.size();
    mappings += text.substr(begin, text.find("```", begin) - begin);
  }
  core::Problems problems;
  const core::YamlNode root = core::read_yaml(mappings, "docs", problems);
  Schemas schemas;
  schemas["billing.plans"];
  schemas["product.logins"];
  const Rules rules = load(root, "docs", schemas, problems);
  EXPECT_EQ(problems.size(), 0U) << core::to_text(problems.front());
  EXPECT_EQ(rules.names(), (std::vector<std::string>{"plans", "logins"}));
}

}  // namespace
}  // namespace assembly_sync::mapping
