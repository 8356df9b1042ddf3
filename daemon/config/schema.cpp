#include "daemon/config/schema.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "connectors/registry.hpp"
#include "core/json.hpp"
#include "daemon/config/document.hpp"
#include "daemon/config/schema_values.hpp"
#include "mapping/functions.hpp"
#include "mapping/reader.hpp"

namespace assembly_sync::config {
namespace {

using core::EntityKind;
using core::Value;

constexpr std::array kKinds = {EntityKind::company, EntityKind::customer, EntityKind::contact,
                               EntityKind::usage};
constexpr const char* kSourceName = "^[a-z][a-z0-9_-]*$";
constexpr const char* kObjectName = "^[A-Za-z][A-Za-z0-9_-]*$";

Value any_of(Value::List ways) {
  return Value::object({{"anyOf", std::move(ways)}});
}

Value names(const std::vector<std::string>& words) {
  Value list = Value::list();
  for (const std::string& word : words) list.as_list().emplace_back(word);
  return list;
}

/// {"if": it has this word under `key`, "then": …}
Value when(const std::string& key, const std::string& word, Value then) {
  return Value::object(
      {{"if",
        Value::object({{"properties", Value::object({{key, Value::object({{"const", word}})}})},
                       {"required", names({key})}})},
       {"then", std::move(then)}});
}

std::vector<std::string> required_of(const std::vector<KeyRule>& rules) {
  std::vector<std::string> out;
  for (const KeyRule& rule : rules) {
    if (rule.required) out.emplace_back(rule.name());
  }
  return out;
}

Value members_of(const std::vector<KeyRule>& rules);

/// A block whose `scheme` says which of its variants' keys there are.
Value variant_schema(const KeyRule& rule) {
  const KeyRule scheme = scheme_rule(rule);
  const std::string key(scheme.name());
  Value ways = Value::list();
  for (const auto& [name, rules] : rule.variants) {
    std::vector<KeyRule> all = rules;
    all.insert(all.begin(), scheme);
    ways.as_list().push_back(when(key, name, closed_map(members_of(all), required_of(all))));
  }
  return Value::object({{"type", "object"},
                        {"required", names({key})},
                        {"properties", Value::object({{key, setting_schema(scheme)}})},
                        {"allOf", std::move(ways)}});
}

Value map_of_names(const char* name_pattern, Value each) {
  return Value::object({{"type", "object"},
                        {"propertyNames", Value::object({{"pattern", name_pattern}})},
                        {"additionalProperties", std::move(each)}});
}

Value inline_schema(const KeyRule& rule);

Value rule_schema(const KeyRule& rule) {
  return rule.shared_as.empty() ? inline_schema(rule) : schema_ref(rule.shared_as);
}

Value inline_schema(const KeyRule& rule) {
  Value out;
  switch (rule.kind) {
    case KeyKind::block:
      out = closed_map(members_of(rule.members), required_of(rule.members));
      break;
    case KeyKind::blocks:
      out = Value::object(
          {{"type", "array"},
           {"minItems", 1},
           {"items", closed_map(members_of(rule.members), required_of(rule.members))}});
      break;
    case KeyKind::variant:
      out = variant_schema(rule);
      break;
    case KeyKind::objects:
      out = map_of_names(kObjectName,
                         closed_map(members_of(rule.members), required_of(rule.members)));
      out.set("minProperties", 1);
      break;
    case KeyKind::section: {
      const std::vector<KeyRule> rules = rules_of(rule.path);
      out = closed_map(members_of(rules), required_of(rules));
      out.set("type", names({"object", "null"}));
      break;
    }
    default:
      return setting_schema(rule);
  }
  describe(out, rule);
  return out;
}

Value members_of(const std::vector<KeyRule>& rules) {
  Value out = Value::object();
  for (const KeyRule& rule : rules) out.set(std::string(rule.name()), rule_schema(rule));
  return out;
}

/// Adds what several source types share, each once.
void define_shared(const std::vector<KeyRule>& rules, Value& definitions) {
  for (const KeyRule& rule : rules) {
    define_shared(rule.members, definitions);
    for (const auto& [name, members] : rule.variants) define_shared(members, definitions);
    const bool is_new = definitions.find(rule.shared_as) == nullptr;
    if (!rule.shared_as.empty() && is_new) definitions.set(rule.shared_as, inline_schema(rule));
  }
}

/// A block that may also stand there with nothing in it.
Value or_nothing(Value schema) {
  const std::string type = schema.at("type").as_string();
  schema.set("type", names({type, "null"}));
  return schema;
}

Value source_schema() {
  std::vector<std::string> types;
  Value ways = Value::list();
  for (const connectors::ConnectorType& type : connectors::registry()) {
    types.push_back(type.type);
    std::vector<KeyRule> rules = rules_of(type);
    rules.erase(rules.begin());  // `type` itself
    Value members = members_of(rules);
    members.set("type", Value::object({{"const", type.type}}));
    ways.as_list().push_back(
        when("type", type.type, closed_map(std::move(members), required_of(rules))));
  }
  Value type = schema_of_words(types);
  type.set("description", "kind of CRM; it says which other keys there are");
  return Value::object({{"type", "object"},
                        {"required", names({"type"})},
                        {"properties", Value::object({{"type", std::move(type)}})},
                        {"allOf", std::move(ways)}});
}

Value table_schema() {
  return Value::object(
      {{"type", "object"},
       {"minProperties", 1},
       {"additionalProperties", schema_of_types({"string", "number", "boolean"})}});
}

Value expression_schema() {
  std::string functions;
  for (const mapping::Function& function : mapping::functions()) {
    functions += (functions.empty() ? "" : ", ") + std::string(function.name);
  }
  Value out = schema_of_types({"string", "number", "boolean"});
  out.set("pattern", "\\S");
  out.set("description",
          "an expression: a path into the record, a \"text\", a number, or functions chained with "
          "|. Functions: " +
              functions);
  return out;
}

/// Attributes whose literals are alike share a definition.
std::string entry_name(mapping::AttributeType type) {
  using T = mapping::AttributeType;
  switch (type) {
    case T::number:
    case T::integer:
      return "entry_number";
    case T::contract_type:
      return "entry_contract_type";
    case T::usage_type:
      return "entry_usage_type";
    case T::domain:
    case T::email:
      return "entry_domain";
    case T::texts:
    case T::tags:
    case T::keys:
      return "entry_list";
    case T::property:
      return "entry_property";
    default:
      return "entry_text";
  }
}

Value entry_ref(mapping::AttributeType type, const std::string& description) {
  Value out = Value::object({{"allOf", Value::list({schema_ref(entry_name(type))})}});
  if (!description.empty()) out.set("description", description);
  return out;
}

/// An entry of `fields`, `additional_properties` or `metadata`.
Value entry_schema(mapping::AttributeType type) {
  const std::vector<KeyRule> on_null = rules_of("mappings[]");
  const auto policy = std::find_if(on_null.begin(), on_null.end(),
                                   [](const KeyRule& rule) { return rule.name() == "on_null"; });
  return any_of({schema_ref("expression"),
                 closed_map(Value::object({{"expr", schema_ref("expression")},
                                           {"on_null", schema_of_words(policy->choices)}}),
                            {"expr"}),
                 closed_map(Value::object({{"value", literal_schema(type)}}), {"value"})});
}

std::string described(const mapping::Attribute& attribute) {
  using T = mapping::AttributeType;
  constexpr std::pair<T, const char*> kWords[] = {
      {T::text, "a text"},
      {T::label, "the name of a label"},
      {T::texts, "a text or a list of them"},
      {T::tags, "a text or a list of them"},
      {T::number, "a number"},
      {T::integer, "a whole number"},
      {T::contract_type, "Month or Year"},
      {T::date, "a date"},
      {T::domain, "a domain such as company.com"},
      {T::email, "an e-mail address"},
      {T::timestamp, "a date or time"},
      {T::usage_type, "Action, Metric or CumulativeMetric"},
  };
  for (const auto& [type, words] : kWords) {
    if (type == attribute.type) return words + std::string(attribute.required ? "; required" : "");
  }
  return "";
}

Value fields_schema(EntityKind kind) {
  Value members = Value::object();
  for (const std::string& name : mapping::attribute_names(kind)) {
    const mapping::Attribute& attribute = *mapping::find_attribute(kind, name);
    members.set(name, entry_ref(attribute.type, described(attribute)));
  }
  return closed_map(std::move(members));
}

/// {key: EXPRESSION} with exactly one of the rows' keys.
Value one_expression(const std::vector<KeyRule>& rules) {
  Value members = Value::object();
  for (const KeyRule& rule : rules) {
    Value expression = schema_ref("expression");
    members.set(std::string(rule.name()), std::move(expression));
  }
  Value out = closed_map(std::move(members));
  out.set("minProperties", 1);
  out.set("maxProperties", 1);
  return out;
}

Value mapping_key_schema(const KeyRule& rule, std::optional<EntityKind> kind) {
  const std::string name(rule.name());
  const Value anything = Value::object();
  Value out;
  if (name == "fields") {
    out = kind ? fields_schema(*kind) : schema_of_types({"object"});
  } else if (name == "additional_properties" || name == "metadata") {
    out =
        Value::object({{"type", "object"},
                       {"additionalProperties", entry_ref(mapping::AttributeType::property, "")}});
  } else if (name == "match") {
    out = one_expression(rules_of(rule.path));
  } else if (name == "company") {
    out = any_of({schema_ref("expression"), one_expression(rules_of(rule.path))});
  } else if (name == "about") {
    out = any_of({Value::object({{"const", "none"}}), one_expression(rules_of(rule.path))});
  } else if (name == "from") {
    out = Value::object({{"type", "string"}, {"pattern", "^[^.]+\\..+$"}});
  } else if (!rule.choices.empty()) {
    out = schema_of_words(rule.choices);
  } else if (name == "name") {
    out = schema_of_types({"string", "number", "boolean"});
  } else {
    out = schema_of_types({"string", "number", "boolean"});
    out.set("pattern", "\\S");
  }
  describe(out, rule);
  return out;
}

Value mapping_keys(std::optional<EntityKind> kind) {
  Value members = Value::object();
  for (const KeyRule& rule : rules_of("mappings[]")) {
    if (kind && !mapping::has_key(*kind, rule.name())) continue;
    members.set(std::string(rule.name()), mapping_key_schema(rule, kind));
  }
  return members;
}

/// What must stand in a mapping that makes entities of this kind.
Value needs_of(EntityKind kind) {
  std::vector<std::string> attributes;
  for (const mapping::Attribute* attribute : mapping::required_attributes(kind)) {
    attributes.emplace_back(attribute->name);
  }
  std::vector<std::string> keys = {"fields"};
  if (kind == EntityKind::contact) keys.emplace_back("company");
  if (kind == EntityKind::usage) keys.insert(keys.end(), {"about", "event_id"});
  return Value::object(
      {{"required", names(keys)},
       {"properties",
        Value::object({{"fields", Value::object({{"required", names(attributes)}})}})}});
}

Value mapping_of_kind(EntityKind kind) {
  Value out = closed_map(mapping_keys(kind));
  if (kind == EntityKind::usage) {
    out.set("allOf", Value::list({needs_of(kind)}));
    return out;
  }
  // A mapping that only enriches has `match`, and may leave out what was required before.
  out.set("oneOf", Value::list({Value::object({{"required", names({"key"})}}),
                                Value::object({{"required", names({"match"})}})}));
  out.set("if", Value::object({{"required", names({"key"})}}));
  out.set("then", needs_of(kind));
  return out;
}

Value mapping_schema() {
  Value ways = Value::list();
  std::vector<std::string> kinds;
  for (const EntityKind kind : kKinds) {
    kinds.emplace_back(core::to_text(kind));
    ways.as_list().push_back(when("to", kinds.back(), schema_ref("mapping_to_" + kinds.back())));
  }
  // While `to` is not written yet, every key may come.
  Value to = Value::object({{"properties", Value::object({{"to", schema_of_words(kinds)}})},
                            {"required", names({"to"})}});
  ways.as_list().push_back(
      Value::object({{"if", std::move(to)}, {"else", closed_map(mapping_keys(std::nullopt))}}));
  Value common = Value::object();
  for (const KeyRule& rule : rules_of("mappings[]")) {
    const bool all = std::all_of(kKinds.begin(), kKinds.end(), [&](EntityKind kind) {
      return mapping::has_key(kind, rule.name());
    });
    if (all && rule.name() != "fields") {
      common.set(std::string(rule.name()), mapping_key_schema(rule, std::nullopt));
    }
  }
  return Value::object({{"type", "object"},
                        {"required", names({"name", "from", "to"})},
                        {"properties", std::move(common)},
                        {"allOf", std::move(ways)}});
}

Value test_schema() {
  Value expect = Value::object();
  for (const KeyRule& rule : rules_of("tests[].expect")) {
    const bool map = rule.type.starts_with("map of");
    const bool flag = rule.type == "true";
    Value each = map ? schema_of_types({"object"}) : Value::object();
    if (flag) each.set("const", true);
    describe(each, rule);
    expect.set(std::string(rule.name()), std::move(each));
  }
  Value members = Value::object();
  for (const KeyRule& rule : rules_of("tests[]")) {
    const std::string name(rule.name());
    const bool map = name == "record" || name == "options";
    Value each = name == "mapping" ? schema_of_types({"string", "number", "boolean"})
                 : map             ? schema_of_types({"object"})
                                   : Value::object();
    if (name == "expect") {
      each = closed_map(expect);
      each.set("minProperties", 1);
    }
    describe(each, rule);
    members.set(name, std::move(each));
  }
  return closed_map(std::move(members), {"mapping", "record", "expect"});
}

Value list_of(const std::string& definition) {
  return or_nothing(Value::object({{"type", "array"}, {"items", schema_ref(definition)}}));
}

/// A block that is read elsewhere than by the rows of its keys.
Value block_schema(const std::string& name) {
  if (name == "sources") return or_nothing(map_of_names(kSourceName, schema_ref("source")));
  if (name == "tables") {
    return or_nothing(
        Value::object({{"type", "object"}, {"additionalProperties", schema_ref("table")}}));
  }
  if (name == "mappings") return list_of("mapping");
  if (name == "tests") return list_of("test");
  const Value pattern = Value::object({{"type", "string"}, {"minLength", 1}});
  return any_of({pattern, Value::object({{"type", "array"}, {"items", pattern}})});
}

Value top_level() {
  Value members = Value::object();
  for (const KeyRule& rule : rules_of("")) {
    const std::string name(rule.name());
    if (rule.kind != KeyKind::elsewhere) {
      members.set(name, rule_schema(rule));
      continue;
    }
    Value block = block_schema(name);
    describe(block, rule);
    members.set(name, std::move(block));
  }
  return members;
}

}  // namespace

std::string json_schema() {
  const Value members = top_level();
  Value included = Value::object();
  for (const std::string& name : included_blocks()) included.set(name, members.at(name));
  Value definitions = Value::object({{"expression", expression_schema()},
                                     {"source", source_schema()},
                                     {"table", table_schema()},
                                     {"mapping", mapping_schema()},
                                     {"test", test_schema()},
                                     {"included", closed_map(std::move(included))}});
  using T = mapping::AttributeType;
  for (const T type :
       {T::text, T::texts, T::number, T::contract_type, T::usage_type, T::domain, T::property}) {
    definitions.set(entry_name(type), entry_schema(type));
  }
  for (const connectors::ConnectorType& type : connectors::registry()) {
    define_shared(rules_of(type), definitions);
  }
  for (const EntityKind kind : kKinds) {
    definitions.set("mapping_to_" + std::string(core::to_text(kind)), mapping_of_kind(kind));
  }
  Value schema = closed_map(members, required_of(rules_of("")));
  schema.set("$schema", "http://json-schema.org/draft-07/schema#");
  schema.set("title", "Configuration of assembly-sync");
  schema.set("definitions", std::move(definitions));
  return core::dump_json_pretty(schema) + '\n';
}

}  // namespace assembly_sync::config
