// The compiled rules of one configuration: what the reader makes and Rules::apply runs. Immutable
// once read; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
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

/// What becomes of a field or property whose expression gives null.
enum class OnNull : std::uint8_t {
  skip,   // left out: Assembly keeps what it has, and nobody looks after it
  clear,  // emptied or removed in Assembly
  keep,   // its last value stays wanted
  fail    // the record is refused
};

/// One entry of a mapping: an expression, or a literal that was converted when it was read.
struct Rule {
  std::string name;   // the attribute or property; empty for key, when, company and the like
  std::string field;  // as problems and refusals call it: "fields.domain"
  AttributeType type = AttributeType::property;
  const Attribute* attribute = nullptr;  // `fields` only
  bool required = false;                 // null refuses the record, whatever on_null says
  OnNull on_null = OnNull::skip;
  Expression expression;  // not usable: `literal` counts
  core::Value literal;
  core::YamlNode place;  // of the expression in the file
};

struct Mapping {
  std::string name;
  core::SourceName source;
  core::ObjectName object;
  int position = 0;  // in the configuration, from 0
  std::string path;  // as problems call it: mappings[0]
  core::EntityKind kind = core::EntityKind::company;
  core::Match match = core::Match::own_key;
  core::OnDelete on_delete = core::OnDelete::ignore;
  OnNull on_null = OnNull::skip;  // of the entries that don't say it themselves
  bool exact_tags = false;
  bool mirror_properties = false;
  std::optional<Rule> when;
  Rule key;  // or what `match` gives; of a usage log its event id
  std::optional<Rule> more_keys;
  std::optional<Rule> company;
  bool company_by_domain = false;
  std::vector<Rule> fields;
  std::vector<Rule> additional_properties;

  // kind usage
  core::EntityKind about_kind = core::EntityKind::company;
  std::optional<Rule> about;  // nothing: about none
  std::vector<Rule> metadata;
  bool update_on_change = false;

  std::set<std::string> labelled;  // properties whose label() some rule asks for

  /// Calls visit(rule) for each rule in it.
  template <class Visit>
  void for_each_rule(Visit&& visit) const {
    for (const auto* rule : {&when, &more_keys, &company, &about}) {
      if (*rule) visit(**rule);
    }
    visit(key);
    for (const auto* entries : {&fields, &additional_properties, &metadata}) {
      for (const Rule& rule : *entries) visit(rule);
    }
  }
};

struct Rules::Impl {
  Tables tables;
  std::vector<Mapping> mappings;
};

}  // namespace assembly_sync::mapping
