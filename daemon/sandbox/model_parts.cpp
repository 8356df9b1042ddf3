// Model: what hangs on accounts and contacts (additional properties, labels, usage logs).
#include <algorithm>

#include "daemon/sandbox/model.hpp"

namespace assembly_sync::sandbox {
namespace {

std::optional<Refusal> check_property_map(const core::Value& body, const Switches& switches) {
  if (!body.is_object()) return Refusal{400, "body must be a map of properties"};
  return check_properties(body.as_object(), switches);
}

core::Value property_list(const core::Value::Object& properties) {
  core::Value::List out;
  for (const auto& [name, value] : properties) {
    out.push_back(core::Value::object({{"name", name}, {"value", value}}));
  }
  return core::Value(std::move(out));
}

}  // namespace

Outcome Model::create_properties(ItemKind kind, const Address& address, const core::Value& body) {
  const auto found = require(kind, address);
  if (!found) return tl::unexpected(found.error());
  if (auto refusal = check_property_map(body, switches_)) return tl::unexpected(*refusal);
  Item item = **found;
  std::optional<std::string> present;
  for (const auto& [name, value] : body.as_object()) {
    if (!item.additional_properties.emplace(name, value).second) present = name;
  }
  const std::string id = item.id;
  if (!present || switches_.properties_created_partly) table(kind).replace(std::move(item));
  if (present) {
    return refuse(switches_.already_exists_status, "property already exists: " + *present);
  }
  return id_answer(switches_.create_status, id);
}

Outcome Model::get_properties(ItemKind kind, const Address& address) const {
  const auto found = require(kind, address);
  if (!found) return missing_read("additional_properties", found.error());
  const core::Value::Object& properties = (*found)->additional_properties;
  return Answer{200,
                core::Value::object({{"id", (*found)->id},
                                     {"additional_properties", switches_.properties_as_list
                                                                   ? property_list(properties)
                                                                   : core::Value(properties)}})};
}

Outcome Model::update_properties(ItemKind kind, const Address& address, const core::Value& body) {
  const auto found = require(kind, address);
  if (!found) return tl::unexpected(found.error());
  if (auto refusal = check_property_map(body, switches_)) return tl::unexpected(*refusal);
  Item item = **found;
  for (const auto& [name, value] : body.as_object()) item.additional_properties[name] = value;
  const std::string id = item.id;
  table(kind).replace(std::move(item));
  return id_answer(200, id);
}

Outcome Model::erase_properties(ItemKind kind, const Address& address, const core::Value& body) {
  const auto found = require(kind, address);
  if (!found) return tl::unexpected(found.error());
  const core::Value& names = body.at("properties");
  const bool texts = names.is_list() && std::all_of(names.as_list().begin(), names.as_list().end(),
                                                    [](const auto& n) { return n.is_string(); });
  if (!texts || body.as_object().size() != 1) {
    return refuse(400, "body must hold properties, a list of names");
  }
  Item item = **found;
  for (const core::Value& name : names.as_list()) {
    const bool gone = item.additional_properties.erase(name.as_string()) == 0;
    if (gone && switches_.deleting_absent_property_is_error) {
      return refuse(missing_status(), "property not found: " + name.as_string());
    }
  }
  table(kind).replace(std::move(item));
  return erased();
}

Outcome Model::with_missing_status(Outcome outcome) const {
  if (!outcome && outcome.error().status == 404) outcome.error().status = missing_status();
  return outcome;
}

Outcome Model::create_label(const core::Value& body) {
  return labels_.create(ids_.next(), body, switches_);
}

Outcome Model::get_labels(const std::optional<std::string>& type_or_id) const {
  Outcome found = with_missing_status(labels_.get(type_or_id, switches_.label_segments));
  return found ? found : missing_read("labels", found.error());
}

Outcome Model::update_label(const std::string& id, const core::Value& body) {
  return with_missing_status(labels_.update(id, body, switches_));
}

Outcome Model::erase_label(const std::string& id) {
  if (!labels_.erase(id) && switches_.delete_missing_is_error) {
    return refuse(missing_status(), "label not found");
  }
  if (switches_.deleted_label_stays) return erased();
  for (ItemTable* items : {&accounts_, &contacts_}) {
    items->for_each([&](Item& item) {
      std::erase(item.tags, id);
      for (const std::string_view attribute : {"tier", "stage", "company_type"}) {
        if (item.text(attribute) == id) item.attributes.erase(std::string(attribute));
      }
    });
  }
  return erased();
}

tl::expected<std::optional<UsageOwner>, Refusal> Model::owner(std::optional<ItemKind> kind,
                                                              const Address& address) const {
  if (!kind) return std::nullopt;
  const auto found = require(*kind, address);
  if (!found) return tl::unexpected(found.error());
  return UsageOwner{*kind, (*found)->id};
}

Outcome Model::create_usage(std::optional<ItemKind> kind, const Address& address,
                            const core::Value& body) {
  const auto about = owner(kind, address);
  if (!about) return tl::unexpected(about.error());
  return usage_.create(ids_.next(), *about, body, switches_, now_ms());
}

Outcome Model::list_usage(std::optional<ItemKind> kind, const Address& address, Page page) const {
  const auto about = owner(kind, address);
  if (!about) return tl::unexpected(about.error());
  return usage_.list(*about, page, page_style(), switches_);
}

Outcome Model::get_usage(const std::string& id) const {
  Outcome found = with_missing_status(usage_.get(id, switches_.usage_one));
  return found ? found : missing_read("log", found.error());
}

Outcome Model::update_usage(const std::string& id, const core::Value& body) {
  return with_missing_status(usage_.update(id, body, switches_, now_ms()));
}

Outcome Model::erase_usage(const std::string& id) {
  if (!usage_.erase(id) && switches_.delete_missing_is_error) {
    return refuse(missing_status(), "usage log not found");
  }
  return erased();
}

}  // namespace assembly_sync::sandbox
