// The parts of the JSON Schema for single values: settings by their kind, attributes by their type.
// Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "core/value.hpp"
#include "daemon/config/keys.hpp"
#include "mapping/attributes.hpp"

namespace assembly_sync::config {

/// {"type": types…}
core::Value schema_of_types(std::vector<std::string> types);
/// {"$ref": "#/definitions/NAME"}
core::Value schema_ref(const std::string& name);
/// {"enum": words}
core::Value schema_of_words(const std::vector<std::string>& words);
/// A map of exactly these members.
core::Value closed_map(core::Value members, const std::vector<std::string>& required = {});

/// A single setting (all kinds but those that are maps), with its help and default.
core::Value setting_schema(const KeyRule& rule);

/// Adds what a person reads of the key.
void describe(core::Value& schema, const KeyRule& rule);

/// What may stand under `value:` for an attribute of the type.
core::Value literal_schema(mapping::AttributeType type);

}  // namespace assembly_sync::config
