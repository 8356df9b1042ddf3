// The local Assembly without HTTP: accounts, contacts, labels, additional properties and usage logs
// with the documented behaviour, the unknowns decided by Switches. Where neither the page nor a
// switch decides, the stricter or less convenient reading is taken, so that a client that works
// here leans on nothing undocumented:
//  - an upsert by source-specific ID links it only when the body lists it too (Q6);
//  - deleting a company leaves its contacts, deleting a label takes it off (Q23);
//  - a source-specific ID belongs to one account, and to one contact; another one claiming it is
//    refused as "already exists" (Q9, E9); adding a present one or removing an absent one is
//    harmless (Q8);
//  - create of additional properties is all or nothing (Q24), deleting an absent one is harmless
//    (Q25);
//  - null is no value for an attribute (Q26).
// Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/value.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/items.hpp"
#include "daemon/sandbox/labels.hpp"
#include "daemon/sandbox/page.hpp"
#include "daemon/sandbox/sandbox.hpp"
#include "daemon/sandbox/usage_logs.hpp"
#include "daemon/sandbox/uuid.hpp"

namespace assembly_sync::sandbox {

/// How a request names an item: a path segment (Assembly ID or domain) or a source-specific ID.
struct Address {
  std::optional<std::string> segment;
  std::optional<std::string> source_id;
};

class Model {
 public:
  Model(const Switches& switches, UuidMaker ids);

  // Accounts and contacts (A8-A112).
  Outcome create(ItemKind kind, const core::Value& body);
  Outcome list(ItemKind kind, Page page) const;
  Outcome get(ItemKind kind, const Address& address) const;
  Outcome update(ItemKind kind, const Address& address, const core::Value& body);
  Outcome upsert(ItemKind kind, const Address& address, const core::Value& body);
  Outcome erase(ItemKind kind, const Address& address);
  Outcome contacts_of(const Address& company, Page page) const;

  // Additional properties (A113-A128).
  Outcome create_properties(ItemKind kind, const Address& address, const core::Value& body);
  Outcome get_properties(ItemKind kind, const Address& address) const;
  Outcome update_properties(ItemKind kind, const Address& address, const core::Value& body);
  Outcome erase_properties(ItemKind kind, const Address& address, const core::Value& body);

  // Labels (A129-A145).
  Outcome create_label(const core::Value& body);
  Outcome get_labels(const std::optional<std::string>& type_or_id) const;
  Outcome update_label(const std::string& id, const core::Value& body);
  Outcome erase_label(const std::string& id);

  // Usage logs (A146-A169); `kind` empty = not tied to an item.
  Outcome create_usage(std::optional<ItemKind> kind, const Address& address,
                       const core::Value& body);
  Outcome list_usage(std::optional<ItemKind> kind, const Address& address, Page page) const;
  Outcome get_usage(const std::string& id) const;
  Outcome update_usage(const std::string& id, const core::Value& body);
  Outcome erase_usage(const std::string& id);

  /// As Sandbox::accounts() and contacts() show them.
  std::vector<core::Value> items(ItemKind kind) const;
  std::vector<core::Value> labels() const { return labels_.all(); }
  std::vector<core::Value> usage() const { return usage_.all(); }

 private:
  using Found = tl::expected<const Item*, Refusal>;

  ItemTable& table(ItemKind kind) { return kind == ItemKind::account ? accounts_ : contacts_; }
  const ItemTable& table(ItemKind kind) const {
    return kind == ItemKind::account ? accounts_ : contacts_;
  }
  int missing_status() const { return switches_.not_found_as_400 ? 400 : 404; }
  /// The item; nullptr when there is none; a refusal when the address is none or two.
  Found find(ItemKind kind, const Address& address) const;
  /// As find(), but a missing item is a refusal too.
  Found require(ItemKind kind, const Address& address) const;
  const Item* find_by_body(ItemKind kind, const core::Value& body) const;
  Outcome insert(ItemKind kind, const core::Value& body, bool removals);
  Outcome change(ItemKind kind, const Item& present, const core::Value& body);
  std::optional<Refusal> apply(ItemKind kind, const core::Value& body, bool removals,
                               Item& item) const;
  std::optional<Refusal> place_in_company(const core::Value& body, Item& contact) const;
  std::optional<Refusal> check_unique(ItemKind kind, const Item& item) const;
  tl::expected<std::optional<UsageOwner>, Refusal> owner(std::optional<ItemKind> kind,
                                                         const Address& address) const;
  /// A part's 404 with the status that a missing thing has here.
  Outcome with_missing_status(Outcome outcome) const;
  core::Value shown(ItemKind kind, const Item& item) const;
  /// As an element of a list (I10).
  core::Value element(ItemKind kind, const Item& item) const;

  const Switches switches_;
  UuidMaker ids_;
  ItemTable accounts_;
  ItemTable contacts_;
  Labels labels_;
  UsageLogs usage_;
};

}  // namespace assembly_sync::sandbox
