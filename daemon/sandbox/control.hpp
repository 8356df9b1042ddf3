// The JSON of the sandbox's control endpoints (`/_sandbox/…`), for tests and people outside its
// process. Pure.
#pragma once

#include <vector>

#include "core/result.hpp"
#include "core/value.hpp"
#include "daemon/sandbox/sandbox.hpp"

namespace assembly_sync::sandbox {

/// {"kind":"status","status":500,"retry_after":"1","delay_ms":100,"method":"PUT",
///  "path_contains":"/accounts","count":1}; all but `kind` may be left out.
core::Result<Fault> fault_from(const core::Value& body);

/// {"requests":…,"refused":…,"writes":…,"busiest_second":…}
core::Value to_value(const Sandbox::Stats& stats);
/// {"entries":[{number,arrived_us,method,target,body,status,processed}]}
core::Value to_value(const std::vector<JournalEntry>& entries);

}  // namespace assembly_sync::sandbox
