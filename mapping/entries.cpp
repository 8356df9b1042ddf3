#include "mapping/entries.hpp"

#include <algorithm>
#include <utility>

#include "mapping/hints.hpp"
#include "mapping/numbers.hpp"
#include "mapping/reader.hpp"
#include "mapping/text.hpp"

namespace assembly_sync::mapping {
namespace {

using core::YamlNode;

/// Members of Assembly's bodies that something else in the configuration sets.
constexpr std::pair<std::string_view, std::string_view> kSetElsewhere[] = {
    {"source_specific_ids", "which `key` and `more_keys` set"},
    {"removed_source_specific_ids", "which the program works out by itself"},
    {"removed_tags", "which the program works out by itself (tags are a whole list)"},
    {"additional_properties", "which stands beside `fields`"},
    {"company_id", "which `company` sets"},
    {"company_domain", "which `company` sets"},
    {"company_source_specific_id", "which `company` sets"},
    {"metadata", "which stands beside `fields`"}};

/// The Datum of a literal in YAML; `items` holds a list's elements, `value` its texts.
Datum literal_datum(const core::Value& value, std::vector<Datum>& items) {
  if (!value.is_list()) return Datum(value);
  for (const core::Value& item : value.as_list()) items.emplace_back(Datum(item));
  return Datum::Items{items.data(), items.size()};
}

/// The text that an entry surely gives; empty when that depends on the record.
std::string_view fixed_text(const Rule& rule) {
  if (rule.expression.usable()) {
    const Node& root = rule.expression.root();
    const bool text = root.kind == Node::Kind::literal && root.constant.is_text();
    return text ? root.constant.as_text() : std::string_view();
  }
  return rule.literal.is_string() ? std::string_view(rule.literal.as_string()) : std::string_view();
}

}  // namespace

void EntryReader::default_on_null(const YamlNode& node) {
  mapping_.on_null = on_null(node.find("on_null"), "on_null", OnNull::skip);
}

OnNull EntryReader::on_null(const YamlNode* found, const std::string& field, OnNull otherwise) {
  const OnNull result = scope_.word<OnNull>(found, field,
                                            {{"skip", OnNull::skip},
                                             {"clear", OnNull::clear},
                                             {"keep", OnNull::keep},
                                             {"fail", OnNull::fail}},
                                            otherwise);
  const bool beyond = result == OnNull::clear || result == OnNull::keep;
  if (found == nullptr || !beyond || mapping_.kind != core::EntityKind::usage) return result;
  scope_.report(*found, field,
                "expected skip or fail in a mapping to usage, where nothing is cleared or kept, "
                "got " +
                    found->scalar);
  return otherwise;
}

std::string EntryReader::why_no_attribute(const std::string& name) const {
  for (const auto& [member, why] : kSetElsewhere) {
    if (member == name) return "expected an attribute, got " + name + ", " + std::string(why);
  }
  const bool usage = mapping_.kind == core::EntityKind::usage;
  if (name == "type" && !usage) return "expected an attribute, got type, which `to` sets";
  const std::string of = " of a " + std::string(noun(mapping_.kind));
  if (const std::string owners = owners_of(name); !owners.empty()) {
    return "expected an attribute" + of + ", got " + name + ", which only a " + owners + " has";
  }
  const std::vector<std::string> known = attribute_names(mapping_.kind);
  const std::string unknown = "expected an attribute" + of + ", got an unknown one";
  if (const auto hint = attribute_hint(name); !hint.empty() && !usage) {
    return unknown + std::string(hint);
  }
  return unknown + did_you_mean(name, known) + " (one of " + listed(known) +
         "; other names go under " + (usage ? "metadata" : "additional_properties") + ')';
}

const Attribute* EntryReader::attribute_of(const YamlNode& name, const std::string& field) {
  if (!scope_.known_target) return nullptr;
  const Attribute* found = find_attribute(mapping_.kind, name.scalar);
  if (found == nullptr) scope_.report(name, field, why_no_attribute(name.scalar));
  return found;
}

/// A mapping that only enriches may leave out what was required when its entity was made.
void EntryReader::check_required(const YamlNode& node, const YamlNode* found) {
  if (!scope_.known_target || mapping_.match != core::Match::own_key) return;
  if (found == nullptr && core::misspells(node, mapping_keys(), "fields")) return;
  for (const Attribute* required : required_attributes(mapping_.kind)) {
    const std::string name(required->name);
    if (found != nullptr && found->find(name) != nullptr) continue;
    scope_.report(found == nullptr ? node : *found, "fields." + name,
                  "expected an expression, since " + missing(*required, mapping_.kind));
  }
}

void EntryReader::check_value(const YamlNode& found) {
  const auto metric = [](const Rule& rule) {
    return rule.name == "type" && needs_value(fixed_text(rule));
  };
  if (mapping_.kind != core::EntityKind::usage || found.find("value") != nullptr) return;
  if (std::none_of(mapping_.fields.begin(), mapping_.fields.end(), metric)) return;
  scope_.report(found, "fields.value",
                "expected an expression, since " + std::string(kValueMissing));
}

void EntryReader::fields(const YamlNode& node) {
  const YamlNode* found = node.find("fields");
  if (found != nullptr && !found->is_map()) {
    return scope_.report(
        *found, "fields",
        "expected a map of attribute to expression, got " + std::string(found->kind_name()));
  }
  check_required(node, found);
  if (found == nullptr) return;
  for (const auto& [name, value] : found->members) {
    const std::string field = "fields." + name.scalar;
    const Attribute* attribute = attribute_of(name, field);
    const AttributeType type = attribute == nullptr ? AttributeType::property : attribute->type;
    Rule rule = entry(field, value, type, attribute);
    rule.name = name.scalar;
    mapping_.fields.push_back(std::move(rule));
  }
  check_value(*found);
}

std::vector<Rule> EntryReader::named(const YamlNode& found, const std::string& part,
                                     std::string_view what) {
  std::vector<Rule> out;
  if (!found.is_map()) {
    scope_.report(found, part,
                  "expected a map of name to expression, got " + std::string(found.kind_name()));
    return out;
  }
  for (const auto& [name, value] : found.members) {
    const std::string field = part + '.' + name.scalar;
    if (trim(name.scalar).empty()) {
      scope_.report(name, field, "expected " + std::string(what) + "'s name, got nothing");
      continue;
    }
    Rule rule = entry(field, value, AttributeType::property, nullptr);
    rule.name = name.scalar;
    out.push_back(std::move(rule));
  }
  return out;
}

void EntryReader::additional_properties(const YamlNode& found) {
  mapping_.additional_properties = named(found, "additional_properties", "a property");
}

void EntryReader::metadata(const YamlNode& found) {
  mapping_.metadata = named(found, "metadata", "a member");
  for (const auto& [name, value] : found.members) {
    if (name.scalar != core::kEventIdMember) continue;
    scope_.report(name, "metadata." + name.scalar,
                  "expected another name, got " + name.scalar +
                      ", under which the program keeps the log's event id");
  }
}

Rule EntryReader::entry(const std::string& field, const YamlNode& value, AttributeType type,
                        const Attribute* attribute) {
  Rule rule;
  if (!value.is_map()) rule = scope_.expression(field, value);
  rule.field = field;
  rule.type = type;
  rule.attribute = attribute;
  rule.required =
      attribute != nullptr && attribute->required && mapping_.match == core::Match::own_key;
  if (value.is_map()) {
    rule.place = value;
    form(rule, value);
  } else {
    policy(rule, nullptr);
  }
  check_form(rule);
  return rule;
}

/// {expr: EXPRESSION, on_null: POLICY} or {value: LITERAL}
void EntryReader::form(Rule& rule, const YamlNode& block) {
  if (scope_.sink.unknown_keys(block, scope_.key_path(rule.field), {"expr", "value", "on_null"})) {
    return;
  }
  const YamlNode* expr = block.find("expr");
  const YamlNode* on_null = block.find("on_null");
  if (block.find("value") == nullptr && expr != nullptr) {
    Rule compiled = scope_.expression(rule.field, *expr);
    rule.place = std::move(compiled.place);
    rule.expression = std::move(compiled.expression);
    return policy(rule, on_null);
  }
  if (expr != nullptr) {
    return scope_.report(*expr, rule.field, "expected expr or value, got both");
  }
  if (block.find("value") == nullptr) {
    return scope_.report(block, rule.field,
                         "expected an expression, {expr: expression} or {value: literal}, got a "
                         "map with neither");
  }
  if (on_null != nullptr) {
    return scope_.report(*on_null, rule.field,
                         "expected on_null beside expr only, since a literal is never nothing, got "
                         "it beside value");
  }
  literal(rule, block);
}

void EntryReader::policy(Rule& rule, const YamlNode* found) {
  rule.on_null = on_null(found, rule.field + ".on_null", mapping_.on_null);
  if (rule.attribute == nullptr || !rule.attribute->required) return;
  const bool wrong =
      rule.on_null == OnNull::clear || (rule.on_null == OnNull::keep && rule.required);
  if (!wrong) return;
  rule.on_null = OnNull::skip;
  if (found == nullptr) return;  // what the mapping says of all its entries is not about this one
  scope_.report(
      *found, rule.field + ".on_null",
      std::string(rule.required ? "expected skip or fail" : "expected skip, keep or fail") +
          " for an attribute that Assembly requires (" + std::string(rule.attribute->rule) +
          "), got " + found->scalar);
}

/// `{value: LITERAL}`, converted once and for all.
void EntryReader::literal(Rule& rule, const YamlNode& block) {
  const YamlNode* found = block.find("value");
  if (found->is_null() || found->is_map()) {
    return scope_.report(*found, rule.field,
                         "expected an expression or {value: literal}, got a map " +
                             std::string(found->is_null() ? "with nothing as value" : "as value"));
  }
  for (const YamlNode& item : found->items) {
    if (item.is_scalar()) continue;
    return scope_.report(item, rule.field,
                         "expected a text, a number or true/false in the list, got " +
                             std::string(item.kind_name()));
  }
  std::vector<Datum> items;
  const core::Value written = core::to_value(*found);
  const Datum datum = literal_datum(written, items);
  auto converted = convert(rule.type, datum);
  const bool number = accepted(rule.type) == kNumber;
  if (number && datum.is_text() && parse_number(datum.as_text())) {
    scope_.report(*found, rule.field, "expected number, got text (a number stands without quotes)");
  } else if (!converted) {
    scope_.report(*found, rule.field, converted.error());
  } else if (rule.required && is_missing(rule.attribute, *converted)) {
    scope_.report(*found, rule.field,
                  "expected a value, since " + missing(*rule.attribute, mapping_.kind));
  } else if (is_missing(rule.attribute, *converted)) {
    scope_.report(*found, rule.field,
                  "expected a value, got an empty text (on_null: clear empties an attribute whose "
                  "expression gives nothing)");
  } else {
    rule.literal = std::move(*converted);
  }
}

/// What is known of the expression's type must suit the attribute; a literal must suit it wholly.
void EntryReader::check_form(const Rule& rule) {
  if (!rule.expression.usable()) return;
  const Node& root = rule.expression.root();
  if (root.kind != Node::Kind::literal) return scope_.check_type(rule, accepted(rule.type));
  const auto converted = convert(rule.type, root.constant);
  std::string error;
  if (!converted) {
    error = converted.error();
  } else if (rule.required && is_missing(rule.attribute, *converted)) {
    error = "expected a value, since " + missing(*rule.attribute, mapping_.kind);
  }
  if (error.empty()) return;
  scope_.sink.add_within(rule.place, root.at, scope_.key_path(rule.field), std::move(error));
}

}  // namespace assembly_sync::mapping
