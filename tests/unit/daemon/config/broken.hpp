// Broken configurations and exactly the problems they have.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "daemon/config/config.hpp"
#include "tests/unit/daemon/config/fake_secrets.hpp"

namespace assembly_sync::config {

inline const FakeSecrets kSecrets;

inline std::vector<std::string> problems_of(const std::string& text) {
  const LoadResult result = load("/etc/app/c.yaml", text, kSecrets);
  EXPECT_EQ(result.config.has_value(), result.problems.empty());
  std::vector<std::string> out;
  for (const core::Problem& problem : result.problems) {
    EXPECT_EQ(problem.file, "/etc/app/c.yaml");
    EXPECT_THAT(to_text(problem), testing::Not(testing::HasSubstr(kMark)));
    out.push_back(to_text(problem).substr(std::string("/etc/app/").size()));
  }
  return out;
}

struct Broken {
  std::string what;
  std::string text;
  std::vector<std::string> problems;
};

inline void expect_problems(const std::vector<Broken>& cases) {
  for (const Broken& c : cases) EXPECT_EQ(problems_of(c.text), c.problems) << c.what;
}

// Four lines that are right; what is broken begins on line 5.
inline const std::string kGood = R"(version: 1
assembly:
  base_url: https://a.test
  api_key: ${env:KEY}
)";

inline const std::string kForms = "expected ${env:…}, ${file:…} or ${credential:…}, got ";

}  // namespace assembly_sync::config
