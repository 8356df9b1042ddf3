#include "daemon/sandbox/items.hpp"

#include <algorithm>
#include <utility>

#include "core/text.hpp"

namespace assembly_sync::sandbox {
namespace {

int compare_ignoring_case(const std::string& a, const std::string& b) {
  return core::lower_ascii(a).compare(core::lower_ascii(b));
}

}  // namespace

const std::string& Item::text(std::string_view attribute) const {
  static const std::string kNone;
  const auto found = attributes.find(attribute);
  return found != attributes.end() && found->second.is_string() ? found->second.as_string() : kNone;
}

std::string ItemTable::domain_key(std::string_view domain) const {
  return order_.domains_exact ? std::string(domain) : core::lower_ascii(domain);
}

bool ItemTable::comes_before(const Item* a, const Item* b) const {
  const int type_order = a->text("type").compare(b->text("type"));  // Company < Customer
  if (type_order != 0) return type_order < 0;
  const int name_order = order_.names_by_bytes
                             ? a->text("name").compare(b->text("name"))
                             : compare_ignoring_case(a->text("name"), b->text("name"));
  return name_order != 0 ? name_order < 0 : a->id < b->id;
}

void ItemTable::add_sorted(Sorted& list, const Item* item) const {
  const auto before = [&](const Item* a, const Item* b) { return comes_before(a, b); };
  list.insert(std::lower_bound(list.begin(), list.end(), item, before), item);
}

void ItemTable::remove_sorted(Sorted& list, const Item* item) const {
  const auto before = [&](const Item* a, const Item* b) { return comes_before(a, b); };
  const auto at = std::lower_bound(list.begin(), list.end(), item, before);
  if (at != list.end() && *at == item) list.erase(at);
}

void ItemTable::set_order(ItemOrder order) {
  if (order == order_) return;
  order_ = order;
  // Ids carry the time of creation, so that the first of one domain stays the first.
  Sorted all = std::exchange(sorted_, {});
  std::sort(all.begin(), all.end(), [](const Item* a, const Item* b) { return a->id < b->id; });
  by_domain_.clear();
  by_company_.clear();
  for (const Item* item : all) {
    by_domain_[domain_key(item->text("domain"))].push_back(item);
    index(*item);
  }
}

const Item* ItemTable::by_id(const std::string& id) const {
  const auto found = items_.find(id);
  return found == items_.end() ? nullptr : found->second.get();
}

const Item* ItemTable::by_domain(std::string_view domain) const {
  const auto found = by_domain_.find(domain_key(domain));
  return found == by_domain_.end() ? nullptr : found->second.front();
}

const Item* ItemTable::by_source_id(const std::string& source_id) const {
  const auto found = by_source_id_.find(source_id);
  return found == by_source_id_.end() ? nullptr : found->second;
}

const ItemTable::Sorted& ItemTable::of_company(const std::string& company_id) const {
  static const Sorted kNone;
  const auto found = by_company_.find(company_id);
  return found == by_company_.end() ? kNone : found->second;
}

void ItemTable::insert(Item item) {
  auto owned = std::make_unique<Item>(std::move(item));
  const Item& stored = *items_.emplace(owned->id, std::move(owned)).first->second;
  by_domain_[domain_key(stored.text("domain"))].push_back(&stored);
  index(stored);
}

void ItemTable::replace(Item item) {
  Item& stored = *items_.at(item.id);
  unindex(stored);
  const std::string before = domain_key(stored.text("domain"));
  const std::string after = domain_key(item.text("domain"));
  if (before != after) {
    // Only a moved item loses its place among those of one domain.
    Sorted& old_list = by_domain_[before];
    std::erase(old_list, &stored);
    if (old_list.empty()) by_domain_.erase(before);
    by_domain_[after].push_back(&stored);
  }
  stored = std::move(item);
  index(stored);
}

void ItemTable::erase(const std::string& id) {
  const auto found = items_.find(id);
  if (found == items_.end()) return;
  const Item& stored = *found->second;
  unindex(stored);
  const std::string domain = domain_key(stored.text("domain"));
  Sorted& list = by_domain_[domain];
  std::erase(list, &stored);
  if (list.empty()) by_domain_.erase(domain);
  items_.erase(found);
}

void ItemTable::index(const Item& item) {
  for (const std::string& source_id : item.source_specific_ids) by_source_id_[source_id] = &item;
  if (!item.company_id.empty()) add_sorted(by_company_[item.company_id], &item);
  add_sorted(sorted_, &item);
}

void ItemTable::unindex(const Item& item) {
  for (const std::string& source_id : item.source_specific_ids) by_source_id_.erase(source_id);
  if (!item.company_id.empty()) {
    Sorted& list = by_company_[item.company_id];
    remove_sorted(list, &item);
    if (list.empty()) by_company_.erase(item.company_id);
  }
  remove_sorted(sorted_, &item);
}

}  // namespace assembly_sync::sandbox
