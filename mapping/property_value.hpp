// The value of an additional property or of a usage log's metadata: any JSON, passed on as it is
// (B4, Q27), within bounds. Thread-safe.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "core/value.hpp"
#include "mapping/datum.hpp"

namespace assembly_sync::mapping {

/// Numbers stay exact; nulls directly in a list are dropped, deeper ones stay. The error names a
/// bound (limits::kPropertyDepth, kPropertyItems, kPropertyBytes, kProducedTextBytes) and never
/// shows the value (I11).
tl::expected<core::Value, std::string> property_value(const Datum& value);

}  // namespace assembly_sync::mapping
