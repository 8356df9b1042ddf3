// CSV files as a source: each object is the rows of a file, or of the files that a pattern names,
// with the names of the columns in the first row. A record's values are texts, or null where the
// file holds one of the configured `nulls`.
#pragma once

#include <memory>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::csv {

/// The keys of its block.
std::vector<Setting> settings();

/// Throws SettingProblems, with texts for the admin.
std::unique_ptr<Connector> make_csv(const SourceSettings& settings);

}  // namespace assembly_sync::connectors::csv
