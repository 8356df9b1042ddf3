#include "mapping/field_expectations.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "core/problem.hpp"
#include "core/text.hpp"
#include "mapping/compare.hpp"
#include "mapping/dates.hpp"
#include "mapping/numbers.hpp"
#include "mapping/words.hpp"

namespace assembly_sync::mapping {
namespace {

using core::Field;
using core::FieldType;

/// Letters and digits only, small: `Annual revenue` and `annual_revenue` become one.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : core::lower_ascii(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain || static_cast<unsigned char>(c) >= 0x80) out += c;
  }
  return out;
}

/// The name that is nearest to the word, by itself or by its label; empty when none is near.
std::string nearest_name(const std::map<std::string, std::string>& labels,
                         const std::string& word) {
  std::map<std::string, std::string> names;  // squeezed name or label -> name
  for (const auto& [name, label] : labels) names.emplace(squeezed(label), name);
  for (const auto& [name, label] : labels) names.insert_or_assign(squeezed(name), name);
  const std::string wanted = squeezed(word);
  std::vector<std::string> candidates;
  for (const auto& [text, name] : names) candidates.push_back(text);
  const std::string near = wanted.empty() ? "" : core::nearest(wanted, candidates);
  return near.empty() ? "" : names.at(near);
}

std::string suggestion(const std::map<std::string, std::string>& labels, const std::string& word) {
  const std::string name = nearest_name(labels, word);
  if (name.empty()) return "";
  const std::string& label = labels.at(name);
  const bool says_more = !label.empty() && label != name;
  return ", did you mean `" + name + '`' + (says_more ? " (labelled " + label + ")?" : "?");
}

bool has_number(const Field& field) {
  return std::any_of(field.options.begin(), field.options.end(),
                     [](const auto& option) { return parse_number(option.first).has_value(); });
}

std::optional<std::string> other(std::string_view expected, const Field& field) {
  return "expected " + std::string(expected) + ", got " + std::string(held_by(field.type));
}

/// Of a field with options: what the literal should have been.
std::optional<std::string> no_option(const Field& field, const Datum& literal) {
  const bool is_one = std::any_of(
      field.options.begin(), field.options.end(),
      [&](const auto& option) { return equal_values(std::string_view(option.first), literal); });
  if (is_one || field.options.empty()) return std::nullopt;
  std::vector<std::string> values;
  for (const auto& [value, label] : field.options) values.push_back(value);
  const std::string word = literal.is_text() ? std::string(literal.as_text()) : std::string();
  return "expected one of the property's options, got " +
         (literal.is_text() ? '`' + word + '`' : to_text(literal.type())) +
         near_option(field, word) + " (its options: " + listed(values) + ')';
}

/// `2026` or `2026-01`: dates are texts, so that a part of one compares rightly.
bool begins_date(std::string_view text) {
  constexpr std::string_view kForm = "0000-00";
  if (text.size() != 4 && text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (digit != (kForm[i] == '0')) return false;
  }
  return true;
}

std::optional<std::string> no_number(const Datum& literal) {
  if (literal.is_number()) return std::nullopt;
  if (!literal.is_text()) return "expected a number, got " + to_text(literal.type());
  if (parse_number(literal.as_text())) {
    return "expected a number, got a text (a number stands without quotes)";
  }
  return "expected a number, got a text that is none";
}

}  // namespace

std::string_view held_by(FieldType type) {
  switch (type) {
    case FieldType::text:
      return "a text";
    case FieldType::number:
      return "a number";
    case FieldType::boolean:
      return "true or false";
    case FieldType::date:
      return "a date";
    case FieldType::datetime:
      return "a date with time";
    case FieldType::choice:
      return "one of its options";
    case FieldType::choices:
      return "several of its options in one text";
  }
  return "";
}

std::string near_field(const core::Catalogue& catalogue, const std::string& word) {
  std::map<std::string, std::string> labels;
  for (const auto& [name, field] : catalogue.fields) {
    if (!field.archived) labels.emplace(name, field.label);
  }
  return suggestion(labels, word);
}

std::string near_option(const Field& field, const std::string& word) {
  return suggestion({field.options.begin(), field.options.end()}, word);
}

std::optional<std::string> unfit(const Field& field, bool texts, const Parameter& parameter) {
  if (texts && !parameter.types.meets(kText)) {
    return mismatch(parameter.types, kText);
  }
  const FieldType type = field.type;
  const bool is_option = type == FieldType::choice || type == FieldType::choices;
  const bool is_date = type == FieldType::date || type == FieldType::datetime;
  if (parameter.has(Parameter::kDate) && (is_option || type == FieldType::boolean)) {
    return other("a date", field);
  }
  if (!parameter.has(Parameter::kNumeric)) return std::nullopt;
  const bool numeric = type == FieldType::choice && (field.options.empty() || has_number(field));
  const bool never = is_date || type == FieldType::boolean || (is_option && !numeric);
  return never ? other("a number", field) : std::nullopt;
}

std::optional<std::string> unfit(const Field& field, bool texts, AttributeType type) {
  if (texts && !accepted(type).meets(kText)) return mismatch(accepted(type), kText);
  const bool named = field.type == FieldType::text;
  const bool undated = field.type == FieldType::boolean || field.type == FieldType::choice ||
                       field.type == FieldType::choices;
  if (type == AttributeType::date && undated) return other("a date", field);
  if (type == AttributeType::timestamp && undated) return other("a date with time", field);
  if (type == AttributeType::domain && !named) return other("a domain", field);
  if (type == AttributeType::email && !named) return other("an e-mail address", field);
  return std::nullopt;
}

std::optional<std::string> incomparable(const Field& field, const Datum& literal) {
  if (literal.is_blank()) return std::nullopt;
  switch (field.type) {
    case FieldType::text:
      return std::nullopt;
    case FieldType::number:
      return no_number(literal);
    case FieldType::boolean:
      if (literal.is_bool() || equal_values(literal, Datum(true)) ||
          equal_values(literal, Datum(false))) {
        return std::nullopt;
      }
      return "expected true or false, got another value";
    case FieldType::date:
    case FieldType::datetime:
      if (literal.is_text() && (begins_date(literal.as_text()) || parse_instant(literal))) {
        return std::nullopt;
      }
      return "expected a date in quotes such as \"2026-01-31\", got " +
             (literal.is_text() ? "another text" : to_text(literal.type()));
    case FieldType::choice:
      return no_option(field, literal);
    case FieldType::choices:
      if (literal.is_text() && literal.as_text().find(';') != std::string_view::npos) {
        return std::nullopt;
      }
      return no_option(field, literal);
  }
  return std::nullopt;
}

}  // namespace assembly_sync::mapping
