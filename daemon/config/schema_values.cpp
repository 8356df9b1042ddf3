#include "daemon/config/schema_values.hpp"

#include <cmath>
#include <utility>

#include "core/yaml.hpp"

namespace assembly_sync::config {
namespace {

using core::Value;

Value texts(const std::vector<std::string>& words) {
  Value list = Value::list();
  for (const std::string& word : words) list.as_list().emplace_back(word);
  return list;
}

/// What YAML takes for a number or true/false is a text to a setting that wants one.
Value scalar() {
  Value out = schema_of_types({"string", "number", "boolean"});
  out.set("minLength", 1);
  return out;
}

Value pattern(const std::string& form) {
  return Value::object({{"type", "string"}, {"pattern", form}});
}

/// `form`, or a text with a reference somewhere in it.
Value pattern_or_reference(const std::string& form) {
  return pattern("^(?:" + form + ")$|\\$\\{(?:env|file|credential):");
}

Value secret() {
  return pattern("^\\$\\{(?:env:[A-Za-z0-9_]+|file:[^}]+|credential:[A-Za-z0-9_.@-]+)\\}$");
}

Value list_of(Value items) {
  return Value::object({{"type", "array"}, {"minItems", 1}, {"items", std::move(items)}});
}

Value bound(double limit) {
  return std::floor(limit) == limit ? Value(static_cast<std::int64_t>(limit)) : Value(limit);
}

Value number(const KeyRule& rule) {
  if (rule.least == rule.most) return Value::object({{"const", bound(rule.least)}});
  return Value::object({{"type", rule.kind == KeyKind::number ? "number" : "integer"},
                        {"minimum", bound(rule.least)},
                        {"maximum", bound(rule.most)}});
}

Value one_or_several(Value one) {
  Value several = list_of(one);
  return Value::object({{"anyOf", Value::list({std::move(one), std::move(several)})}});
}

Value map_of(Value each) {
  return Value::object(
      {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", std::move(each)}});
}

Value match() {
  return map_of(one_or_several(scalar()));
}

Value value_of(const KeyRule& rule) {
  switch (rule.kind) {
    case KeyKind::url:
      return pattern_or_reference("[hH][tT][tT][pP][sS]?://[^\\s?#@]+");
    case KeyKind::address:
      return pattern_or_reference(".+:[0-9]{1,5}");
    case KeyKind::color:
      return pattern_or_reference("#[0-9a-fA-F]{6}");
    case KeyKind::secret:
      return secret();
    case KeyKind::secrets:
      return list_of(secret());
    case KeyKind::texts: {
      const Value text = schema_of_types({"string", "number", "boolean"});  // also an empty one
      return Value::object({{"anyOf", Value::list({text, list_of(text)})}});
    }
    case KeyKind::integer:
    case KeyKind::number:
      return number(rule);
    case KeyKind::boolean:
      return schema_of_types({"boolean"});
    case KeyKind::choice:
      return Value::object(
          {{"anyOf", Value::list({schema_of_words(rule.choices), pattern("\\$\\{")})}});
    case KeyKind::match:
      return match();
    case KeyKind::fields:
      return one_or_several(scalar());
    case KeyKind::integers:
      return one_or_several(number(rule));
    case KeyKind::text_map:
      return map_of(schema_of_types({"string", "number", "boolean"}));
    case KeyKind::secret_map:
      return map_of(secret());
    case KeyKind::json:
      return Value::object();
    default:
      return scalar();
  }
}

}  // namespace

Value schema_of_types(std::vector<std::string> types) {
  return Value::object({{"type", types.size() == 1 ? Value(types.front()) : texts(types)}});
}

Value schema_ref(const std::string& name) {
  return Value::object({{"$ref", "#/definitions/" + name}});
}

Value schema_of_words(const std::vector<std::string>& words) {
  return Value::object({{"enum", texts(words)}});
}

Value closed_map(Value members, const std::vector<std::string>& required) {
  Value out = Value::object(
      {{"type", "object"}, {"properties", std::move(members)}, {"additionalProperties", false}});
  if (!required.empty()) out.set("required", texts(required));
  return out;
}

void describe(Value& schema, const KeyRule& rule) {
  std::string text = rule.help;
  const std::string type = type_in_words(rule);
  text += (text.empty() ? "" : " (") + type + (text.empty() ? "" : ")");
  schema.set("description", text);
  if (rule.default_value.empty()) return;
  core::YamlNode written;
  written.kind = core::YamlNode::Kind::scalar;
  written.scalar = rule.default_value;
  schema.set("default", core::to_value(written));
}

Value setting_schema(const KeyRule& rule) {
  Value out = value_of(rule);
  describe(out, rule);
  return out;
}

Value literal_schema(mapping::AttributeType type) {
  using T = mapping::AttributeType;
  switch (type) {
    case T::number:
    case T::integer:
      return schema_of_types({"number"});
    case T::contract_type:
      return schema_of_words({"Month", "Year"});
    case T::usage_type:
      return schema_of_words({"Action", "Metric", "CumulativeMetric"});
    case T::domain:
    case T::email:
      return schema_of_types({"string"});
    case T::text:
    case T::label:
    case T::date:
    case T::timestamp:
      return schema_of_types({"string", "number"});
    case T::texts:
    case T::tags:
    case T::keys:
      return schema_of_types({"string", "number", "array"});
    case T::property:
      break;
  }
  return schema_of_types({"string", "number", "boolean", "array"});
}

}  // namespace assembly_sync::config
