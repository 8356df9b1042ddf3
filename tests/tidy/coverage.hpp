// Which tests cover which numbered rule of docs/assembly-api.md: the numbers stand in the tests'
// names (A13_A14_CreateNeeds…). Pure; thread-safe.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace assembly_sync::tidy {

struct Rule {
  std::string number;      // A118
  bool needs_test = true;  // no: (ui), nothing an HTTP client can meet
};

/// The rows `| A118 | … |` and `| A1 (ui) | … |` of the document, of A, I and Q, in its order.
std::vector<Rule> rules_in(std::string_view document);

/// `Suite.Name` of every TEST, TEST_F and TEST_P in C++ text.
std::vector<std::string> tests_in(std::string_view source);

/// The numbers of A, I and Q between the underscores of a test's name.
std::vector<std::string> numbers_in(std::string_view test);

/// Number -> the tests that bear it.
using Coverage = std::map<std::string, std::vector<std::string>>;

}  // namespace assembly_sync::tidy
