// The attributes of account and contact bodies (B1, B2, B3): which there are, where they may stand,
// what they must look like. As strict as the page allows, so that a client that passes here sends
// nothing the page does not show. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/value.hpp"
#include "daemon/sandbox/answer.hpp"
#include "daemon/sandbox/items.hpp"
#include "daemon/sandbox/labels.hpp"

namespace assembly_sync::sandbox {

/// Lays `body` over `item`: an absent attribute stays, `tags` and `source_specific_ids` are added,
/// `removed_*` are removed, `additional_properties` are merged (A41-A49, A93-A101). With `removals`
/// false (create) `removed_*` are unknown attributes. A contact's company reference is checked for
/// its form only. On a refusal (400) `item` is left half changed: pass a copy.
std::optional<Refusal> apply_body(ItemKind kind, const core::Value& body, bool removals,
                                  const Labels& labels, Item& item);

/// 400 when a required attribute is missing (A13-A15, A66, A67) or the domain is not one of the
/// item's type (A16, A17).
std::optional<Refusal> check_complete(ItemKind kind, const Item& item);

/// The one of `company_id`, `company_domain`, `company_source_specific_id` that the body holds
/// (A68-A71); both parts empty when there is none, a refusal (400) when there are several (I24).
struct CompanyReference {
  std::string attribute;
  std::string value;
};
tl::expected<CompanyReference, Refusal> company_reference(const core::Value& body);

}  // namespace assembly_sync::sandbox
