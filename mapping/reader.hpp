// Reads one mapping of the `mappings` block. Not thread-safe: one reader per configuration.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/problem.hpp"
#include "core/yaml.hpp"
#include "mapping/mapping.hpp"
#include "mapping/rules.hpp"
#include "mapping/tables.hpp"

namespace assembly_sync::mapping {

/// Problems with their places; shared by the readers of mappings and of tests.
class ProblemSink {
 public:
  ProblemSink(const std::string& file, core::Problems& problems)
      : file_(file), problems_(problems) {}

  void add(const core::YamlNode& at, const std::string& key, std::string message) {
    add(core::YamlPlace{at.line, at.column}, key, std::move(message));
  }
  void add(core::YamlPlace at, const std::string& key, std::string message) {
    problems_.push_back({file_, at.line, at.column, key, std::move(message)});
  }
  std::size_t count() const { return problems_.size(); }

  /// Reports every key of the map that is not in `known`, with a did-you-mean; true when there was
  /// one.
  bool unknown_keys(const core::YamlNode& map, const std::string& path,
                    const std::vector<std::string>& known);

 private:
  const std::string& file_;
  core::Problems& problems_;
};

class MappingReader {
 public:
  MappingReader(const Schemas& schemas, const Tables& tables, ProblemSink& sink)
      : schemas_(schemas), tables_(tables), sink_(sink) {}

  /// `path` is the key to name in problems: mappings[0].
  Mapping read(const core::YamlNode& node, const std::string& path);

 private:
  const core::YamlNode* text_of(const core::YamlNode& node, const std::string& path,
                                const std::string& key, const std::string& expected);
  void name(const core::YamlNode& node, Mapping& out);
  void from(const core::YamlNode& node, Mapping& out);
  void target(const core::YamlNode& node, Mapping& out);
  void on_delete(const core::YamlNode& node, Mapping& out);
  void when(const core::YamlNode& node, Mapping& out);
  void key(const core::YamlNode& node, Mapping& out);
  void company(const core::YamlNode& node, Mapping& out);
  void fields(const core::YamlNode& node, Mapping& out);
  void additional_properties(const core::YamlNode& node, Mapping& out);

  const Attribute* attribute_of(const core::YamlNode& name, const std::string& field,
                                const Mapping& mapping);
  Rule entry(const std::string& field, const core::YamlNode& value, AttributeType type,
             const Attribute* attribute, const Mapping& mapping);
  Rule expression(const std::string& field, const core::YamlNode& value);
  void literal(Rule& rule, const core::YamlNode& block, const Mapping& mapping);
  void check_type(const Rule& rule, const Mapping& mapping);
  void check_identifier(const Rule& rule);
  std::string key_path(const std::string& field) const { return path_ + '.' + field; }

  const Schemas& schemas_;
  const Tables& tables_;
  ProblemSink& sink_;
  std::set<std::string> names_;
  std::string path_;
  const std::optional<std::set<std::string>>* roots_ = nullptr;
  bool known_target_ = false;
};

}  // namespace assembly_sync::mapping
