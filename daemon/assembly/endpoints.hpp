// Where Assembly's things are: paths and queries, and the identifiers that must never be put into
// one. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"

namespace assembly_sync::assembly {

/// Customers are accounts with `type: Customer`; contacts have a collection of their own (I26).
enum class Collection : std::uint8_t { accounts, contacts };

/// `accounts`
std::string_view to_text(Collection collection);
/// `account`: what one of them is wrapped in (A35, A89).
std::string_view singular(Collection collection);

/// One of the three ways to address an account or contact (A9-A11, A63-A65). One kind only, so that
/// no request ever carries two identifiers (Q20).
struct Identifier {
  enum class Kind : std::uint8_t { assembly_id, domain, key };
  Kind kind = Kind::assembly_id;
  std::string text;

  static Identifier of(const core::AssemblyId& id) { return {Kind::assembly_id, id.str()}; }
  static Identifier of(const core::Key& key) { return {Kind::key, key.str()}; }
  static Identifier of_domain(std::string domain) { return {Kind::domain, std::move(domain)}; }
};

/// What usage logs are about: an account or a contact (A155), or the organisation as a whole
/// (A156).
struct UsageTarget {
  struct Item {
    Collection collection = Collection::accounts;
    Identifier identifier;
  };
  std::optional<Item> item;  // nothing: the organisation

  static UsageTarget organisation() { return {}; }
  static UsageTarget of(Collection collection, Identifier identifier) {
    return {Item{collection, std::move(identifier)}};
  }
};

/// Why the identifier must not be sent, or nothing: an empty one would address the whole
/// collection, and some words are endpoints of their own (Q19).
std::optional<std::string> refusal(const Identifier& identifier);
std::optional<std::string> refusal(const UsageTarget& target);
/// The same for the ids of labels and of usage logs, which stand beside other words in their paths.
std::optional<std::string> label_refusal(const core::AssemblyId& label);
std::optional<std::string> log_refusal(const core::AssemblyId& log);

// The identifiers below must have passed their refusal.

/// `/accounts` or `/contacts`: create.
std::string collection_target(Collection collection);
/// `/accounts/ID`, `/accounts/DOMAIN`, `/contacts?source_specific_id=KEY` (A9-A11, I1, I2).
std::string item_target(Collection collection, const Identifier& identifier);
/// `/accounts/upsert/ID`, `/accounts/upsert?source_specific_id=KEY` (I3)
std::string upsert_target(Collection collection, const Identifier& identifier);
/// `/accounts?limit=100&offset=0` (A25)
std::string list_target(Collection collection, std::size_t limit, std::size_t offset);
/// `/contacts/company/ID?limit=…`, `/contacts/company?company_source_specific_id=KEY&limit=…`
/// (A79-A84)
std::string company_contacts_target(const Identifier& company, std::size_t limit,
                                    std::size_t offset);
/// `/add_props/accounts/ID`, `/add_props/contacts?source_specific_id=KEY` (A114-A116, I4)
std::string properties_target(Collection collection, const Identifier& identifier);
/// `/usage`, `/usage/accounts/ID`, `/usage/contacts?source_specific_id=KEY` (A155, A156, I5)
std::string usage_target(const UsageTarget& target);
std::string usage_list_target(const UsageTarget& target, std::size_t limit, std::size_t offset);
/// `/usage/ID` (A163)
std::string log_target(const core::AssemblyId& log);
/// `PREFIX/ID` (A138); which prefix is the client's setting (I6).
std::string label_target(std::string_view prefix, const core::AssemblyId& label);

}  // namespace assembly_sync::assembly
