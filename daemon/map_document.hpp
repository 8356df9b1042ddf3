// What the mappings make of one record, as a document: for the verb `map`, and for the console's
// workbench. A part of the composition root. Pure; thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/catalogue.hpp"
#include "core/result.hpp"
#include "core/value.hpp"
#include "daemon/config/config.hpp"
#include "mapping/mapping.hpp"

namespace assembly_sync::app {

/// An object of a configured source.
struct MapTarget {
  const config::SourceConfig* source = nullptr;
  core::ObjectName object;

  /// `hubspot.companies`
  std::string name() const;
};

/// All of them, as SOURCE.OBJECT, in the order of the configuration.
std::vector<std::string> map_targets(const config::Config& config);
/// By its name; the error has a did-you-mean. Points into `config`.
core::Result<MapTarget> find_map_target(const config::Config& config, const std::string& name);

/// What label() goes by, and where it comes from.
struct MapLabels {
  bool needed = false;
  std::shared_ptr<const core::Catalogue> catalogue;
  std::string from;     // store, source, nowhere
  std::string read_at;  // empty when nowhere
  std::string reason;   // when nowhere
};

/// Why there is no intent; empty when there is one.
std::string reason_of(const mapping::Result& result);

/// {intents: [core::to_value(intent)], reason, labels{from, read_at, reason}, trace: [{mapping,
/// field, expression, result, error}]}; members without a content are left out.
core::Value map_document(const std::vector<mapping::Result>& results, const MapLabels& labels,
                         const std::vector<mapping::TraceStep>* trace);

}  // namespace assembly_sync::app
