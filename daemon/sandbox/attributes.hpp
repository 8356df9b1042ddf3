// The attributes of account and contact bodies (B1, B2, B3): which there are, where they may stand,
// what they must look like. As strict as the documentation allows, unless a switch says otherwise.
// Pure.
#pragma once

#include <optional>
#include <string>

#include "core/value.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/items.hpp"
#include "daemon/sandbox/labels.hpp"
#include "daemon/sandbox/switches.hpp"

namespace assembly_sync::sandbox {

/// Which operation a body belongs to: create knows no `removed_*`.
enum class Operation : std::uint8_t { create, update, upsert };

/// Lays `body` over `item`: an absent attribute stays, `tags` and `source_specific_ids` are added,
/// `removed_*` are removed, `additional_properties` are merged (A41-A49, A93-A101). A contact's
/// company reference is checked for its form only. On a refusal `item` is left half changed: pass a
/// copy.
std::optional<Refusal> apply_body(ItemKind kind, const core::Value& body, Operation operation,
                                  const Switches& switches, const Labels& labels, Item& item);

/// 400 when a property's value is more than the documentation shows and that is not allowed (Q27).
std::optional<Refusal> check_properties(const core::Value::Object& properties,
                                        const Switches& switches);

/// 400 when a required attribute is missing (A13-A15, A66, A67) or the domain is not one of the
/// item's type (A16, A17).
std::optional<Refusal> check_complete(ItemKind kind, const Item& item);

/// The one of `company_id`, `company_domain`, `company_source_specific_id` that the body holds
/// (A68-A71); both parts empty when there is none; of several the first or a refusal (400, I24).
struct CompanyReference {
  std::string attribute;
  std::string value;
};
tl::expected<CompanyReference, Refusal> company_reference(const core::Value& body,
                                                          const Switches& switches);

}  // namespace assembly_sync::sandbox
