// Files of JSON objects, one a line (NDJSON, JSON Lines), as a source. A record is its line, kept
// as it was written: numbers exact, nothing re-written.
#pragma once

#include <memory>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::ndjson {

/// The keys of its block.
std::vector<Setting> settings();

/// Throws SettingProblems, with texts for the admin.
std::unique_ptr<Connector> make_ndjson(const SourceSettings& settings);

}  // namespace assembly_sync::connectors::ndjson
