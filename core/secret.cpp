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

bool operator==(const Secret& a, const Secret& b) {
  return equal_constant_time(a.text_, b.text_);
}

}  // namespace assembly_sync::core
