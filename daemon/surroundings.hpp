// Surroundings: what the whole program is given from outside, so that tests can give something
// else.
#pragma once

#include "core/clock.hpp"
#include "core/random.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::config {
class SecretProvider;
}

namespace assembly_sync::app {

struct Surroundings {
  core::Clock& clock;
  core::Random& random;
  telemetry::Log& log;
  /// What configurations that are tried out resolve their references with; nullptr: none can be.
  const config::SecretProvider* secrets = nullptr;
};

}  // namespace assembly_sync::app
