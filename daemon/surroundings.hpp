// Surroundings: what the whole program is given from outside, so that tests can give something
// else.
#pragma once

#include "core/clock.hpp"
#include "core/random.hpp"
#include "daemon/telemetry/log.hpp"

namespace assembly_sync::app {

struct Surroundings {
  core::Clock& clock;
  core::Random& random;
  telemetry::Log& log;
};

}  // namespace assembly_sync::app
