// PostgreSQL as a source: the server itself makes the JSON of a row, so that numbers, times, JSON
// and lists arrive exactly as they are.
#pragma once

#include <memory>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::sql {

/// The keys of its block.
std::vector<Setting> postgresql_settings();
/// Throws SettingProblems, with texts for the admin.
std::unique_ptr<Connector> make_postgresql(const SourceSettings& settings);

}  // namespace assembly_sync::connectors::sql
