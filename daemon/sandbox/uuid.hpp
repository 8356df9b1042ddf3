// Ids in the form Assembly's documentation shows (UUID version 7), from the injected clock and a
// seeded generator. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/clock.hpp"
#include "core/random.hpp"

namespace assembly_sync::sandbox {

class UuidMaker {
 public:
  UuidMaker(const core::Clock& clock, std::uint64_t seed);
  /// `01945162-52fc-739b-98de-e2ac9f2eec49`
  std::string next();

 private:
  const core::Clock& clock_;
  std::unique_ptr<core::Random> random_;
};

}  // namespace assembly_sync::sandbox
