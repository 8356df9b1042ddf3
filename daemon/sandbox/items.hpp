// The accounts or the contacts of the local Assembly: found by Assembly ID, by domain and by
// source-specific ID (A9-A12, A63-A65), listed in the documented order (A29, A30). Knows nothing of
// bodies or rules. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text.hpp"
#include "core/value.hpp"

namespace assembly_sync::sandbox {

using core::lower_ascii;

enum class ItemKind : std::uint8_t { account, contact };

constexpr std::string_view to_text(ItemKind kind) {
  return kind == ItemKind::account ? "account" : "contact";
}
/// The kind's name in paths and list answers.
constexpr std::string_view plural(ItemKind kind) {
  return kind == ItemKind::account ? "accounts" : "contacts";
}

inline constexpr std::string_view kCompany = "Company";
inline constexpr std::string_view kCustomer = "Customer";

struct Item {
  std::string id;
  core::Value::Object attributes;  // as written, `type`, `name`, `domain` among them
  core::Value::Object additional_properties;
  std::vector<std::string> source_specific_ids;
  std::vector<std::string> tags;  // label ids
  std::string company_id;         // contacts only

  /// The attribute's text, empty when there is none.
  const std::string& text(std::string_view attribute) const;
};

/// How names sort and domains match.
struct ItemOrder {
  bool names_by_bytes = false;  // else without regard to case (Q17)
  bool domains_exact = false;   // else without regard to case (Q28)
  friend bool operator==(const ItemOrder&, const ItemOrder&) = default;
};

class ItemTable {
 public:
  using Sorted = std::vector<const Item*>;

  /// Sorts and indexes anew.
  void set_order(ItemOrder order);

  /// nullptr when there is none. Of several items with one domain the first created is found.
  const Item* by_id(const std::string& id) const;
  const Item* by_domain(std::string_view domain) const;
  const Item* by_source_id(const std::string& source_id) const;

  void insert(Item item);
  /// Replaces the item of the same id.
  void replace(Item item);
  void erase(const std::string& id);

  /// Companies first, then by name, then by id.
  const Sorted& sorted() const { return sorted_; }
  /// Whether `a` stands before `b` in such a list.
  bool comes_before(const Item* a, const Item* b) const;
  /// The contacts of a company, in the same order.
  const Sorted& of_company(const std::string& company_id) const;
  /// Calls change(Item&) on each; it must not touch what items are found or sorted by.
  template <class Change>
  void for_each(Change&& change) {
    for (auto& [id, item] : items_) change(*item);
  }

 private:
  std::string domain_key(std::string_view domain) const;
  void add_sorted(Sorted& list, const Item* item) const;
  void remove_sorted(Sorted& list, const Item* item) const;
  void index(const Item& item);
  void unindex(const Item& item);

  std::unordered_map<std::string, std::unique_ptr<Item>> items_;
  std::unordered_map<std::string, Sorted> by_domain_;  // in order of creation
  std::unordered_map<std::string, const Item*> by_source_id_;
  std::unordered_map<std::string, Sorted> by_company_;
  Sorted sorted_;
  ItemOrder order_;
};

}  // namespace assembly_sync::sandbox
