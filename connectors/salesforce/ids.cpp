#include "connectors/salesforce/ids.hpp"

#include <algorithm>

namespace assembly_sync::connectors::salesforce {
namespace {

constexpr std::size_t kShort = 15;
constexpr std::size_t kLong = 18;
constexpr std::size_t kGroup = 5;
constexpr std::string_view kCheckDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

std::optional<std::string> to_18(std::string_view id) {
  if (!std::all_of(id.begin(), id.end(), is_alphanumeric)) return std::nullopt;
  if (id.size() == kLong) return std::string(id);
  if (id.size() != kShort) return std::nullopt;
  std::string text(id);
  for (std::size_t group = 0; group < kShort; group += kGroup) {
    std::size_t capitals = 0;  // bit i: character i of the group is a capital letter
    for (std::size_t i = 0; i < kGroup; ++i) {
      const char c = id[group + i];
      if (c >= 'A' && c <= 'Z') capitals |= std::size_t{1} << i;
    }
    text += kCheckDigits[capitals];
  }
  return text;
}

}  // namespace assembly_sync::connectors::salesforce
