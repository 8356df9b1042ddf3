#include "core/unguessable.hpp"

#include <array>
#include <stdexcept>

#include <sys/random.h>

namespace assembly_sync::core {

std::string unguessable_text() {
  std::array<unsigned char, 32> bytes{};
  // Up to 256 bytes come whole (getrandom(2)).
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("the system gives no random bytes");
  }
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace assembly_sync::core
