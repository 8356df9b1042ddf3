#include "connectors/hubspot/properties.hpp"

#include <string>
#include <utility>

namespace assembly_sync::connectors::hubspot {
namespace {

/// Types that HubSpot may add later, and those without a form of their own (`json`,
/// `object_coordinates`, `phone_number`), are texts.
core::FieldType type_of(const core::Value& definition) {
  using core::FieldType;
  const std::string type = definition.text_or("type");
  if (type == "number") return FieldType::number;
  if (type == "bool") return FieldType::boolean;
  if (type == "date") return FieldType::date;
  if (type == "datetime") return FieldType::datetime;
  if (type != "enumeration") return FieldType::text;
  // An owner or a pipeline's stage: its values are no options of the property.
  if (definition.at("externalOptions") == core::Value(true)) return FieldType::text;
  const std::string field_type = definition.text_or("fieldType");
  if (field_type == "booleancheckbox") return FieldType::boolean;
  return field_type == "checkbox" ? FieldType::choices : FieldType::choice;
}

core::Field field_of(const core::Value& definition) {
  core::Field field;
  field.label = definition.text_or("label");
  field.type = type_of(definition);
  field.archived = definition.at("archived") == core::Value(true);
  const core::Value& options = definition.at("options");
  if (!options.is_list()) return field;
  for (const core::Value& option : options.as_list()) {
    const core::Value& value = option.at("value");
    // The name is better than nothing: a label is what people see, and they see this one.
    if (value.is_string()) {
      field.options.emplace(value.as_string(), option.text_or("label", value.as_string()));
    }
  }
  return field;
}

}  // namespace

bool add_properties(const core::Value& answer, core::Catalogue& catalogue) {
  const core::Value& results = answer.at("results");
  if (!results.is_list()) return false;
  for (const core::Value& definition : results.as_list()) {
    std::string name = definition.text_or("name");
    if (!name.empty()) catalogue.fields.emplace(std::move(name), field_of(definition));
  }
  return true;
}

}  // namespace assembly_sync::connectors::hubspot
