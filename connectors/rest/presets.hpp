// The CRMs that ship as descriptions (connectors/presets/*.yaml), each a type of its own. A
// description is a source block of type rest and nothing else. Of it an admin writes what differs
// from company to company: every name under its `secrets` is a key of the type, every name under
// `config` one with that default, `base_url` one that is required where the file has an example's,
// `token_url` that of OAuth; `webhook_secrets` are those of its `verify`, and `objects` adds others
// or replaces some. Constant; thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "connectors/registry.hpp"

namespace assembly_sync::connectors::rest {

struct PresetFile {
  std::string_view name;  // pipedrive
  std::string_view text;
};

/// Built into the program; by name.
const std::vector<PresetFile>& preset_files();

struct PresetType {
  ConnectorType type;  // without the settings of polling
  std::int64_t poll_seconds = 300;
};

/// One a file. Throws std::invalid_argument about a file that is no description.
std::vector<PresetType> preset_types();

}  // namespace assembly_sync::connectors::rest
