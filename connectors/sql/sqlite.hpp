// An SQLite file as a source. It is opened read-only for each call, so that it may be replaced at
// any time.
#pragma once

#include <memory>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::sql {

/// The keys of its block.
std::vector<Setting> sqlite_settings();
/// Throws SettingProblems, with texts for the admin.
std::unique_ptr<Connector> make_sqlite(const SourceSettings& settings);

}  // namespace assembly_sync::connectors::sql
