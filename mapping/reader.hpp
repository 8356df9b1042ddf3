// Reads one mapping of the `mappings` block. Not thread-safe: one reader per configuration.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "core/yaml.hpp"
#include "mapping/mapping.hpp"
#include "mapping/problem_sink.hpp"
#include "mapping/rules.hpp"
#include "mapping/scope.hpp"

namespace assembly_sync::mapping {

/// Every key that a mapping may have.
const std::vector<std::string>& mapping_keys();

/// Mappings to this kind may have the key; true for any that is not of certain kinds only.
bool has_key(core::EntityKind kind, std::string_view key);

class MappingReader {
 public:
  MappingReader(const Schemas& schemas, const Tables& tables, ProblemSink& sink)
      : schemas_(schemas), scope_{sink, tables, "", nullptr, nullptr, false} {}

  /// `position`: in the list of mappings, from 0; `path`: how problems call it.
  Mapping read(const core::YamlNode& node, int position, const std::string& path);

 private:
  const core::YamlNode* text_of(const core::YamlNode& node, const std::string& key,
                                const std::string& expected);
  void name(const core::YamlNode& node, Mapping& out);
  void from(const core::YamlNode& node, Mapping& out);
  void target(const core::YamlNode& node, Mapping& out);
  bool fits_target(const core::YamlNode& found, std::string_view key, core::EntityKind kind);
  const core::YamlNode* part(const core::YamlNode& node, std::string_view key, const Mapping& out);
  void when(const core::YamlNode& node, Mapping& out);
  void identity(const core::YamlNode& node, Mapping& out);
  void match(const core::YamlNode& found, Mapping& out);
  void more_keys(const core::YamlNode& node, Mapping& out);
  void company(const core::YamlNode& node, Mapping& out);
  void about(const core::YamlNode& node, Mapping& out);
  void entries(const core::YamlNode& node, Mapping& out);
  void modes(const core::YamlNode& node, Mapping& out);
  void on_delete(const core::YamlNode& node, Mapping& out);

  const Schemas& schemas_;
  Scope scope_;
  std::set<std::string> names_;
};

}  // namespace assembly_sync::mapping
