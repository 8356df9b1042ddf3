#include "daemon/sandbox/uuid.hpp"

#include <cstdio>

namespace assembly_sync::sandbox {

UuidMaker::UuidMaker(const core::Clock& clock, std::uint64_t seed)
    : clock_(clock), random_(core::make_seeded_random(seed)) {}

std::string UuidMaker::next() {
  const auto ms = static_cast<std::uint64_t>(core::to_ms(clock_.wall_now()));
  const std::uint64_t high = random_->next();
  const std::uint64_t low = random_->next();
  char text[40];
  std::snprintf(text, sizeof text, "%08llx-%04llx-7%03llx-%04llx-%012llx",
                static_cast<unsigned long long>((ms >> 16) & 0xffffffffU),
                static_cast<unsigned long long>(ms & 0xffffU),
                static_cast<unsigned long long>(high & 0xfffU),
                static_cast<unsigned long long>(0x8000U | ((high >> 16) & 0x3fffU)),
                static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return text;
}

}  // namespace assembly_sync::sandbox
