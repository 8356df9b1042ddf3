// Any REST API with JSON as a source, by description alone: how to ask, where the records stand,
// how pages follow each other, what changed since a moment, what a webhook says. The description is
// the source's block of the configuration, or one that ships with the program (presets.hpp).
#pragma once

#include <memory>
#include <string>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::rest {

/// From SourceSettings::block by the table of language.hpp. Throws SettingProblems.
std::unique_ptr<Connector> make_rest(const SourceSettings& settings);
/// As make_rest(); `secret_key`: the key where an admin writes the secrets of its webhooks.
std::unique_ptr<Connector> make_described(const SourceSettings& settings,
                                          const std::string& secret_key);

}  // namespace assembly_sync::connectors::rest
