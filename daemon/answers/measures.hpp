// Measures: the status as metrics, for what outlives a restart or is a state of now. Pure.
#pragma once

#include <vector>

#include "core/metric.hpp"
#include "core/value.hpp"

namespace assembly_sync::answers {

/// `status`: the document of status().
std::vector<core::MetricFamily> measures(const core::Value& status);

}  // namespace assembly_sync::answers
