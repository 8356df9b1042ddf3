// What `check` says about the slips that admins make, exactly: the rows of
// tests/data/broken_configs/*.txt. Each begins with `=== what`, goes on with the configuration's
// text, and ends, behind `>>>`, with its problems as `line:column: key: message` and their hints
// behind `=`. `@NAME` stands for the lines that kLines gives it.
#include <map>
#include <sstream>

#include "daemon/config/excerpt.hpp"
#include "tests/support/support.hpp"
#include "tests/unit/daemon/config/broken.hpp"

namespace assembly_sync::config {
namespace {

const std::map<std::string, std::string> kLines = {
    {"@head", "version: 1\nassembly: {base_url: https://a.test, api_key: \"${env:KEY}\"}\n"},
    {"@crm",
     "listen: {public_url: https://p.test}\n"
     "sources: {crm: {type: hubspot, access_token: \"${env:TOKEN}\", client_secret: "
     "\"${env:KEY}\"}}\n"},
    {"@companies", "mappings:\n  - name: companies\n    from: crm.companies\n    to: company\n"}};

struct Row {
  std::string what;
  std::string text;
  std::string problems;
};

std::vector<Row> rows_of(const std::string& file) {
  std::vector<Row> rows;
  bool in_text = true;
  std::istringstream in(test::read_data("broken_configs/" + file));
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("=== ")) {
      rows.push_back({line.substr(4), "", ""});
      in_text = true;
    } else if (line == ">>>") {
      in_text = false;
    } else {
      const auto lines = in_text ? kLines.find(line) : kLines.end();
      std::string& part = in_text ? rows.back().text : rows.back().problems;
      part += lines == kLines.end() ? line + '\n' : lines->second;
    }
  }
  return rows;
}

std::string problems_in(const LoadResult& result) {
  std::string out;
  for (const core::Problem& problem : result.problems) {
    out += to_text(problem).substr(problem.file.size() + 1) + '\n';
    if (!problem.hint.empty()) out += "  = " + problem.hint + '\n';
  }
  return out;
}

class BrokenRows : public testing::TestWithParam<const char*> {};

TEST_P(BrokenRows, HaveExactlyTheseProblems) {
  const std::vector<Row> rows = rows_of(GetParam());
  EXPECT_GE(rows.size(), 20U);
  for (const Row& row : rows) {
    const LoadResult result = load("/etc/app/c.yaml", row.text, kSecrets);
    EXPECT_FALSE(result.config.has_value()) << row.what;
    EXPECT_EQ(problems_in(result), row.problems) << row.what << '\n' << row.text;
  }
}

/// Every row's text as a terminal shows it holds no secret that was written into it.
TEST_P(BrokenRows, NeverShowWhatWasWrittenInPlaceOfAReference) {
  for (const Row& row : rows_of(GetParam())) {
    const LoadResult result = load("/etc/app/c.yaml", row.text, kSecrets);
    for (const core::Problem& problem : result.problems) {
      const std::string shown = explained(problem, result.files);
      EXPECT_THAT(shown, testing::Not(testing::HasSubstr(kMark))) << row.what;
      EXPECT_THAT(shown, testing::HasSubstr("^\n")) << row.what;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenRows,
                         testing::Values("syntax_and_settings.txt", "sources_and_tables.txt",
                                         "mappings.txt", "expressions.txt"),
                         [](const auto& file) {
                           const std::string name = file.param;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace assembly_sync::config
