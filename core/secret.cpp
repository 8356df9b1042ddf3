#include "core/secret.hpp"

namespace assembly_sync::core {

bool equal_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

bool Secret::same_as(const Secret& other) const {
  return equal_constant_time(text_, other.text_);
}

}  // namespace assembly_sync::core
