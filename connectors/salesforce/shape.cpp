#include "connectors/salesforce/shape.hpp"

#include <algorithm>
#include <string_view>

#include "connectors/salesforce/rollups.hpp"

namespace assembly_sync::connectors::salesforce {
namespace {

using namespace std::chrono_literals;

constexpr auto kBelieved = 1h;

Form form_of(std::string_view type) {
  if (type == "id" || type == "reference") return Form::id;
  if (type == "double" || type == "currency" || type == "percent" || type == "int" ||
      type == "long") {
    return Form::number;
  }
  if (type == "boolean") return Form::boolean;
  if (type == "date") return Form::date;
  if (type == "datetime") return Form::datetime;
  if (type == "address" || type == "location" || type == "base64" || type == "complexvalue" ||
      type == "json") {
    return Form::compound;
  }
  return Form::text;
}

core::FieldType catalogue_type_of(std::string_view type) {
  using core::FieldType;
  if (type == "picklist") return FieldType::choice;
  if (type == "multipicklist") return FieldType::choices;
  switch (form_of(type)) {
    case Form::number:
      return FieldType::number;
    case Form::boolean:
      return FieldType::boolean;
    case Form::date:
      return FieldType::date;
    case Form::datetime:
      return FieldType::datetime;
    default:
      return FieldType::text;
  }
}

/// Of a field that may refer to several objects: a user where there is one, as an owner mostly is.
std::string target_of(const core::Value& field) {
  const core::Value& targets = field.at("referenceTo");
  if (!targets.is_list()) return {};
  std::string first;
  for (const core::Value& target : targets.as_list()) {
    if (!target.is_string()) continue;
    if (target.as_string() == "User") return "User";
    if (first.empty()) first = target.as_string();
  }
  return first;
}

core::Field catalogue_field(const core::Value& description) {
  core::Field field;
  field.label = description.text_or("label");
  field.type = catalogue_type_of(description.text_or("type"));
  const core::Value& options = description.at("picklistValues");
  const bool lists =
      field.type == core::FieldType::choice || field.type == core::FieldType::choices;
  if (!options.is_list() || !lists) return field;
  // Inactive ones are among them: records keep them.
  for (const core::Value& option : options.as_list()) {
    const core::Value& value = option.at("value");
    if (!value.is_string()) continue;
    std::string label = option.text_or("label");
    field.options.emplace(value.as_string(), label.empty() ? value.as_string() : std::move(label));
  }
  return field;
}

}  // namespace

std::optional<Shape> to_shape(const core::Value& description) {
  const core::Value& fields = description.at("fields");
  if (!fields.is_list()) return std::nullopt;
  Shape shape;
  shape.api_name = description.text_or("name");
  shape.replicateable = description.at("replicateable") == core::Value(true);
  for (const core::Value& field : fields.as_list()) {
    std::string name = field.text_or("name");
    if (name.empty()) continue;
    const std::string parent = field.text_or("relationshipName");
    if (!parent.empty()) shape.parents.emplace(parent, target_of(field));
    shape.fields.emplace(std::move(name),
                         FieldShape{.form = form_of(field.text_or("type")),
                                    .filterable = field.at("filterable") != core::Value(false)});
  }
  return shape;
}

std::optional<core::Catalogue> to_catalogue(const core::Value& description, bool with_rollups) {
  const core::Value& fields = description.at("fields");
  if (!fields.is_list()) return std::nullopt;
  core::Catalogue catalogue;
  for (const core::Value& field : fields.as_list()) {
    std::string name = field.text_or("name");
    if (name.empty() || form_of(field.text_or("type")) == Form::compound) continue;
    if (std::string parent = field.text_or("relationshipName"); !parent.empty()) {
      catalogue.fields.emplace(std::move(parent), core::Field{.label = field.text_or("label")});
    }
    catalogue.fields.emplace(std::move(name), catalogue_field(field));
  }
  if (with_rollups) {
    catalogue.fields.emplace(kRollups,
                             core::Field{.label = "Sums over the account's opportunities"});
  }
  return catalogue;
}

Answer<std::shared_ptr<const Shape>> Shapes::get(const std::string& api_name,
                                                 const Client& client) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(api_name);
    if (found != entries_.end() && client.now() < found->second.read_at + kBelieved) {
      return found->second.shape;
    }
  }
  const auto answer = client.get(client.data_path() + "/sobjects/" + api_name + "/describe");
  if (!answer) return tl::unexpected(answer.error());
  auto shape = to_shape(*answer);
  if (!shape) {
    return tl::unexpected(failure(ReadError::Kind::transient,
                                  "Salesforce's description of " + api_name + " has no fields"));
  }
  shape->api_name = api_name;
  Entry entry;
  entry.shape = std::make_shared<const Shape>(std::move(*shape));
  entry.read_at = client.now();
  const std::lock_guard lock(mutex_);
  return (entries_[api_name] = std::move(entry)).shape;
}

void Shapes::forget(const std::string& api_name) {
  const std::lock_guard lock(mutex_);
  entries_.erase(api_name);
}

void Shapes::drop(const std::string& api_name, const std::string& column) {
  const std::lock_guard lock(mutex_);
  entries_[api_name].dropped.insert(column);
}

bool Shapes::is_dropped(const std::string& api_name, const std::string& column) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(api_name);
  return found != entries_.end() && found->second.dropped.contains(column);
}

bool Shapes::tell_once(const std::string& api_name, const std::string& warning) {
  const std::lock_guard lock(mutex_);
  return entries_[api_name].told.insert(warning).second;
}

}  // namespace assembly_sync::connectors::salesforce
