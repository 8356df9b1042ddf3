// EntryReader: the entries of a mapping: `fields`, `additional_properties` and `metadata`, each an
// expression, {expr: …, on_null: …} or {value: …}. Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mapping/scope.hpp"

namespace assembly_sync::mapping {

class EntryReader {
 public:
  /// What comes before the entries (kind, match, on_null) must be in `mapping` already.
  EntryReader(const Scope& scope, Mapping& mapping) : scope_(scope), mapping_(mapping) {}

  /// The mapping's own on_null: what becomes of entries that don't say it themselves. First.
  void default_on_null(const core::YamlNode& mapping);
  void fields(const core::YamlNode& mapping);
  void additional_properties(const core::YamlNode& found);
  void metadata(const core::YamlNode& found);

 private:
  const Attribute* attribute_of(const core::YamlNode& name, const std::string& field);
  std::string why_no_attribute(const std::string& name) const;
  void check_required(const core::YamlNode& node, const core::YamlNode* found);
  void check_value(const core::YamlNode& found);
  std::vector<Rule> named(const core::YamlNode& found, const std::string& part,
                          std::string_view what);
  Rule entry(const std::string& field, const core::YamlNode& value, AttributeType type,
             const Attribute* attribute);
  void form(Rule& rule, const core::YamlNode& block);
  void literal(Rule& rule, const core::YamlNode& block);
  void policy(Rule& rule, const core::YamlNode* found);
  OnNull on_null(const core::YamlNode* found, const std::string& field, OnNull otherwise);
  void check_form(const Rule& rule);

  const Scope& scope_;
  Mapping& mapping_;
};

}  // namespace assembly_sync::mapping
