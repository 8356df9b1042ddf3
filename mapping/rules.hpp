// The compiled rules of one configuration: what the reader makes and Rules::apply runs. Immutable
// once read; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/intent.hpp"
#include "core/yaml.hpp"
#include "mapping/attributes.hpp"
#include "mapping/expression.hpp"
#include "mapping/mapping.hpp"
#include "mapping/tables.hpp"

namespace assembly_sync::mapping {

/// One entry of a mapping: an expression, or a literal that was converted when it was read.
struct Rule {
  std::string name;   // the attribute or property; empty for key, when, company
  std::string field;  // as problems and refusals call it: "fields.domain"
  AttributeType type = AttributeType::property;
  const Attribute* attribute = nullptr;  // `fields` only
  Expression expression;                 // not usable: `literal` counts
  core::Value literal;
  core::YamlNode place;  // of the expression in the file
};

struct Mapping {
  std::string name;
  core::SourceName source;
  core::ObjectName object;
  core::EntityKind kind = core::EntityKind::company;
  core::OnDelete on_delete = core::OnDelete::ignore;
  std::optional<Rule> when;
  Rule key;
  std::optional<Rule> company;
  bool company_by_domain = false;
  std::vector<Rule> fields;
  std::vector<Rule> additional_properties;
};

struct Rules::Impl {
  Tables tables;
  std::vector<Mapping> mappings;
};

}  // namespace assembly_sync::mapping
