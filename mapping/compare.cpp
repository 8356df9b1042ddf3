#include "mapping/compare.hpp"

#include "mapping/numbers.hpp"

namespace assembly_sync::mapping {
namespace {

/// Longer than any number that a CRM writes; reading a text again and again must stay cheap.
constexpr std::size_t kNumberBytes = 64;

std::optional<Datum> as_number(const Datum& value) {
  if (value.is_number()) return value;
  if (!value.is_text() || value.as_text().size() > kNumberBytes) return std::nullopt;
  return parse_number(value.as_text());
}

bool names(std::string_view text, bool value) {
  return text == (value ? "true" : "false");
}

}  // namespace

bool equal_values(const Datum& a, const Datum& b) {
  if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
  if (a.is_text() && b.is_text()) return a.as_text() == b.as_text();
  if (a.is_bool() && b.is_bool()) return a.as_bool() == b.as_bool();
  if (a.is_text() && b.is_bool()) return names(a.as_text(), b.as_bool());
  if (a.is_bool() && b.is_text()) return names(b.as_text(), a.as_bool());
  if (a.is_bool() || b.is_bool()) return false;
  const auto left = as_number(a);
  const auto right = as_number(b);
  return left && right && compare_numbers(*left, *right) == 0;
}

std::optional<int> order_of(const Datum& a, const Datum& b) {
  if (a.is_text() && b.is_text()) return a.as_text().compare(b.as_text());
  const auto left = as_number(a);
  const auto right = as_number(b);
  if (!left || !right) return std::nullopt;
  return compare_numbers(*left, *right);
}

}  // namespace assembly_sync::mapping
