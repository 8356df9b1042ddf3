#include "daemon/sandbox/model.hpp"

#include "daemon/sandbox/attributes.hpp"

namespace assembly_sync::sandbox {
namespace {

core::Value text_list(const std::vector<std::string>& texts) {
  return core::Value(core::Value::List(texts.begin(), texts.end()));
}

/// Everything of an item, `type` under its name in bodies.
core::Value whole(const Item& item) {
  core::Value::Object out = item.attributes;
  out["id"] = item.id;
  out["source_specific_ids"] = text_list(item.source_specific_ids);
  out["tags"] = text_list(item.tags);
  out["additional_properties"] = core::Value(item.additional_properties);
  if (!item.company_id.empty()) out["company_id"] = item.company_id;
  return core::Value(std::move(out));
}

}  // namespace

Model::Model(const Switches& switches, UuidMaker ids) : switches_(switches), ids_(std::move(ids)) {}

core::Value Model::shown(ItemKind kind, const Item& item) const {
  core::Value out = whole(item);
  if (kind == ItemKind::account && switches_.account_type_on_read) {
    auto type = out.as_object().extract("type");
    type.key() = "account_type";
    out.as_object().insert(std::move(type));
  }
  return out;
}

Model::Found Model::find(ItemKind kind, const Address& address) const {
  if (address.segment.has_value() == address.source_id.has_value()) {
    return refuse(400, "exactly one of id or source_specific_id must be provided");
  }
  const ItemTable& items = table(kind);
  if (address.source_id) {
    if (address.source_id->empty()) return refuse(400, "source_specific_id must not be empty");
    return items.by_source_id(*address.source_id);
  }
  const Item* by_id = items.by_id(*address.segment);
  return by_id != nullptr ? by_id : items.by_domain(*address.segment);
}

Model::Found Model::require(ItemKind kind, const Address& address) const {
  auto found = find(kind, address);
  if (found && *found == nullptr) {
    return refuse(missing_status(), std::string(to_text(kind)) + " not found");
  }
  return found;
}

const Item* Model::find_by_body(ItemKind kind, const core::Value& body) const {
  const core::Value& source_ids = body.at("source_specific_ids");
  if (source_ids.is_list()) {
    for (const core::Value& id : source_ids.as_list()) {
      if (!id.is_string()) continue;
      if (const Item* item = table(kind).by_source_id(id.as_string())) return item;
    }
  }
  const core::Value& domain = body.at("domain");
  return domain.is_string() ? table(kind).by_domain(domain.as_string()) : nullptr;
}

std::optional<Refusal> Model::place_in_company(const core::Value& body, Item& contact) const {
  const auto reference = company_reference(body);
  if (!reference) return reference.error();
  if (reference->attribute.empty()) {
    if (!contact.company_id.empty()) return std::nullopt;
    return Refusal{400, "company_id, company_domain or company_source_specific_id is required"};
  }
  const Item* company = reference->attribute == "company_id" ? accounts_.by_id(reference->value)
                        : reference->attribute == "company_domain"
                            ? accounts_.by_domain(reference->value)
                            : accounts_.by_source_id(reference->value);
  if (company == nullptr || company->text("type") != kCompany) {
    return Refusal{400, "company not found"};
  }
  contact.company_id = company->id;
  return std::nullopt;
}

std::optional<Refusal> Model::check_unique(ItemKind kind, const Item& item) const {
  for (const std::string& source_id : item.source_specific_ids) {
    const Item* holder = table(kind).by_source_id(source_id);
    if (holder != nullptr && holder->id != item.id) {
      return Refusal{switches_.already_exists_status, "source specific id already exists"};
    }
  }
  if (switches_.domain_unique) {
    const Item* holder = table(kind).by_domain(item.text("domain"));
    if (holder != nullptr && holder->id != item.id) {
      return Refusal{switches_.already_exists_status, "domain already exists"};
    }
  }
  return std::nullopt;
}

std::optional<Refusal> Model::apply(ItemKind kind, const core::Value& body, bool removals,
                                    Item& item) const {
  if (auto refusal = apply_body(kind, body, removals, labels_, item)) return refusal;
  if (auto refusal = check_complete(kind, item)) return refusal;
  if (kind == ItemKind::contact) {
    if (auto refusal = place_in_company(body, item)) return refusal;
  }
  return check_unique(kind, item);
}

Outcome Model::insert(ItemKind kind, const core::Value& body, bool removals) {
  Item item;
  if (auto refusal = apply(kind, body, removals, item)) return tl::unexpected(*refusal);
  item.id = ids_.next();
  const std::string id = item.id;
  table(kind).insert(std::move(item));
  return id_answer(switches_.create_status, id);
}

Outcome Model::change(ItemKind kind, const Item& present, const core::Value& body) {
  Item item = present;
  if (auto refusal = apply(kind, body, true, item)) return tl::unexpected(*refusal);
  const std::string id = item.id;
  table(kind).replace(std::move(item));
  return id_answer(200, id);
}

Outcome Model::create(ItemKind kind, const core::Value& body) {
  return insert(kind, body, false);
}

core::Value Model::element(ItemKind kind, const Item& item) const {
  core::Value one = shown(kind, item);
  if (!switches_.wrapped_elements) return one;
  return core::Value::object({{std::string(to_text(kind)), std::move(one)}});
}

Outcome Model::list(ItemKind kind, Page page) const {
  const auto show = [&](const Item* item) { return element(kind, *item); };
  return Answer{200, page_of(std::string(plural(kind)), table(kind).sorted(), page, show)};
}

Outcome Model::get(ItemKind kind, const Address& address) const {
  const auto found = require(kind, address);
  if (!found) return tl::unexpected(found.error());
  return Answer{200, core::Value::object({{std::string(to_text(kind)), shown(kind, **found)}})};
}

Outcome Model::update(ItemKind kind, const Address& address, const core::Value& body) {
  const auto found = require(kind, address);
  if (!found) return tl::unexpected(found.error());
  return change(kind, **found, body);
}

Outcome Model::upsert(ItemKind kind, const Address& address, const core::Value& body) {
  const Item* present = nullptr;
  if (address.segment || address.source_id) {
    const auto found = find(kind, address);
    if (!found) return tl::unexpected(found.error());
    present = *found;
  }
  if (present == nullptr && switches_.upsert_matches_body) present = find_by_body(kind, body);
  return present != nullptr ? change(kind, *present, body) : insert(kind, body, true);
}

Outcome Model::erase(ItemKind kind, const Address& address) {
  const auto found = find(kind, address);
  if (!found) return tl::unexpected(found.error());
  if (*found == nullptr) {
    if (!switches_.delete_missing_is_error) return empty_answer();
    return tl::unexpected(require(kind, address).error());
  }
  const std::string id = (*found)->id;
  table(kind).erase(id);
  return empty_answer();
}

Outcome Model::contacts_of(const Address& company, Page page) const {
  const auto found = require(ItemKind::account, company);
  if (!found) return tl::unexpected(found.error());
  const auto show = [&](const Item* item) { return element(ItemKind::contact, *item); };
  return Answer{200, page_of("contacts", contacts_.of_company((*found)->id), page, show)};
}

std::vector<core::Value> Model::items(ItemKind kind) const {
  std::vector<core::Value> out;
  out.reserve(table(kind).sorted().size());
  for (const Item* item : table(kind).sorted()) out.push_back(whole(*item));
  return out;
}

}  // namespace assembly_sync::sandbox
