// The local Assembly without HTTP: accounts, contacts, labels, additional properties and usage logs
// with the documented behaviour, the unknowns decided by Switches. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/value.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/attributes.hpp"
#include "daemon/sandbox/items.hpp"
#include "daemon/sandbox/labels.hpp"
#include "daemon/sandbox/page.hpp"
#include "daemon/sandbox/switches.hpp"
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
  /// `clock` must outlive the model; ids follow from it and `seed`.
  Model(const Switches& switches, const core::Clock& clock, std::uint64_t seed);

  const Switches& switches() const { return switches_; }
  /// From the next operation on; what is stored stays.
  void set_switches(const Switches& switches);

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
  int missing_status() const { return switches_.missing == Missing::status_400 ? 400 : 404; }
  PageStyle page_style() const {
    return {static_cast<std::size_t>(switches_.page_cap), switches_.next_cursor};
  }
  std::int64_t now_ms() const { return core::to_ms(clock_.wall_now()); }
  core::Value with_labels(core::Value item) const;
  /// Where one thing is read: `refusal` as an answer that says nothing, if that is how it is (Q21).
  Outcome missing_read(std::string_view name, const Refusal& refusal) const;
  ItemTable::Sorted accounts_and_contacts() const;
  Outcome erased() const { return empty_answer(switches_.delete_status); }
  void erase_contacts_of(const std::string& company_id);
  void erase_item(ItemKind kind, const std::string& id);
  /// The item; nullptr when there is none; a refusal when the address is none or two.
  Found find(ItemKind kind, const Address& address) const;
  /// As find(), but a missing item is a refusal too.
  Found require(ItemKind kind, const Address& address) const;
  const Item* find_by_body(ItemKind kind, const core::Value& body) const;
  Outcome insert(ItemKind kind, const core::Value& body, Operation operation,
                 const Address& address);
  /// What an upsert that creates takes over from its URL (Q6, I17).
  void take_address(const Address& address, Item& item) const;
  Outcome change(ItemKind kind, const Item& present, const core::Value& body, Operation operation);
  std::optional<Refusal> apply(ItemKind kind, const core::Value& body, Operation operation,
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

  Switches switches_;
  const core::Clock& clock_;
  UuidMaker ids_;
  ItemTable accounts_;
  ItemTable contacts_;
  Labels labels_;
  UsageLogs usage_;
};

}  // namespace assembly_sync::sandbox
