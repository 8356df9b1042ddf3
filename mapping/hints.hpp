// What to write instead of what people bring along from other languages: spreadsheets, SQL,
// JavaScript, template languages. Each hint stands in parentheses with a space before it, or is
// empty. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assembly_sync::mapping {

/// For the name of a function that there is not: `uppercase` -> " (write upper)".
std::string_view function_hint(std::string_view name);

/// For an attribute by a name that others give it: `email` -> " (write domain)".
std::string_view attribute_hint(std::string_view name);

/// For what a mapping makes, by another word: `account` -> " (write company or customer)".
std::string_view target_hint(std::string_view word);

/// For a word where an operator should stand: `is` -> " (write a == null, …)".
std::string word_hint(std::string_view word);

/// For the first name of a path that there is not: `record` -> " (…)".
std::string_view root_hint(std::string_view name);

/// The keyword that a word is in capital letters: `AND` -> "and".
std::optional<std::string> keyword_of(std::string_view word);

/// A symbol of another language at the begin of `rest`: what was expected and what to write.
struct ForeignSymbol {
  std::string_view symbol;
  std::string_view expected;
  std::string_view hint;
};
const ForeignSymbol* foreign_symbol(std::string_view rest);

}  // namespace assembly_sync::mapping
