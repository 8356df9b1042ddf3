#include "mapping/reader.hpp"

#include <algorithm>
#include <utility>

#include "mapping/text.hpp"
#include "mapping/words.hpp"

namespace assembly_sync::mapping {
namespace {

using core::YamlNode;

const std::vector<std::string> kMappingKeys = {
    "name", "from", "to", "when", "key", "company", "fields", "additional_properties", "on_delete"};

bool reads_record(const Node& node) {
  if (node.kind == Node::Kind::path) return true;
  if (node.table != nullptr) return reads_record(node.arguments.front());
  return std::any_of(node.arguments.begin(), node.arguments.end(), reads_record);
}

/// The Datum of a literal in YAML; `items` holds a list's elements, `value` its texts.
Datum literal_datum(const core::Value& value, std::vector<Datum>& items) {
  if (!value.is_list()) return Datum(value);
  for (const core::Value& item : value.as_list()) items.emplace_back(Datum(item));
  return Datum::Items{items.data(), items.size()};
}

}  // namespace

bool ProblemSink::unknown_keys(const YamlNode& map, const std::string& path,
                               const std::vector<std::string>& known) {
  const std::size_t before = count();
  for (const auto& [key, value] : map.members) {
    if (std::find(known.begin(), known.end(), key.scalar) != known.end()) continue;
    add(key, path + '.' + key.scalar,
        "unknown key" + did_you_mean(key.scalar, known) + " (expected one of " + listed(known) +
            ")");
  }
  return count() > before;
}

Mapping MappingReader::read(const YamlNode& node, const std::string& path) {
  Mapping out;
  path_ = path;
  roots_ = nullptr;
  known_target_ = false;
  if (!node.is_map()) {
    sink_.add(node, path,
              "expected a mapping with name, from, to, key and fields, got " +
                  std::string(node.kind_name()));
    return out;
  }
  sink_.unknown_keys(node, path, kMappingKeys);
  name(node, out);
  from(node, out);
  target(node, out);
  when(node, out);
  key(node, out);
  company(node, out);
  fields(node, out);
  additional_properties(node, out);
  on_delete(node, out);
  return out;
}

/// The text of a required key; nullptr when it is missing or of another kind, which is reported.
const YamlNode* MappingReader::text_of(const YamlNode& node, const std::string& path,
                                       const std::string& key, const std::string& expected) {
  const YamlNode* found = node.find(key);
  if (found != nullptr && found->is_scalar() && !found->scalar.empty()) return found;
  sink_.add(
      found == nullptr ? node : *found, path + '.' + key,
      "expected " + expected + ", got " +
          (found == nullptr || found->is_scalar() ? "nothing" : std::string(found->kind_name())));
  return nullptr;
}

void MappingReader::name(const YamlNode& node, Mapping& out) {
  const YamlNode* found = text_of(node, path_, "name", "a name for the mapping");
  if (found == nullptr) return;
  out.name = found->scalar;
  if (!names_.insert(out.name).second) {
    sink_.add(*found, key_path("name"),
              "expected a name that no other mapping has, got `" + out.name + "` again");
  }
}

void MappingReader::from(const YamlNode& node, Mapping& out) {
  const YamlNode* found = text_of(node, path_, "from", "SOURCE.OBJECT");
  if (found == nullptr) return;
  const std::size_t dot = found->scalar.find('.');
  out.source = core::SourceName(found->scalar.substr(0, dot));
  if (dot != std::string::npos) out.object = core::ObjectName(found->scalar.substr(dot + 1));
  const auto schema = schemas_.find(found->scalar);
  if (schema != schemas_.end()) {
    roots_ = &schema->second.roots;
    return;
  }
  std::vector<std::string> known;
  for (const auto& [name, entry] : schemas_) known.push_back(name);
  sink_.add(
      *found, key_path("from"),
      "expected SOURCE.OBJECT of a configured source, got `" + found->scalar + '`' +
          did_you_mean(found->scalar, known) +
          (known.empty() ? " (no source is configured)" : " (configured: " + listed(known) + ")"));
}

void MappingReader::target(const YamlNode& node, Mapping& out) {
  const std::string expected = "company, customer or contact";
  const YamlNode* found = text_of(node, path_, "to", expected);
  if (found == nullptr) return;
  const auto kind = core::parse_entity_kind(found->scalar);
  if (kind && *kind != core::EntityKind::usage) {
    out.kind = *kind;
    known_target_ = true;
    return;
  }
  const std::string near = did_you_mean(found->scalar, {"company", "customer", "contact"});
  sink_.add(*found, key_path("to"), "expected " + expected + ", got " + found->scalar + near);
}

void MappingReader::on_delete(const YamlNode& node, Mapping& out) {
  const YamlNode* found = node.find("on_delete");
  if (found == nullptr) return;
  constexpr std::pair<std::string_view, core::OnDelete> kWords[] = {
      {"ignore", core::OnDelete::ignore},
      {"tag", core::OnDelete::tag},
      {"delete", core::OnDelete::remove}};
  for (const auto& [word, meaning] : kWords) {
    if (found->is_scalar() && found->scalar == word) {
      out.on_delete = meaning;
      return;
    }
  }
  sink_.add(*found, key_path("on_delete"),
            "expected ignore, tag or delete, got " +
                (found->is_scalar() ? found->scalar : std::string(found->kind_name())));
}

void MappingReader::when(const YamlNode& node, Mapping& out) {
  const YamlNode* found = node.find("when");
  if (found == nullptr) return;
  Rule rule = expression("when", *found);
  if (rule.expression.usable()) {
    const TypeSet known = rule.expression.root().type.without(kNull);
    if (!known.empty() && !known.meets(kBool)) {
      sink_.add(core::place_in(*found, rule.expression.root().at), key_path("when"),
                "expected true/false, got " + to_text(known));
    }
  }
  out.when = std::move(rule);
}

/// Of a key or a parent's identifier.
void MappingReader::check_identifier(const Rule& rule) {
  if (!rule.expression.usable()) return;
  const Node& root = rule.expression.root();
  const TypeSet known = root.type.without(kNull);
  if (!known.empty() && !known.meets(kText | kNumber)) {
    sink_.add(core::place_in(rule.place, root.at), key_path(rule.field),
              "expected text or number, got " + to_text(known));
  }
}

void MappingReader::key(const YamlNode& node, Mapping& out) {
  const YamlNode* found = node.find("key");
  if (found == nullptr) {
    sink_.add(node, key_path("key"),
              "expected an expression for the source-specific ID, got nothing");
    return;
  }
  out.key = expression("key", *found);
  check_identifier(out.key);
  if (out.key.expression.usable() && !reads_record(out.key.expression.root())) {
    sink_.add(*found, key_path("key"),
              "expected an expression that reads the record's id, got the same text for every "
              "record");
  }
}

void MappingReader::company(const YamlNode& node, Mapping& out) {
  const YamlNode* found = node.find("company");
  const bool is_contact = out.kind == core::EntityKind::contact;
  if (found == nullptr) {
    if (known_target_ && is_contact) {
      sink_.add(node, key_path("company"),
                "expected the key or {domain: …} of the contact's company (A68), got nothing");
    }
    return;
  }
  if (known_target_ && !is_contact) {
    sink_.add(*found, key_path("company"),
              "expected only in mappings to contact, got it in one to " +
                  std::string(core::to_text(out.kind)));
  }
  const YamlNode* place = found;
  std::string field = "company";
  if (found->is_map()) {
    const bool unknown = sink_.unknown_keys(*found, key_path("company"), {"domain"});
    out.company_by_domain = true;
    field = "company.domain";
    place = found->find("domain");
    if (place == nullptr && unknown) return;
    if (place == nullptr) {
      return sink_.add(*found, key_path("company"),
                       "expected an expression or {domain: expression}, got a map without domain");
    }
  }
  out.company = expression(field, *place);
  check_identifier(*out.company);
}

const Attribute* MappingReader::attribute_of(const YamlNode& name, const std::string& field,
                                             const Mapping& mapping) {
  if (!known_target_) return nullptr;
  const Attribute* found = find_attribute(mapping.kind, name.scalar);
  if (found != nullptr) return found;
  const std::vector<std::string> known = attribute_names(mapping.kind);
  std::string message = "unknown attribute of a " + std::string(core::to_text(mapping.kind)) +
                        did_you_mean(name.scalar, known) + " (expected one of " + listed(known) +
                        "; other names go under additional_properties)";
  if (name.scalar == "source_specific_ids") {
    message = "expected an attribute, got source_specific_ids, which `key` sets";
  }
  sink_.add(name, key_path(field), std::move(message));
  return nullptr;
}

void MappingReader::fields(const YamlNode& node, Mapping& out) {
  const YamlNode* found = node.find("fields");
  if (found != nullptr && !found->is_map()) {
    return sink_.add(
        *found, key_path("fields"),
        "expected a map of attribute to expression, got " + std::string(found->kind_name()));
  }
  if (known_target_) {
    for (const Attribute* required : required_attributes(out.kind)) {
      const std::string name(required->name);
      if (found != nullptr && found->find(name) != nullptr) continue;
      sink_.add(found == nullptr ? node : *found, key_path("fields." + name),
                "expected an expression, since " + missing(*required, out.kind));
    }
  }
  if (found == nullptr) return;
  for (const auto& [name, value] : found->members) {
    const std::string field = "fields." + name.scalar;
    const Attribute* attribute = attribute_of(name, field, out);
    const AttributeType type = attribute == nullptr ? AttributeType::property : attribute->type;
    Rule rule = entry(field, value, type, attribute, out);
    rule.name = name.scalar;
    out.fields.push_back(std::move(rule));
  }
}

void MappingReader::additional_properties(const YamlNode& node, Mapping& out) {
  const YamlNode* found = node.find("additional_properties");
  if (found == nullptr) return;
  if (!found->is_map()) {
    return sink_.add(
        *found, key_path("additional_properties"),
        "expected a map of name to expression, got " + std::string(found->kind_name()));
  }
  for (const auto& [name, value] : found->members) {
    const std::string field = "additional_properties." + name.scalar;
    if (trim(name.scalar).empty()) {
      sink_.add(name, key_path(field), "expected a property's name, got nothing");
      continue;
    }
    Rule rule = entry(field, value, AttributeType::property, nullptr, out);
    rule.name = name.scalar;
    out.additional_properties.push_back(std::move(rule));
  }
}

Rule MappingReader::entry(const std::string& field, const YamlNode& value, AttributeType type,
                          const Attribute* attribute, const Mapping& mapping) {
  if (value.is_map()) {
    Rule rule;
    rule.field = field;
    rule.type = type;
    rule.attribute = attribute;
    rule.place = value;
    literal(rule, value, mapping);
    return rule;
  }
  Rule rule = expression(field, value);
  rule.type = type;
  rule.attribute = attribute;
  check_type(rule, mapping);
  return rule;
}

Rule MappingReader::expression(const std::string& field, const YamlNode& value) {
  Rule rule;
  rule.field = field;
  rule.place = value;
  if (!value.is_scalar() || trim(value.scalar).empty()) {
    const bool list = value.is_list();
    sink_.add(value, key_path(field),
              "expected an expression, got " +
                  (value.is_scalar() ? "an empty text" : std::string(value.kind_name())) +
                  (list ? " (an expression that begins with [ stands in quotes)" : ""));
    return rule;
  }
  std::vector<ExpressionError> errors;
  rule.expression = Expression::compile(value.scalar, {roots_, &tables_}, errors);
  for (ExpressionError& error : errors) {
    sink_.add(core::place_in(value, error.offset), key_path(field), std::move(error.message));
  }
  return rule;
}

/// `{value: LITERAL}`, converted once and for all.
void MappingReader::literal(Rule& rule, const YamlNode& block, const Mapping& mapping) {
  if (sink_.unknown_keys(block, key_path(rule.field), {"value"})) return;
  const YamlNode* found = block.find("value");
  if (found == nullptr || found->is_null() || found->is_map()) {
    return sink_.add(found == nullptr ? block : *found, key_path(rule.field),
                     "expected an expression or {value: literal}, got a map " +
                         std::string(found == nullptr   ? "without value"
                                     : found->is_null() ? "with nothing as value"
                                                        : "as value"));
  }
  for (const YamlNode& item : found->items) {
    if (item.is_scalar()) continue;
    return sink_.add(item, key_path(rule.field),
                     "expected a text, a number or true/false in the list, got " +
                         std::string(item.kind_name()));
  }
  std::vector<Datum> items;
  const core::Value written = core::to_value(*found);
  const Datum datum = literal_datum(written, items);
  auto converted = convert(rule.type, datum);
  const bool blank =
      converted &&
      (converted->is_null() || (converted->is_string() && trim(converted->as_string()).empty()));
  if (!converted) {
    sink_.add(*found, key_path(rule.field), converted.error());
  } else if (blank && rule.attribute != nullptr && rule.attribute->required) {
    sink_.add(*found, key_path(rule.field), missing(*rule.attribute, mapping.kind));
  } else {
    rule.literal = std::move(*converted);
  }
}

/// What is known of the expression's type must suit the attribute; a literal must suit it wholly.
void MappingReader::check_type(const Rule& rule, const Mapping& mapping) {
  if (!rule.expression.usable()) return;
  const Node& root = rule.expression.root();
  const TypeSet known = root.type.without(kNull);
  std::string error;
  if (root.kind == Node::Kind::literal) {
    const auto converted = convert(rule.type, root.constant);
    if (!converted) error = converted.error();
    const bool required = rule.attribute != nullptr && rule.attribute->required;
    if (required && root.constant.is_blank()) error = missing(*rule.attribute, mapping.kind);
  } else if (!known.empty() && !known.meets(accepted(rule.type))) {
    error = "expected " + to_text(accepted(rule.type)) + ", got " + to_text(known);
  }
  if (error.empty()) return;
  sink_.add(core::place_in(rule.place, root.at), key_path(rule.field), std::move(error));
}

Rules load(const core::YamlNode& root, const std::string& file, const Schemas& schemas,
           core::Problems& problems) {
  Rules rules;
  core::Problems found;
  rules.impl_->tables = read_tables(root.find("tables"), file, found);
  ProblemSink sink(file, found);
  const YamlNode* block = root.find("mappings");
  if (block != nullptr && !block->is_null() && !block->is_list()) {
    sink.add(*block, "mappings",
             "expected a list of mappings, got " + std::string(block->kind_name()));
  } else if (block != nullptr) {
    MappingReader reader(schemas, rules.impl_->tables, sink);
    for (std::size_t i = 0; i < block->items.size(); ++i) {
      rules.impl_->mappings.push_back(
          reader.read(block->items[i], "mappings[" + std::to_string(i) + ']'));
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const core::Problem& a, const core::Problem& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  problems.insert(problems.end(), found.begin(), found.end());
  return rules;
}

}  // namespace assembly_sync::mapping
