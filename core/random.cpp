#include "core/random.hpp"

#include <mutex>
#include <random>

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

}  // namespace assembly_sync::core
