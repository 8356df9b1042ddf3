#include "core/catalogue.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace assembly_sync::core {
namespace {

constexpr std::pair<FieldType, std::string_view> kTypes[] = {
    {FieldType::text, "text"},         {FieldType::number, "number"},
    {FieldType::boolean, "boolean"},   {FieldType::date, "date"},
    {FieldType::datetime, "datetime"}, {FieldType::choice, "choice"},
    {FieldType::choices, "choices"}};

std::optional<FieldType> parse_field_type(std::string_view text) {
  for (const auto& [type, name] : kTypes) {
    if (name == text) return type;
  }
  return std::nullopt;
}

Value to_value(const Field& field) {
  Value::Object options;
  for (const auto& [value, label] : field.options) options.emplace(value, label);
  return Value::object({{"label", field.label},
                        {"type", to_text(field.type)},
                        {"options", Value(std::move(options))},
                        {"archived", field.archived}});
}

std::optional<Field> to_field(const Value& value) {
  const auto type = parse_field_type(value.text_or("type"));
  const Value& options = value.at("options");
  if (!type || !options.is_object()) return std::nullopt;
  Field field;
  field.label = value.text_or("label");
  field.type = *type;
  field.archived = value.at("archived") == Value(true);
  for (const auto& [option, label] : options.as_object()) {
    if (!label.is_string()) return std::nullopt;
    field.options.emplace(option, label.as_string());
  }
  return field;
}

}  // namespace

std::string_view to_text(FieldType type) {
  const auto* const found = std::find_if(std::begin(kTypes), std::end(kTypes),
                                         [&](const auto& row) { return row.first == type; });
  return found == std::end(kTypes) ? std::string_view() : found->second;
}

const Field* Catalogue::find(std::string_view name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? nullptr : &found->second;
}

std::string Catalogue::path_of(std::string_view name) const {
  return (root.empty() ? "" : root + '.') + std::string(name);
}

Value to_value(const Catalogue& catalogue) {
  Value::Object fields;
  for (const auto& [name, field] : catalogue.fields) fields.emplace(name, to_value(field));
  return Value::object(
      {{"root", catalogue.root}, {"texts", catalogue.texts}, {"fields", Value(std::move(fields))}});
}

Result<Catalogue> to_catalogue(const Value& value) {
  const auto unknown = [] { return fail("expected a stored catalogue, got another form"); };
  const Value& fields = value.at("fields");
  if (!value.at("root").is_string() || !fields.is_object()) return unknown();
  Catalogue catalogue;
  catalogue.root = value.text_or("root");
  catalogue.texts = value.at("texts") == Value(true);
  for (const auto& [name, member] : fields.as_object()) {
    auto field = to_field(member);
    if (!field) return unknown();
    catalogue.fields.emplace(name, std::move(*field));
  }
  return catalogue;
}

}  // namespace assembly_sync::core
