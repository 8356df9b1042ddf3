#include "core/random.hpp"

#include <array>
#include <mutex>
#include <random>
#include <stdexcept>

#include <sys/random.h>

namespace assembly_sync::core {
namespace {

class Mersenne final : public Random {
 public:
  explicit Mersenne(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() override {
    const std::lock_guard lock(mutex_);
    return engine_();
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace

std::unique_ptr<Random> make_system_random() {
  std::random_device device;
  return std::make_unique<Mersenne>((std::uint64_t{device()} << 32) | device());
}

std::unique_ptr<Random> make_seeded_random(std::uint64_t seed) {
  return std::make_unique<Mersenne>(seed);
}

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
