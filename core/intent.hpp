// Intent: the wanted state of one entity, produced by one mapping from one record. Pure data; the
// mapping makes it, sync compares it with what is known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "core/value.hpp"

namespace assembly_sync::core {

enum class EntityKind : std::uint8_t { company, customer, contact, usage };

constexpr std::string_view to_text(EntityKind kind) {
  constexpr std::string_view kNames[] = {"company", "customer", "contact", "usage"};
  return kNames[static_cast<int>(kind)];
}

std::optional<EntityKind> parse_entity_kind(std::string_view text);

/// What becomes of an entity whose record is deleted in the CRM.
enum class OnDelete : std::uint8_t { ignore, tag, remove };

struct Intent {
  std::string mapping;  // its name in the configuration
  EntityKind kind = EntityKind::company;
  Key key;
  /// Contacts: the parent company, by key or by domain; exactly one is set.
  std::optional<Key> company_key;
  std::optional<std::string> company_domain;
  /// Assembly attribute -> value (B1, B3), nulls left out. Labels are names, not ids; `tags` is a
  /// list of names. Dates are `YYYY-MM-DD`.
  Value::Object fields;
  Value::Object additional_properties;
  OnDelete on_delete = OnDelete::ignore;
};

/// As `map --json` shows it: {to,key,company,fields,tags,additional_properties}.
Value to_value(const Intent& intent);

}  // namespace assembly_sync::core
