#include "tests/tidy/coverage.hpp"

#include <algorithm>
#include <cctype>

namespace assembly_sync::tidy {
namespace {

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool is_number(std::string_view word) {
  return word.size() >= 2 && std::string_view("AIQ").find(word.front()) != std::string_view::npos &&
         std::all_of(word.begin() + 1, word.end(), is_digit);
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

/// Calls take(part) on what stands between the separators.
template <class Take>
void split(std::string_view text, char separator, Take&& take) {
  while (true) {
    const auto end = text.find(separator);
    take(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::vector<Rule> rules_in(std::string_view document) {
  constexpr std::string_view kUi = " (ui)";
  std::vector<Rule> rules;
  split(document, '\n', [&](std::string_view line) {
    if (!line.starts_with("| ")) return;
    std::string head = trimmed(line.substr(2, line.find('|', 2) - 2));
    const bool ui = head.ends_with(kUi);
    if (ui) head.resize(head.size() - kUi.size());
    if (is_number(head)) rules.push_back({head, !ui});
  });
  return rules;
}

std::vector<std::string> tests_in(std::string_view source) {
  std::vector<std::string> tests;
  for (const std::string_view macro : {"\nTEST(", "\nTEST_F(", "\nTEST_P("}) {
    for (auto at = source.find(macro); at != std::string_view::npos;
         at = source.find(macro, at + 1)) {
      const auto begin = at + macro.size();
      const std::string_view inside = source.substr(begin, source.find(')', begin) - begin);
      const auto comma = inside.find(',');
      if (comma == std::string_view::npos) continue;
      tests.push_back(trimmed(inside.substr(0, comma)) + '.' + trimmed(inside.substr(comma + 1)));
    }
  }
  return tests;
}

std::vector<std::string> numbers_in(std::string_view test) {
  std::vector<std::string> numbers;
  split(test.substr(test.find('.') + 1), '_', [&](std::string_view word) {
    if (is_number(word)) numbers.emplace_back(word);
  });
  return numbers;
}

}  // namespace assembly_sync::tidy
