#include "daemon/sandbox/model.hpp"

#include <algorithm>
#include <cctype>

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

/// `01945162-52fc-739b-98de-e2ac9f2eec49`
bool is_uuid(const std::string& text) {
  const auto fits = [](char c) { return c == '-' || std::isxdigit(static_cast<unsigned char>(c)); };
  return text.size() == 36 && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

Model::Model(const Switches& switches, const core::Clock& clock, std::uint64_t seed)
    : clock_(clock), ids_(clock, seed) {
  set_switches(switches);
}

void Model::set_switches(const Switches& switches) {
  switches_ = switches;
  const ItemOrder order{switches.names_by_bytes, switches.domain_case == DomainCase::exact};
  accounts_.set_order(order);
  contacts_.set_order(order);
  usage_.set_tie_order(switches.first_log_first);
}

core::Value Model::with_labels(core::Value item) const {
  if (!switches_.labels_as_objects) return item;
  const auto show = [&](core::Value& label) { label = labels_.shown(label.as_string()); };
  for (const std::string_view attribute : {"tier", "stage", "company_type"}) {
    const auto label = item.as_object().find(attribute);
    if (label != item.as_object().end()) show(label->second);
  }
  for (core::Value& tag : item.as_object().at("tags").as_list()) show(tag);
  return item;
}

core::Value Model::shown(ItemKind kind, const Item& item) const {
  core::Value out = with_labels(whole(item));
  if (kind == ItemKind::account && switches_.account_type_on_read) {
    auto type = out.as_object().extract("type");
    type.key() = "account_type";
    out.as_object().insert(std::move(type));
  }
  return out;
}

Model::Found Model::find(ItemKind kind, const Address& address) const {
  const bool two = address.segment && address.source_id;
  if ((two && !switches_.path_wins) || (!address.segment && !address.source_id)) {
    return refuse(400, "exactly one of id or source_specific_id must be provided");
  }
  const ItemTable& items = table(kind);
  if (!address.segment) {
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

Outcome Model::missing_read(std::string_view name, const Refusal& refusal) const {
  if (refusal.status != missing_status()) return tl::unexpected(refusal);
  if (switches_.missing == Missing::empty) return empty_answer();
  if (switches_.missing != Missing::null) return tl::unexpected(refusal);
  return Answer{200, core::Value::object({{std::string(name), core::Value()}})};
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
  const auto reference = company_reference(body, switches_);
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
    for (const ItemKind other : {ItemKind::account, ItemKind::contact}) {
      if (other != kind && !switches_.keys_unique_everywhere) continue;
      const Item* holder = table(other).by_source_id(source_id);
      if (holder != nullptr && holder->id != item.id) {
        return Refusal{switches_.already_exists_status, "source specific id already exists"};
      }
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

std::optional<Refusal> Model::apply(ItemKind kind, const core::Value& body, Operation operation,
                                    Item& item) const {
  if (auto refusal = apply_body(kind, body, operation, switches_, labels_, item)) return refusal;
  if (auto refusal = check_complete(kind, item)) return refusal;
  if (kind == ItemKind::contact) {
    if (auto refusal = place_in_company(body, item)) return refusal;
  }
  return std::nullopt;
}

Outcome Model::insert(ItemKind kind, const core::Value& body, Operation operation,
                      const Address& address) {
  Item item;
  if (auto refusal = apply(kind, body, operation, item)) return tl::unexpected(*refusal);
  if (operation == Operation::upsert) take_address(address, item);
  if (auto refusal = check_unique(kind, item)) return tl::unexpected(*refusal);
  if (item.id.empty()) item.id = ids_.next();
  const std::string id = item.id;
  table(kind).insert(std::move(item));
  return id_answer(switches_.create_status, id);
}

void Model::take_address(const Address& address, Item& item) const {
  std::vector<std::string>& keys = item.source_specific_ids;
  const bool links = address.source_id && switches_.upsert_links_key;
  if (links && std::find(keys.begin(), keys.end(), *address.source_id) == keys.end()) {
    keys.push_back(*address.source_id);
  }
  if (address.segment && switches_.upsert_takes_id && is_uuid(*address.segment)) {
    item.id = *address.segment;
  }
}

Outcome Model::change(ItemKind kind, const Item& present, const core::Value& body,
                      Operation operation) {
  Item item = present;
  if (auto refusal = apply(kind, body, operation, item)) return tl::unexpected(*refusal);
  if (auto refusal = check_unique(kind, item)) return tl::unexpected(*refusal);
  const std::string id = item.id;
  table(kind).replace(std::move(item));
  return id_answer(200, id);
}

Outcome Model::create(ItemKind kind, const core::Value& body) {
  return insert(kind, body, Operation::create, {});
}

core::Value Model::element(ItemKind kind, const Item& item) const {
  core::Value one = shown(kind, item);
  if (!switches_.wrapped_elements) return one;
  return core::Value::object({{std::string(to_text(kind)), std::move(one)}});
}

ItemTable::Sorted Model::accounts_and_contacts() const {
  ItemTable::Sorted all = accounts_.sorted();
  const auto customers = static_cast<std::ptrdiff_t>(std::count_if(
      all.begin(), all.end(), [](const Item* item) { return item->text("type") == kCompany; }));
  all.insert(all.end(), contacts_.sorted().begin(), contacts_.sorted().end());
  // A contact has no type: among the customers the names alone decide.
  std::sort(all.begin() + customers, all.end(), [&](const Item* a, const Item* b) {
    const std::string& x = a->text("name");
    const std::string& y = b->text("name");
    return x != y ? x < y : a->id < b->id;
  });
  return all;
}

Outcome Model::list(ItemKind kind, Page page) const {
  const bool mixed = kind == ItemKind::account && switches_.contacts_among_accounts;
  const auto show = [&](const Item* item) {
    if (!mixed || !item->text("type").empty()) return element(kind, *item);
    Item customer = *item;
    customer.attributes["type"] = kCustomer;
    return element(kind, customer);
  };
  const ItemTable::Sorted& items = table(kind).sorted();
  return Answer{200, page_of(std::string(plural(kind)), mixed ? accounts_and_contacts() : items,
                             page, page_style(), show)};
}

Outcome Model::get(ItemKind kind, const Address& address) const {
  const auto found = require(kind, address);
  if (!found) return missing_read(to_text(kind), found.error());
  return Answer{200, core::Value::object({{std::string(to_text(kind)), shown(kind, **found)}})};
}

Outcome Model::update(ItemKind kind, const Address& address, const core::Value& body) {
  const auto found = require(kind, address);
  if (!found) return tl::unexpected(found.error());
  return change(kind, **found, body, Operation::update);
}

Outcome Model::upsert(ItemKind kind, const Address& address, const core::Value& body) {
  const Item* present = nullptr;
  if (address.segment || address.source_id) {
    const auto found = find(kind, address);
    if (!found) return tl::unexpected(found.error());
    present = *found;
  }
  if (present == nullptr && switches_.upsert_matches_body) present = find_by_body(kind, body);
  if (present != nullptr) return change(kind, *present, body, Operation::upsert);
  return insert(kind, body, Operation::upsert, address);
}

void Model::erase_item(ItemKind kind, const std::string& id) {
  if (switches_.deleted_takes_logs) usage_.erase_of({kind, id});
  table(kind).erase(id);
}

void Model::erase_contacts_of(const std::string& company_id) {
  const ItemTable::Sorted contacts = contacts_.of_company(company_id);
  for (const Item* contact : contacts) erase_item(ItemKind::contact, std::string(contact->id));
}

Outcome Model::erase(ItemKind kind, const Address& address) {
  const auto found = find(kind, address);
  if (!found) return tl::unexpected(found.error());
  if (*found == nullptr) {
    if (!switches_.delete_missing_is_error) return erased();
    return tl::unexpected(require(kind, address).error());
  }
  const std::string id = (*found)->id;
  if (kind == ItemKind::account && switches_.company_takes_contacts) erase_contacts_of(id);
  erase_item(kind, id);
  return erased();
}

Outcome Model::contacts_of(const Address& company, Page page) const {
  const auto found = require(ItemKind::account, company);
  if (!found) return tl::unexpected(found.error());
  const auto show = [&](const Item* item) { return element(ItemKind::contact, *item); };
  const ItemTable::Sorted& contacts = contacts_.of_company((*found)->id);
  if (switches_.company_contacts_bare) {
    core::Value::List all;
    for (const Item* contact : contacts) all.push_back(show(contact));
    return Answer{200, core::Value::object({{"contacts", core::Value(std::move(all))}})};
  }
  return Answer{200, page_of("contacts", contacts, page, page_style(), show)};
}

std::vector<core::Value> Model::items(ItemKind kind) const {
  std::vector<core::Value> out;
  out.reserve(table(kind).sorted().size());
  for (const Item* item : table(kind).sorted()) out.push_back(whole(*item));
  return out;
}

}  // namespace assembly_sync::sandbox
