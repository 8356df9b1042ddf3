// The part of `check` that asks Assembly and the sources: whether each credential works, and
// whether the rules fit what the sources say their records hold. Reads only.
#pragma once

#include "core/http.hpp"
#include "core/problem.hpp"
#include "daemon/config/config.hpp"

namespace assembly_sync::cli {

struct OnlineFindings {
  core::Problems problems;
  core::Problems warnings;  // nothing that keeps the program from its work
};

/// Sorted by place, those without one first. What can't be reached is a problem as well.
/// `transport`: by which Assembly and the CRMs are asked; nullptr = one of its own.
OnlineFindings check_online(const config::Config& config, core::HttpTransport* transport = nullptr);

}  // namespace assembly_sync::cli
