// Reads the `sources` block: a connector for each source, and the schemas that the mappings are
// checked against. Not thread-safe.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/yaml.hpp"
#include "daemon/config/block.hpp"
#include "daemon/config/config.hpp"

namespace assembly_sync::config {

struct Sources {
  std::vector<SourceConfig> sources;  // those without a problem, in file order
  std::set<std::string> broken;       // names of the others
  bool unreadable = false;            // `sources` itself is no map
};

/// `root` is the file's top level. `store_path` is where the state is, beside which connectors keep
/// tokens; empty = not known.
Sources read_sources(const core::YamlNode& root, const std::string& store_path,
                     BlockReader& reader);

/// What mappings may read. A broken source, about which there is a problem already, is given every
/// object that some mapping reads from it, so that one slip makes one problem.
mapping::Schemas schemas_of(const Sources& sources, const core::YamlNode& root);

}  // namespace assembly_sync::config
