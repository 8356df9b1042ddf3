// The traps that others have run into (tests/traps/*.md): every row names tests that exist, and the
// tables are printed.
#include <filesystem>
#include <iostream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>

#include "tests/support/support.hpp"
#include "tests/tidy/coverage.hpp"

namespace assembly_sync::tidy {
namespace {

namespace fs = std::filesystem;

/// `Suite.Name` and, alone, `Name` of every test.
std::set<std::string> test_names() {
  std::set<std::string> names;
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(test::source_dir() / "tests")) {
    if (!entry.is_regular_file() || entry.path().extension() != ".cpp") continue;
    for (const std::string& name : tests_in(test::read_file(entry.path()))) {
      names.insert(name);
      names.insert(name.substr(name.find('.') + 1));
    }
  }
  return names;
}

/// What stands between backquotes in the last column of a row.
std::vector<std::string> named_in(const std::string& row) {
  std::vector<std::string> names;
  std::size_t at = row.rfind('|', row.size() - 2);
  while ((at = row.find('`', at)) != std::string::npos) {
    const std::size_t end = row.find('`', at + 1);
    if (end == std::string::npos) break;
    names.push_back(row.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return names;
}

class Traps : public testing::TestWithParam<std::pair<const char*, std::size_t>> {};

TEST_P(Traps, EachHasATestThatExists) {
  const auto [file, least] = GetParam();
  const std::set<std::string> known = test_names();
  std::istringstream text(test::read_file(test::source_dir() / "tests" / "traps" / file));
  std::size_t rows = 0;
  for (std::string line; std::getline(text, line);) {
    if (line.size() < 3 || line[0] != '|' || !std::isdigit(static_cast<unsigned char>(line[2]))) {
      continue;
    }
    ++rows;
    std::cout << line << '\n';
    const auto names = named_in(line);
    EXPECT_FALSE(names.empty()) << line;
    for (const std::string& name : names) EXPECT_TRUE(known.contains(name)) << name;
  }
  EXPECT_EQ(rows, least);
}

INSTANTIATE_TEST_SUITE_P(Tables, Traps,
                         testing::Values(std::pair{"hubspot.md", std::size_t{20}},
                                         std::pair{"salesforce.md", std::size_t{18}},
                                         std::pair{"others.md", std::size_t{19}}));

}  // namespace
}  // namespace assembly_sync::tidy
