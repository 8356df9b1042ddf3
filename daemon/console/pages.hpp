// The pages: each shows one document, the same that /api gives. Pure; thread-safe.
#pragma once

#include "core/value.hpp"
#include "daemon/console/page.hpp"

namespace assembly_sync::console {

/// {status, samples}
Page overview_page(const core::Value& document, const Visit& visit);

/// See answers/tail.hpp
Page tail_page(const core::Value& document, const Visit& visit);

/// See answers/entities.hpp and answers/why.hpp
Page search_page(const core::Value& found, const Visit& visit);
Page entity_page(const core::Value& why, const Visit& visit);
/// See answers/why_not.hpp
Page record_page(const core::Value& why_not, const Visit& visit);

/// See answers/waiting.hpp.
Page waiting_page(const core::Value& list, const Visit& visit);
Page waiting_one_page(const core::Value& one, const Visit& visit);

/// See answers/quarantine.hpp
Page quarantine_page(const core::Value& list, const Visit& visit);
Page quarantined_one_page(const core::Value& one, const Visit& visit);

/// {runs}, see answers/runs.hpp
Page runs_page(const core::Value& document, const Visit& visit);
Page run_page(const core::Value& run, const Visit& visit);

/// {versions, in_force, rejected}, see answers/versions.hpp
Page versions_page(const core::Value& document, const Visit& visit);
Page version_page(const core::Value& version, const Visit& visit);

/// {form, tried, told}: what stands in the form, what came of it (daemon/workbench.hpp), and a
/// sentence for above it.
Page workbench_page(const core::Value& document, const Visit& visit);

}  // namespace assembly_sync::console
