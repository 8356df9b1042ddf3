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

/// One of the three ways to address an account or contact (A9-A11, A63-A65).
struct Identifier {
  enum class Kind : std::uint8_t { assembly_id, domain, key };
  Kind kind = Kind::assembly_id;
  std::string text;

  static Identifier of(const core::AssemblyId& id) { return {Kind::assembly_id, id.str()}; }
  static Identifier of(const core::Key& key) { return {Kind::key, key.str()}; }
  static Identifier of_domain(std::string domain) { return {Kind::domain, std::move(domain)}; }
};

/// Why the identifier must not be sent, or nothing: an empty one would address the whole
/// collection, and some words are endpoints of their own (Q19).
std::optional<std::string> refusal(const Identifier& identifier);

/// `/accounts/ID`, `/accounts/DOMAIN`, `/contacts?source_specific_id=KEY` (A9-A11, I1, I2). The
/// identifier must have passed refusal().
std::string item_target(Collection collection, const Identifier& identifier);
/// `/accounts/upsert?source_specific_id=KEY`
std::string upsert_target(Collection collection, const core::Key& key);
/// `/accounts?limit=100&offset=0` (A25)
std::string list_target(Collection collection, std::size_t limit, std::size_t offset);
/// `/accounts/labels` (I6)
std::string_view labels_target();

}  // namespace assembly_sync::assembly
