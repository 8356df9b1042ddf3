// All connectors there are, in one visible table: `type` in the configuration -> how to make one
// and which keys its block may have. A new connector is a row in registry.cpp.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "core/secret.hpp"

namespace assembly_sync::connectors {

/// One key of a source's block.
struct Setting {
  enum class Kind : std::uint8_t { text, url, secret, integer, path, objects };
  std::string name;
  Kind kind = Kind::text;
  bool required = false;
  std::string default_value;  // as text; empty = none
  std::int64_t least = 0;     // integer
  std::int64_t most = 0;      // integer
};

/// An entry of `objects: {NAME: {id: FIELD}}`.
struct ObjectSettings {
  core::ObjectName name;
  std::string id;  // the field that identifies a row
};

/// A source's block after reading: every setting has a value or is absent.
struct SourceSettings {
  core::SourceName name;
  std::map<std::string, std::string> texts;  // kinds text, url, integer, path (made absolute)
  std::map<std::string, core::Secret> secrets;
  std::vector<ObjectSettings> objects;
};

struct ConnectorType {
  std::string type;  // "hubspot"
  std::vector<Setting> settings;
  std::unique_ptr<Connector> (*make)(const SourceSettings& settings);
};

const std::vector<ConnectorType>& registry();
/// nullptr when there is no such type.
const ConnectorType* find_type(const std::string& type);

}  // namespace assembly_sync::connectors
