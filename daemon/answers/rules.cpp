#include "daemon/answers/rules.hpp"

#include <algorithm>
#include <array>

#include "core/json.hpp"

namespace assembly_sync::answers {
namespace {

using core::Value;
using core::YamlNode;

const YamlNode* member(const YamlNode* map, std::string_view name) {
  return map == nullptr ? nullptr : map->find(name);
}

/// The mapping of that name among those of one file.
const YamlNode* mapping_in(const YamlNode& root, std::string_view name) {
  const YamlNode* list = root.find("mappings");
  if (list == nullptr || !list->is_list()) return nullptr;
  for (const YamlNode& mapping : list->items) {
    const YamlNode* its_name = mapping.find("name");
    if (its_name != nullptr && its_name->scalar == name) return &mapping;
  }
  return nullptr;
}

const YamlNode* rule_in(const YamlNode& mapping, std::string_view attribute) {
  constexpr std::array<std::string_view, 2> kGroups = {"additional_properties", "metadata"};
  for (const std::string_view group : kGroups) {
    if (attribute.starts_with(group) && attribute.substr(group.size()).starts_with('.')) {
      return member(mapping.find(group), attribute.substr(group.size() + 1));
    }
  }
  if (const YamlNode* field = member(mapping.find("fields"), attribute)) return field;
  return mapping.find(attribute);  // when, key, company, more_keys
}

/// The part of a rule that says what the value is.
const YamlNode& said_by(const YamlNode& rule) {
  for (const char* name : {"expr", "value", "domain"}) {
    if (const YamlNode* inner = rule.find(name)) return *inner;
  }
  return rule;
}

}  // namespace

Value RuleBook::find(store::RowId version, std::string_view mapping, std::string_view attribute) {
  for (const YamlNode& root : files_of(version)) {
    const YamlNode* found = mapping_in(root, mapping);
    if (found == nullptr) continue;
    const YamlNode* rule = rule_in(*found, attribute);
    if (rule == nullptr) return {};
    const YamlNode& said = said_by(*rule);
    return Value::object(
        {{"file", said.file_or("")},
         {"line", said.line},
         {"text", said.is_scalar() ? said.scalar : core::dump_json(core::to_value(said))}});
  }
  return {};
}

const std::vector<YamlNode>& RuleBook::files_of(store::RowId version) {
  if (const auto known = files_.find(version); known != files_.end()) return known->second;
  std::vector<YamlNode>& files = files_[version];
  const auto kept = view_.config_files(version);
  const auto list = kept ? core::parse_json(*kept) : core::Result<Value>(Value());
  if (!list || !list->is_list()) return files;
  for (const Value& file : list->as_list()) {
    core::Problems ignored;  // it was in force, so it was checked
    files.push_back(core::read_yaml(file.text_or("text"), file.text_or("path"), ignored));
  }
  return files;
}

}  // namespace assembly_sync::answers
