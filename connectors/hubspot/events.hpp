// HubSpot's webhook bodies: a JSON array of events -> one notice an event. Pure; thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/record.hpp"
#include "core/result.hpp"

namespace assembly_sync::connectors::hubspot {

/// One notice an event, in the order of the body. What is not ours, or can't be read, becomes a
/// notice with ignore_reason, so that one odd event never costs the batch it came in; only a body
/// that is no JSON array is an error.
core::Result<std::vector<core::Notice>> decode_events(const core::SourceName& source,
                                                      std::string_view body);

}  // namespace assembly_sync::connectors::hubspot
